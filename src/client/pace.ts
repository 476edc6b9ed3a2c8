/** How long what is under way may wait in a queue on the way, in milliseconds. */
const QUEUE_MS = 30
const FIRST_BYTES = 32_768
const LEAST_BYTES = 16_384
const MOST_BYTES = 4_194_304
/** How many samples a rate is remembered. */
const SAMPLES = 8
/** By what the window grows while nothing queues. */
const GROWTH = 1.5

/**
 * How many bytes of large messages may be under way without proof that they arrived. The kernel and every router on
 * the way keep what they cannot send yet, so `bufferedAmount` says little; a ping sent behind the bytes tells how fast
 * they arrive. The window is what the way takes in two round trips (the proof is half a window late) and a little
 * more, so that the line never runs dry and the queue stays short; compare BBR.
 */
export class Pace {
  windowBytes: number = FIRST_BYTES
  /** The shortest round trip seen on this link: what the way takes without a queue on it. */
  #baseMs = Infinity
  /** Bytes a millisecond, latest last. */
  #rates: readonly number[] = []
  /** When the last ping was sent and answered, or since when bytes are under way. */
  #pingedAt = 0
  #answeredAt = 0

  /** A new link may take another way. */
  reset(): void {
    this.windowBytes = FIRST_BYTES
    this.#baseMs = Infinity
    this.#rates = []
  }

  /** Bytes were written while none were under way. */
  began(now: number): void {
    this.#pingedAt = this.#answeredAt = now
  }

  /** A ping was answered after `rttMs`, which proves `bytes` more. */
  sample(rttMs: number, bytes: number, now: number): void {
    this.#baseMs = Math.min(this.#baseMs, rttMs)
    // They were written between two pings, and proven between two answers. Where this thread was held up, one of the
    // two is too short: an answer that waited to be read makes the next one seem fast.
    const pingedAt = now - rttMs
    const tookMs = Math.max(now - this.#answeredAt, pingedAt - this.#pingedAt, 1)
    this.#pingedAt = pingedAt
    this.#answeredAt = now
    this.#rates = [...this.#rates, bytes / tookMs].slice(-SAMPLES)
    const fitting = Math.max(...this.#rates) * (2 * this.#baseMs + QUEUE_MS)
    // Without a queue the window is what limits the rate.
    const hasQueue = rttMs - this.#baseMs > QUEUE_MS / 2
    const wanted = hasQueue ? fitting : Math.max(fitting, this.windowBytes * GROWTH)
    const least = Math.max(this.windowBytes / 2, LEAST_BYTES)
    this.windowBytes = Math.min(Math.max(wanted, least), this.windowBytes * 2, MOST_BYTES)
  }
}
