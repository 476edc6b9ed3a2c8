import { me } from './me.js'

/** How often a page says that it is still there. */
const BEAT_MS = 5_000
/** Two of its beats did not come: its name fades. */
const FADE_MS = 11_000
/** So long, and nobody believes in it any more. */
const GONE_MS = 30_000
/** A newcomer is answered after a moment drawn by chance: not by all at once. */
const ANSWER_MS = 400

/** @typedef {import('./schemas.js').PresencePayload} PresencePayload */

/**
 * Who seems to be in a room. A plain server does not say; so each page says hello, repeats that it is there, and says
 * bye where it can. A page that was cut off says nothing: that is seen by its silence, later.
 */
export class People {
  /** @type {Map<string, { name: string, heardAt: number }>} */
  #others = new Map()
  #room

  /** @param {import('../../src/index.ts').Room<any>} room */
  constructor(room) {
    this.#room = room
  }

  /** @param {PresencePayload['state']} state */
  say(state) {
    if (this.#room.status !== 'joined') return
    const { id, name } = me
    // Old news is no news: what cannot go at once need not go at all.
    this.#room.send('presence', { state, from: { id, name } }, { volatile: true })
  }

  /** Says so again and again, until the undo is called. */
  beat() {
    const timer = setInterval(() => this.say('here'), BEAT_MS)
    return () => clearInterval(timer)
  }

  /** @param {PresencePayload} presence @param {number} now */
  heard({ from, state }, now) {
    if (from.id === me.id) return
    if (state === 'bye') this.#others.delete(from.id)
    else this.#others.set(from.id, { name: from.name, heardAt: now })
    if (state === 'hello') setTimeout(() => this.say('here'), Math.random() * ANSWER_MS)
  }

  /** Who speaks is there. @param {import('./me.js').Person} person @param {number} now */
  spoke({ id, name }, now) {
    if (id !== me.id) this.#others.set(id, { name, heardAt: now })
  }

  /** The others, the latest newcomer last. @param {number} now */
  list(now) {
    for (const [id, { heardAt }] of this.#others) {
      if (now - heardAt > GONE_MS) this.#others.delete(id)
    }
    return [...this.#others].map(([id, { name, heardAt }]) => {
      const silentMs = now - heardAt
      return { id, name, silentMs, faded: silentMs > FADE_MS }
    })
  }
}
