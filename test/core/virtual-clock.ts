import type { Clock } from '../../src/base/clock.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until the test moves it. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>()
  #now = 1_000_000

  now(): number {
    return this.#now
  }

  get pending(): number {
    return this.#timers.size
  }

  setTimer(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + ms, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimer(handle: unknown): void {
    this.#timers.delete(handle as Timer)
  }

  /** Lets time pass, and calls on its way what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let rounds = 0; ; rounds++) {
      if (rounds > 100_000) throw new Error('The timers set themselves without end')
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }
}
