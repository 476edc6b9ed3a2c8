/**
 * A set of whole numbers, kept as ranges: a million numbers in a row cost as much as one. The server keeps what came
 * in it, sends its ranges to the page, and the page asks it what is missing.
 *
 * @typedef {readonly [from: number, to: number]} Range
 */
export class NumberSet {
  /** Sorted, apart from each other by at least one missing number. @type {[number, number][]} */
  #ranges = []
  #maxRanges

  constructor(maxRanges = Infinity) {
    this.#maxRanges = maxRanges
  }

  /** @param {readonly Range[]} ranges sorted and apart, as `ranges` gives them */
  static from(ranges) {
    const set = new NumberSet()
    set.#ranges = ranges.map(([from, to]) => [from, to])
    return set
  }

  /** @returns {readonly Range[]} */
  get ranges() {
    return this.#ranges
  }

  get size() {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  }

  /** The highest number; 0 when there is none. */
  get highest() {
    return this.#ranges.at(-1)?.[1] ?? 0
  }

  /** @param {number} number */
  has(number) {
    const range = this.#ranges[this.#placeOf(number)]
    return range !== undefined && range[0] <= number
  }

  /**
   * @param {number} number
   * @returns {'added' | 'known' | 'full'} `full` where one more range would be needed than there may be
   */
  add(number) {
    if (this.has(number)) return 'known'
    const place = this.#placeOf(number)
    const before = this.#ranges[place - 1]
    const after = this.#ranges[place]
    const joinsBefore = before !== undefined && before[1] === number - 1
    const joinsAfter = after !== undefined && after[0] === number + 1
    if (joinsBefore && joinsAfter) {
      before[1] = after[1]
      this.#ranges.splice(place, 1)
    } else if (joinsBefore) before[1] = number
    else if (joinsAfter) after[0] = number
    else if (this.#ranges.length >= this.#maxRanges) return 'full'
    else this.#ranges.splice(place, 0, [number, number])
    return 'added'
  }

  /** The ranges between 1 and the highest number that are not in the set. @returns {Range[]} */
  gaps() {
    let next = 1
    return this.#ranges.flatMap(([from, to]) => {
      /** @type {Range} */
      const gap = [next, from - 1]
      next = to + 1
      return gap[0] <= gap[1] ? [gap] : []
    })
  }

  /** The first range that ends at `number` or after it. */
  #placeOf(number) {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      const range = this.#ranges[middle]
      if (range !== undefined && range[1] < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
