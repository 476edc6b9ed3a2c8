import { NumberSet } from '../shared/number-set.js'

/**
 * Where a numbered message is:
 *
 * - `unsent`: not sent yet.
 * - `waiting`: in the socket's queue.
 * - `underway`: written, and the server has not said that it came.
 * - `arrived`: the server has it.
 * - `doubt`: told as in doubt when a link was lost, and the server has not been heard since.
 * - `lost`: told as in doubt or dropped, and the server, heard since, does not have it.
 * - `missing`: the server lacks it, and nobody told us that this may be. It must never happen.
 *
 * @typedef {'unsent' | 'waiting' | 'underway' | 'arrived' | 'doubt' | 'lost' | 'missing'} Place
 */

/** The book that the page keeps of its own messages, held against the server's. */
export class Ledger {
  sent = 0
  duplicates = 0
  /** In the socket's queue, first in, first out. @type {Set<number>} */
  #waiting = new Set()
  /** What the server has. */
  #had = new NumberSet()
  /** Told as in doubt or dropped. */
  #told = new NumberSet()
  /** Told as in doubt since the server was last heard. @type {Set<number>} */
  #open = new Set()

  /** The next number was handed to the socket, which now holds `queued` messages. */
  wrote(queued) {
    this.sent++
    if (queued > this.#waiting.size) this.#waiting.add(this.sent)
  }

  /** The socket now holds `queued` messages; what it no longer holds left from the head. */
  holds(queued) {
    for (const number of this.#waiting) {
      if (this.#waiting.size <= queued) return
      this.#waiting.delete(number)
    }
  }

  /**
   * The socket told these numbers as in doubt. Answers those that the server has not counted yet.
   *
   * @param {readonly number[]} numbers
   */
  doubted(numbers) {
    const open = numbers.filter((number) => !this.#had.has(number))
    for (const number of open) {
      this.#told.add(number)
      this.#open.add(number)
    }
    return open
  }

  /** The socket told that it will not send this number. */
  dropped(number) {
    this.#told.add(number)
  }

  /**
   * The server said what it has. Answers what became of the numbers that were in doubt until now.
   *
   * @param {{ ranges: readonly (readonly [number, number])[], duplicates: number }} count
   */
  counted({ ranges, duplicates }) {
    this.#had = NumberSet.from(ranges)
    this.duplicates = duplicates
    const settled = [...this.#open]
    this.#open.clear()
    return {
      arrived: settled.filter((number) => this.#had.has(number)),
      lost: settled.filter((number) => !this.#had.has(number)),
    }
  }

  /** @returns {Place} */
  placeOf(number) {
    if (number > this.sent) return 'unsent'
    if (this.#had.has(number)) return 'arrived'
    if (this.#waiting.has(number)) return 'waiting'
    if (this.#open.has(number)) return 'doubt'
    if (this.#told.has(number)) return 'lost'
    return number < this.#had.highest ? 'missing' : 'underway'
  }

  get arrived() {
    return this.#had.size
  }

  get waiting() {
    return this.#waiting.size
  }

  /** Numbers that are in doubt. */
  get doubt() {
    return [...this.#open]
  }

  /** Numbers that were told as in doubt or dropped, and did not arrive. */
  get lost() {
    return this.#told.ranges.flatMap(numbersOf).filter((number) => this.placeOf(number) === 'lost')
  }

  /** Numbers that the server lacks although nothing said so. */
  get missing() {
    const gaps = this.#had.gaps().flatMap(numbersOf)
    return gaps.filter((number) => this.placeOf(number) === 'missing')
  }
}

/** @param {readonly [number, number]} range */
function numbersOf([from, to]) {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
