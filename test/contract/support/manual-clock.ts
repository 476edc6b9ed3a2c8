import type { Clock } from 'holdfast'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** How many timers are set. */
  readonly pending: number
  /** Goes on by so many milliseconds, calling what falls due on the way, at its time and in order. */
  advance(ms: number): Promise<void>
}

/** Enough for whatever the library awaits between two timers. */
async function microtasks(): Promise<void> {
  for (let done = 0; done < 20; done++) await undefined
}

export function createManualClock(start = 1_000_000): ManualClock {
  const timers = new Set<Timer>()
  let time = start
  let count = 0
  const nextUpTo = (limit: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at || a.order - b.order)[0]
  return {
    now: () => time,
    setTimer(callback, ms) {
      const timer = { at: time + ms, order: count++, callback }
      timers.add(timer)
      return timer
    },
    clearTimer: (handle) => void timers.delete(handle as Timer),
    get pending() {
      return timers.size
    },
    async advance(ms) {
      const end = time + ms
      await microtasks()
      for (let timer = nextUpTo(end); timer; timer = nextUpTo(end)) {
        timers.delete(timer)
        time = Math.max(time, timer.at)
        timer.callback()
        await microtasks()
      }
      time = end
    },
  }
}
