import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenBucket } from '../../src/base/token-bucket.ts'

const limit = fc.record({
  perSecond: fc.double({ min: 0.01, max: 5_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 50 }),
})
const start = fc.constantFrom(0, 1_000, 1_764_000_000_000)

describe('a token bucket', () => {
  test('never lets more go than burst + rate × time, in any stretch of time', () => {
    const gaps = fc.array(fc.oneof(fc.nat(5), fc.nat(2_000)), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(limit, start, gaps, ({ perSecond, burst }, from, waits) => {
        const bucket = tokenBucket({ perSecond, burst })
        const taken: number[] = []
        let now: number = from
        for (const ms of waits) {
          now += ms
          for (let greedy = 0; greedy < 60; greedy++) if (bucket.take(now)) taken.push(now)
        }
        for (let first = 0; first < taken.length; first += 7) {
          for (let last = first; last < taken.length; last += 5) {
            const ms = (taken[last] as number) - (taken[first] as number)
            expect(last - first + 1).toBeLessThanOrEqual(burst + (perSecond * ms) / 1_000 + 1e-3)
          }
        }
      }),
    )
  })

  test('is full at first, and after a pause', () => {
    const bucket = tokenBucket({ perSecond: 10, burst: 3 })
    const burst = (now: number) => [1, 2, 3, 4].map(() => bucket.take(now))
    expect(burst(5_000)).toEqual([true, true, true, false])
    expect(burst(9_000)).toEqual([true, true, true, false])
  })

  test('says when there will be the next turn: then there is, and not much before', () => {
    fc.assert(
      fc.property(
        limit,
        start,
        fc.array(fc.nat(300), { minLength: 1 }),
        ({ perSecond, burst }, from, waits) => {
          const bucket = tokenBucket({ perSecond, burst })
          let now: number = from
          for (const ms of waits) {
            now += ms
            while (bucket.take(now));
            const next = bucket.nextAt()
            expect(next).toBeGreaterThan(now)
            expect(next).toBeLessThanOrEqual(Math.ceil(now + 1_000 / perSecond) + 1)
            expect(bucket.take(next)).toBe(true)
            now = next
          }
        },
      ),
    )
  })

  test('lets the whole rate go, in the long run', () => {
    const bucket = tokenBucket({ perSecond: 7, burst: 2 })
    let taken = 0
    let now = 1_764_000_000_000
    const end = now + 60_000
    while (now <= end) {
      if (bucket.take(now)) taken++
      else now = bucket.nextAt()
    }
    expect(taken).toBeGreaterThanOrEqual(7 * 60)
    expect(taken).toBeLessThanOrEqual(7 * 60 + 2)
  })

  test.each([
    [10, 10],
    [0.5, 1],
    [2.5, 2],
  ])('at %d a second the burst is %d unless told otherwise', (perSecond, burst) => {
    const bucket = tokenBucket({ perSecond })
    let taken = 0
    while (bucket.take(0)) taken++
    expect(taken).toBe(burst)
  })

  test('without a limit there is none', () => {
    const bucket = tokenBucket({ perSecond: Infinity })
    for (let k = 0; k < 1_000; k++) expect(bucket.take(k % 3 === 0 ? k : k - 1)).toBe(true)
  })

  test.each([
    [{ perSecond: 0 }, /rateLimit\.perSecond.*0/],
    [{ perSecond: -1 }, /rateLimit\.perSecond.*-1/],
    [{ perSecond: Number.NaN }, /rateLimit\.perSecond.*NaN/],
    [{ perSecond: '5' }, /rateLimit\.perSecond.*"5"/],
    [{}, /rateLimit\.perSecond/],
    [{ perSecond: 1, burst: 0 }, /rateLimit\.burst.*0/],
    [{ perSecond: 1, burst: Number.NaN }, /rateLimit\.burst.*NaN/],
    [{ perSecond: 1, size: 1 }, /rateLimit\.size/],
    [undefined, /rateLimit/],
    [5, /rateLimit.*5/],
  ])('%o is refused', (options, message) => {
    expect(() => tokenBucket(options as never)).toThrow(message)
  })
})
