import { NumberSet } from '../shared/number-set.js'

/** More gaps than that no page has that counts: whoever makes them is not ours. */
const MAX_RANGES = 1_000
/** A page has one link, and for a moment two while one replaces the other. */
const MAX_LINKS = 4

/** As on a connection across the country: on loopback all would be over before one sees it. */
const usual = { latencyMs: 12, jitterMs: 16, bytesPerSecond: 1_000_000 }
/** As at the edge of a mobile network. */
const slow = { latencyMs: 380, jitterMs: 60, bytesPerSecond: 1_024 }

/**
 * @typedef {object} Link
 * @property {import('./line.mjs').Line} line
 * @property {object} socket
 * @property {(event: 'close', listener: () => void) => unknown} socket.on
 * @property {() => void} socket.terminate
 * @property {(code: number, reason?: string) => void} socket.close
 */

/** What the server knows of one page: its links, the numbers that came, and what is being done to it. */
export class Client {
  numbers = new NumberSet(MAX_RANGES)
  duplicates = 0
  /** @type {Set<Link>} */
  links = new Set()
  seenAt = Date.now()
  slow = false
  offline = false
  #refusedUntil = 0

  /** @param {Link} link */
  attach(link) {
    const [oldest] = this.links
    if (this.links.size >= MAX_LINKS) oldest?.socket.terminate()
    this.links.add(link)
    this.seenAt = Date.now()
    link.socket.on('close', () => {
      this.links.delete(link)
      this.seenAt = Date.now()
    })
  }

  /** Books a number. Answers whether there was room for it. @param {number} number */
  book(number) {
    const outcome = this.numbers.add(number)
    if (outcome === 'known') this.duplicates++
    return outcome !== 'full'
  }

  /** What the page is told: which numbers came, and how often one came again. */
  get count() {
    const { numbers, duplicates } = this
    return { received: numbers.size, ranges: numbers.ranges, duplicates }
  }

  get pace() {
    return this.slow ? slow : usual
  }

  /** Whether new links are turned away. */
  get refusing() {
    return this.offline || Date.now() < this.#refusedUntil
  }

  /** @param {number} ms */
  refuse(ms) {
    this.#refusedUntil = Date.now() + ms
  }

  /** Ends its links without a closing handshake, as a broken network would. */
  cut() {
    for (const { socket } of this.links) socket.terminate()
  }

  /** Leaves its links standing and lets nothing through. */
  silence() {
    for (const { line } of this.links) line.silence()
  }

  /** Ends its links by a closing handshake. @param {number} code @param {string} [reason] */
  close(code, reason) {
    for (const { socket } of this.links) socket.close(code, reason)
  }
}
