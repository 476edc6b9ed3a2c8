import { drawId, me } from './me.js'

/** How often it is measured while somebody wants to know, and else. */
const BUSY_MS = 400
const IDLE_MS = 2_000
const KEPT = 15

/**
 * How long a small message takes to the server and back: one to a room in which only this page is. It goes the way of
 * any chat line.
 */
export class RoundTrip {
  /** @type {number | undefined} */
  lastMs
  /** The longest since `watch` was called. */
  worstMs = 0
  busy = false
  /** @type {number[]} */
  #recent = []
  /** @type {Map<string, number>} */
  #sentAt = new Map()
  #room

  /** @param {import('./talk-client.js').TalkClient} client */
  constructor(client) {
    this.#room = client.room(`probe:${me.id}`)
    this.#room.on('probe', ({ payload }) => this.#back(payload.id, performance.now()))
    this.#next()
  }

  /** Its usual length: what most of the last ones took. */
  get usualMs() {
    return [...this.#recent].sort((a, b) => a - b)[Math.floor(this.#recent.length / 2)]
  }

  /** From now on it is measured often. */
  watch() {
    this.busy = true
    this.worstMs = 0
    this.#next()
  }

  unwatch() {
    this.busy = false
  }

  #timer

  #next() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#next(), this.busy ? BUSY_MS : IDLE_MS)
    if (this.#room.status !== 'joined') return
    const id = drawId()
    // Those that were lost with a link do not come back.
    if (this.#sentAt.size > KEPT) this.#sentAt.clear()
    this.#sentAt.set(id, performance.now())
    this.#room.send('probe', { id }, { volatile: true })
  }

  #back(id, now) {
    const sentAt = this.#sentAt.get(id)
    if (sentAt === undefined) return
    this.#sentAt.delete(id)
    this.lastMs = now - sentAt
    if (this.busy) this.worstMs = Math.max(this.worstMs, this.lastMs)
    else this.#recent = [...this.#recent, this.lastMs].slice(-KEPT)
  }
}
