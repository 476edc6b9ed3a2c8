/** More bytes on the way than that, and no more are taken: a slow line pushes back, as a real one does. */
const MAX_BYTES_ON_THE_WAY = 65_536

/**
 * How fast a line is.
 *
 * @typedef {object} Pace
 * @property {number} latencyMs
 * @property {number} jitterMs up to this much is added to the latency, anew for each piece
 * @property {number} bytesPerSecond
 */

/**
 * One direction of a line: what goes in comes out later, in order. Bytes of one stream must never overtake each other,
 * whatever the pace is changed to meanwhile.
 */
export class Delay {
  /** @type {{ at: number, chunk: Buffer | null }[]} */
  #pieces = []
  #bytes = 0
  /** When the last byte that was taken has passed the bottleneck. */
  #freeAt = 0
  #timer
  /** @type {(() => void) | undefined} */
  #goOn
  #deliver
  #pace

  /**
   * @param {() => Pace} pace asked for each piece
   * @param {(chunk: Buffer | null) => void} deliver `null` is the end
   */
  constructor(pace, deliver) {
    this.#pace = pace
    this.#deliver = deliver
  }

  /** @param {Buffer | null} chunk `null` for the end @param {() => void} done called when there is room for more */
  push(chunk, done) {
    const { latencyMs, jitterMs, bytesPerSecond } = this.#pace()
    const size = chunk?.length ?? 0
    this.#freeAt = Math.max(Date.now(), this.#freeAt) + (size / bytesPerSecond) * 1_000
    const at = Math.max(this.#freeAt + latencyMs + Math.random() * jitterMs, this.#pieces.at(-1)?.at ?? 0)
    this.#pieces.push({ at, chunk })
    this.#bytes += size
    if (this.#bytes < MAX_BYTES_ON_THE_WAY) done()
    else this.#goOn = done
    this.#arm()
  }

  /** Forgets what is on the way. */
  clear() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pieces = []
    this.#bytes = 0
    this.#goOn = undefined
  }

  #arm() {
    const [first] = this.#pieces
    if (first && this.#timer === undefined)
      this.#timer = setTimeout(() => this.#due(), Math.max(0, first.at - Date.now()))
  }

  #due() {
    this.#timer = undefined
    for (let [first] = this.#pieces; first && first.at <= Date.now(); [first] = this.#pieces) {
      this.#pieces.shift()
      this.#bytes -= first.chunk?.length ?? 0
      this.#deliver(first.chunk)
    }
    if (this.#bytes < MAX_BYTES_ON_THE_WAY) {
      const goOn = this.#goOn
      this.#goOn = undefined
      goOn?.()
    }
    this.#arm()
  }
}
