import type { Clock } from '../base/clock.ts'

/** The longest wait a timer can take: 2^31 - 1 ms. A longer one is waited for in parts. */
const MAX_TIMER_MS = 2_147_483_647

/** How to wake. */
export interface AlarmSettings {
  readonly clock: Clock
  readonly unref: boolean
}

/** Who is woken. */
export interface AlarmHost {
  ring(): void
}

/** The one timer of a socket: it is set to the soonest of all deadlines, and set again when that changes. */
export class Alarm {
  readonly #settings: AlarmSettings
  readonly #host: AlarmHost
  #timer: unknown
  #at = Infinity

  constructor(settings: AlarmSettings, host: AlarmHost) {
    this.#settings = settings
    this.#host = host
  }

  set(at: number): void {
    if (at === this.#at) return
    const { clock, unref } = this.#settings
    clock.clearTimer(this.#timer)
    this.#at = at
    const ring = () => {
      // A timer that is over is not kept: it takes more memory than all this.
      this.#timer = undefined
      this.#at = Infinity
      this.#host.ring()
    }
    const ms = Math.min(Math.max(at - clock.now(), 0), MAX_TIMER_MS)
    this.#timer = at < Infinity ? clock.setTimer(ring, ms) : undefined
    if (unref) (this.#timer as { unref?: () => void } | undefined)?.unref?.()
  }
}
