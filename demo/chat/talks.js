import { Talk } from './talk.js'

/** The rooms of this page, one of which is shown. */
export class Talks {
  /** @type {Map<string, Talk>} */
  #talks = new Map()
  /** @type {Talk | undefined} */
  #current
  #client
  #changed

  /** @param {import('./talk-client.js').TalkClient} client @param {() => void} changed */
  constructor(client, changed) {
    this.#client = client
    this.#changed = changed
  }

  get all() {
    return [...this.#talks.values()]
  }

  get current() {
    return this.#current
  }

  /** Joins a room if need be, and shows it. @param {string} name */
  show(name) {
    const talk = this.#talks.get(name) ?? new Talk(this.#client, name, this.#changed)
    this.#talks.set(name, talk)
    if (this.#current) this.#current.shown = false
    this.#current = talk
    talk.show()
    this.#changed()
  }

  /** Leaves the room that is shown, and shows another one. */
  leave() {
    const talk = this.#current
    if (!talk) return
    talk.leave()
    this.#talks.delete(talk.name)
    this.#current = this.all[0]
    this.#current?.show()
    this.#changed()
  }

  /** @param {import('./schemas.js').PresencePayload['state']} state */
  say(state) {
    for (const { people } of this.#talks.values()) people.say(state)
  }
}
