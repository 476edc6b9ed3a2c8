/**
 * Round-trip times of the answered pings of a socket, in milliseconds.
 *
 * @public
 */
export interface RttStats {
  readonly lastMs: number
  /** Smoothed with a gain of 1/8, as TCP does it (RFC 6298). */
  readonly smoothedMs: number
  /** The 95th percentile of the last 32 samples. */
  readonly p95Ms: number
}

const SAMPLES = 32

/** Keeps what the statistics need; works them out only when they are asked for. */
export class Rtt {
  readonly #samples: number[] = []
  #count = 0
  smoothedMs = 0

  get lastMs(): number | undefined {
    return this.#samples[(this.#count - 1) % SAMPLES]
  }

  add(ms: number): void {
    this.#samples[this.#count++ % SAMPLES] = ms
    this.smoothedMs += this.#count === 1 ? ms : (ms - this.smoothedMs) / 8
  }

  stats(): RttStats | undefined {
    const sorted = [...this.#samples].sort((a, b) => a - b)
    const { lastMs } = this
    const p95Ms = sorted[Math.ceil(sorted.length * 0.95) - 1]
    if (lastMs === undefined || p95Ms === undefined) return undefined
    return { lastMs, smoothedMs: this.smoothedMs, p95Ms }
  }
}
