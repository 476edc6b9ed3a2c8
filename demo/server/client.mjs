import { NumberSet } from '../shared/number-set.js'

/** More gaps than that no page has that counts: whoever makes them is not ours. */
const MAX_RANGES = 1_000
/** A page has one link, and for a moment two while one replaces the other. */
const MAX_SOCKETS = 4

/** What the server knows of one page: its links, the numbers that came, and what is being done to it. */
export class Client {
  numbers = new NumberSet(MAX_RANGES)
  duplicates = 0
  /** @type {Set<import('ws').WebSocket>} */
  sockets = new Set()
  seenAt = Date.now()
  #refusedUntil = 0

  /** @param {import('ws').WebSocket} socket */
  attach(socket) {
    const [oldest] = this.sockets
    if (this.sockets.size >= MAX_SOCKETS) oldest?.terminate()
    this.sockets.add(socket)
    this.seenAt = Date.now()
    socket.on('close', () => {
      this.sockets.delete(socket)
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

  get refusing() {
    return Date.now() < this.#refusedUntil
  }

  /** Ends its links without a closing handshake, as a broken network would. */
  cut() {
    for (const socket of this.sockets) socket.terminate()
  }

  /** @param {number} ms */
  refuse(ms) {
    this.#refusedUntil = Date.now() + ms
    this.cut()
  }
}
