import { describe, expect, test } from 'vitest'
import { plannedWindow, showRanges } from '../../demo/page/draw-range.js'
import { type BackoffContext, defaultBackoff } from '../../src/core/backoff.ts'

const broke = { kind: 'close', code: 1006, reason: '', wasClean: false } as const

function contextOf(attempt: number): BackoffContext {
  return { attempt, lastDelayMs: 0, sinceLossMs: 0, cause: broke, random: Math.random }
}

describe('from where a wait was drawn', () => {
  test.each([
    [1, 0, 3_000],
    [2, 2_000, 6_000],
    [3, 4_000, 12_000],
    [4, 8_000, 24_000],
    [9, 10_000, 30_000],
  ])('wait %i of the default backoff: %i to %i ms', (attempt, lowMs, highMs) => {
    const ranges = showRanges(defaultBackoff, 10_000)
    const delayMs = ranges.backoff(contextOf(attempt))
    const range = ranges.rangeOf(broke, delayMs)
    expect(range?.by).toBe('backoff')
    expect(range?.lowMs).toBe(lowMs)
    expect(range?.highMs).toBeCloseTo(highMs, 6)
    expect(delayMs).toBeGreaterThanOrEqual(lowMs)
    expect(delayMs).toBeLessThan(highMs)
  })

  test('a wait that is longer than the policy says was raised, because the server is unavailable', () => {
    const ranges = showRanges(() => 100, 10_000)
    ranges.backoff(contextOf(6))
    expect(ranges.rangeOf(broke, 12_345)).toEqual({ lowMs: 10_000, highMs: 15_000, by: 'backoff' })
  })

  test('the window of a server goes before the policy', () => {
    const ranges = showRanges(defaultBackoff, 10_000)
    ranges.backoff(contextOf(1))
    const cause = { ...broke, code: 1012, reason: '{"retryAfterMs":4000,"windowMs":2000}' }
    expect(ranges.rangeOf(cause, 5_000)).toEqual({ lowMs: 4_000, highMs: 6_000, by: 'server' })
  })

  test.each([
    ['{"retryAfterMs":5000}', 5_000, 5_000],
    ['{"retryAfterMs":-1,"windowMs":-1}', 0, 0],
    ['{"retryAfterMs":1e9,"windowMs":1e9}', 300_000, 600_000],
  ])('a hint is brought within its bounds: %s', (reason, lowMs, highMs) => {
    expect(plannedWindow(reason)).toEqual({ lowMs, highMs, by: 'server' })
  })

  test.each(['', 'later', '{', '{"windowMs":5}', '{"retryAfterMs":"5"}', 'null', '[]'])(
    'no hint: %j',
    (reason) => {
      expect(plannedWindow(reason)).toBeUndefined()
    },
  )
})
