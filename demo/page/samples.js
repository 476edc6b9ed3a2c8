/** Values over time, as far back as they are shown. A `null` is a gap. */
export class Samples {
  #keepMs
  /** @type {number[]} */
  #times = []
  /** @type {(number | null)[]} */
  #values = []

  /** @param {number} keepMs */
  constructor(keepMs) {
    this.#keepMs = keepMs
  }

  /** @param {number} at @param {number | null} value */
  add(at, value) {
    this.#times.push(at)
    this.#values.push(value)
    // One older value stays: the line comes from somewhere.
    while ((this.#times[1] ?? Infinity) < at - this.#keepMs) {
      this.#times.shift()
      this.#values.shift()
    }
  }

  /** For a plot: how many seconds ago, and what. @param {number} now */
  ago(now) {
    return /** @type {[number[], (number | null)[]]} */ ([
      this.#times.map((time) => (time - now) / 1_000),
      [...this.#values],
    ])
  }

  /** The values that are shown, gaps left out. @param {number} now @returns {number[]} */
  since(now) {
    const first = now - this.#keepMs
    return this.#values.flatMap((value, index) =>
      value === null || (this.#times[index] ?? 0) < first ? [] : [value],
    )
  }
}
