import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rtt, type RttStats } from '../../src/core/rtt.ts'

/** Straight from the definitions. */
function naive(samples: readonly number[]): RttStats | undefined {
  const lastMs = samples.at(-1)
  const [first] = samples
  if (lastMs === undefined || first === undefined) return undefined
  const smoothedMs = samples.slice(1).reduce((smoothed, ms) => smoothed * (7 / 8) + ms / 8, first)
  const recent = samples.slice(-32).sort((a, b) => a - b)
  // The least value that 95 % of the samples do not exceed.
  const p95Ms =
    recent.find((value) => recent.filter((ms) => ms <= value).length >= 0.95 * recent.length) ?? Number.NaN
  return { lastMs, smoothedMs, p95Ms }
}

test('last, smoothed and 95th percentile are those of a naive model', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 120 }), (samples) => {
      const rtt = new Rtt()
      for (const ms of samples) rtt.add(ms)
      const expected = naive(samples)
      const stats = rtt.stats()
      expect(stats?.lastMs).toBe(expected?.lastMs)
      expect(stats?.p95Ms).toBe(expected?.p95Ms)
      if (expected) expect(stats?.smoothedMs).toBeCloseTo(expected.smoothedMs, 6)
      expect(rtt.smoothedMs).toBeCloseTo(expected?.smoothedMs ?? 0, 6)
    }),
    { numRuns: 500 },
  )
})

test('there are none before the first sample', () => {
  expect(new Rtt().stats()).toBeUndefined()
})

test('the statistics lie within what was measured', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 }),
      (samples) => {
        const rtt = new Rtt()
        for (const ms of samples) rtt.add(ms)
        const { smoothedMs = -1, p95Ms = -1 } = rtt.stats() ?? {}
        for (const value of [smoothedMs, p95Ms]) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...samples) - 1e-6)
          expect(value).toBeLessThanOrEqual(Math.max(...samples) + 1e-6)
        }
      },
    ),
  )
})
