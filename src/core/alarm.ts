import type { Clock } from '../base/clock.ts'

/** The longest wait a timer can take: 2^31 - 1 ms. A longer one is waited for in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The one timer of a socket: it is set to the soonest of all deadlines, and set again when that changes. */
export class Alarm {
  readonly #clock: Clock
  readonly #unref: boolean
  readonly #ring: () => void
  #timer: unknown
  #at = Infinity

  constructor(clock: Clock, unref: boolean, ring: () => void) {
    this.#clock = clock
    this.#unref = unref
    this.#ring = () => {
      this.#at = Infinity
      ring()
    }
  }

  set(at: number): void {
    if (at === this.#at) return
    this.#clock.clearTimer(this.#timer)
    this.#at = at
    if (at === Infinity) return
    const ms = Math.min(Math.max(at - this.#clock.now(), 0), MAX_TIMER_MS)
    this.#timer = this.#clock.setTimer(this.#ring, ms)
    if (this.#unref) (this.#timer as { unref?: () => void }).unref?.()
  }
}
