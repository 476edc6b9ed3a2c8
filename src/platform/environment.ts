import type { Clock } from '../base/clock.ts'

/**
 * The wall clock, made never to go back. It goes on while the machine sleeps, which `performance.now()` does not
 * everywhere, and a sleep must be seen. A clock that is set back would make every deadline late by as much, so
 * the difference is added from then on.
 */
function steadyNow(): () => number {
  let last = 0
  let shift = 0
  return () => {
    const wall = Date.now()
    if (wall + shift < last) shift = last - wall
    last = wall + shift
    return last
  }
}

export const clock: Clock = {
  now: /* @__PURE__ */ steadyNow(),
  setTimer: (callback, ms) => setTimeout(callback, ms),
  clearTimer: (handle) => clearTimeout(handle as number),
}

export function random(): number {
  return Math.random()
}

/**
 * In a page or a worker the error goes where an uncaught error of a listener goes. Elsewhere `reportError`, if there
 * is one, may end the process, and a listener that throws is no reason for that.
 */
export function report(error: unknown): void {
  const isPage = 'document' in globalThis || 'importScripts' in globalThis
  if (isPage && typeof reportError === 'function') reportError(error)
  else console.error(error)
}
