/** How long a small message may wait behind large ones, in milliseconds; half of what a chat may notice. */
const TARGET_MS = 50
const FIRST_BYTES = 32_768
const LEAST_BYTES = 16_384
const MOST_BYTES = 4_194_304

/**
 * How many bytes of large messages may be under way without proof that they arrived. The kernel and every router on
 * the way keep what they cannot send yet, so `bufferedAmount` says little; the round trip of a ping sent behind
 * the bytes tells how long a message waits. The window grows while that is short and shrinks as it grows, as LEDBAT
 * (RFC 6817) does it.
 */
export class Pace {
  windowBytes: number = FIRST_BYTES
  /** The shortest round trip seen on this link: what the way takes without a queue on it. */
  #baseMs = Infinity

  /** A new link may take another way. */
  reset(): void {
    this.windowBytes = FIRST_BYTES
    this.#baseMs = Infinity
  }

  /** A ping behind `bytes` under way was answered after `rttMs`. */
  sample(rttMs: number): void {
    this.#baseMs = Math.min(this.#baseMs, rttMs)
    const waitedMs = rttMs - this.#baseMs
    const factor = waitedMs <= TARGET_MS / 2 ? 2 : Math.max(TARGET_MS / waitedMs, 0.25)
    const window = waitedMs > TARGET_MS / 2 && waitedMs <= TARGET_MS ? 1 : factor
    this.windowBytes = Math.min(Math.max(this.windowBytes * window, LEAST_BYTES), MOST_BYTES)
  }
}
