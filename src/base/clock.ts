/**
 * The clock that the socket lives by. Give your own in tests.
 *
 * @public
 */
export interface Clock {
  /** Milliseconds from a fixed moment on. Never goes back; goes on while the machine sleeps. */
  now(): number
  /** Calls `callback` once, in a later macrotask, after `ms` milliseconds. Returns a handle for `clearTimer`. */
  setTimer(callback: () => void, ms: number): unknown
  clearTimer(handle: unknown): void
}

/**
 * Draws a number, uniformly from [0, 1).
 *
 * @public
 */
export type Random = () => number
