import { drawId, me } from './me.js'
import { People } from './people.js'

/** Older lines than that are forgotten. */
const MAX_LINES = 200

/**
 * A line of a talk: what somebody said, or what the page has to say about the talk.
 *
 * @typedef {object} Line
 * @property {string} id
 * @property {'own' | 'other' | 'note'} kind
 * @property {string} text
 * @property {Date} at
 * @property {string} [name]
 * @property {import('../../src/index.ts').Receipt} [receipt] of what we said
 * @property {number} [sentAt] by `performance.now()`
 * @property {number} [backMs] after how long our own line came back: the server sends it to us as to the others
 * @property {string} [error] why it could not be sent
 */

/** What is said in a room, and who seems to be there. */
export class Talk {
  /** @type {Line[]} */
  lines = []
  unread = 0
  /** Whether it is the one that is shown. */
  shown = false
  #changed
  #stopBeat

  /**
   * @param {import('./talk-client.js').TalkClient} client
   * @param {string} name
   * @param {() => void} changed
   */
  constructor(client, name, changed) {
    this.name = name
    this.room = client.room(name)
    this.people = new People(this.room)
    this.#changed = changed
    this.#stopBeat = this.people.beat()
    this.room.on('chat.line', ({ payload }) => this.#heard(payload))
    this.room.on('presence', ({ payload }) => {
      this.people.heard(payload, performance.now())
      changed()
    })
    this.room.events.on('status', () => this.#greet())
    this.room.events.on('gap', ({ fromMs, toMs }) => this.#gap(new Date(fromMs), new Date(toMs)))
    this.#greet()
  }

  #greet() {
    if (this.room.status === 'joined') this.people.say('hello')
    this.#changed()
  }

  /** @param {Line} line */
  #add(line) {
    this.lines.push(line)
    if (this.lines.length > MAX_LINES) this.lines.shift()
    this.#changed()
  }

  /** @param {Date} from @param {Date} to */
  #gap(from, to) {
    const times = `${from.toLocaleTimeString()} and ${to.toLocaleTimeString()}`
    const text = `Joined again. What others said between ${times} may be missing here.`
    this.#add({ id: drawId(), kind: 'note', text, at: to })
  }

  /** @param {import('./schemas.js').LinePayload} payload */
  #heard({ id, text, from }) {
    this.people.spoke(from, performance.now())
    const own = this.lines.find((line) => line.id === id)
    if (own?.sentAt !== undefined) {
      own.backMs ??= performance.now() - own.sentAt
      this.#changed()
      return
    }
    if (!this.shown) this.unread++
    this.#add({ id, kind: 'other', text, name: from.name, at: new Date() })
  }

  /** @param {string} text */
  say(text) {
    const id = drawId()
    /** @type {Line} */
    const line = { id, kind: 'own', text, at: new Date(), name: me.name, sentAt: performance.now() }
    try {
      line.receipt = this.room.send('chat.line', { id, text, from: { id: me.id, name: me.name } })
    } catch (error) {
      line.error = /** @type {Error} */ (error).message
    }
    this.#add(line)
  }

  show() {
    this.shown = true
    this.unread = 0
  }

  leave() {
    this.people.say('bye')
    this.#stopBeat()
    this.room.leave()
  }
}
