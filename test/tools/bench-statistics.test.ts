import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interleave } from '../../bench/lib/rounds.mjs'
import { median, pairedDifferences, pairedRatios, quantile, summarize } from '../../bench/lib/statistics.mjs'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })

describe('the median', () => {
  test.each([
    [[3], 3],
    [[1, 2], 1.5],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[Infinity, Infinity], Infinity],
    [[1, 2, Infinity], 2],
  ])('of %j is %d', (list, middle) => {
    expect(median(list)).toBe(middle)
  })

  test('of nothing is no number', () => {
    expect(median([])).toBeNaN()
  })

  test('has as many values below as above it, in whatever order they come, and leaves them as they are', () => {
    fc.assert(
      fc.property(values, (list) => {
        const before = [...list]
        const middle = median(list)
        const below = list.filter((value) => value < middle).length
        const above = list.filter((value) => value > middle).length
        expect(Math.max(below, above)).toBeLessThanOrEqual(list.length / 2)
        expect(list).toEqual(before)
      }),
    )
  })
})

test('a quantile lies between its neighbours', () => {
  expect(quantile([10, 20, 30, 40, 50], 0)).toBe(10)
  expect(quantile([50, 40, 30, 20, 10], 0.25)).toBe(20)
  expect(quantile([10, 20], 0.9)).toBeCloseTo(19)
  expect(quantile([10, 20, 30], 1)).toBe(30)
})

describe('a summary', () => {
  test('has the median distance from the median, which one wild value does not move', () => {
    expect(summarize([10, 11, 12, 13, 14])).toEqual({ median: 12, spread: 1 })
    expect(summarize([10, 11, 12, 13, 9_000])).toEqual({ median: 12, spread: 1 })
  })
})

describe('paired by rounds', () => {
  test('what slows whole rounds down falls out', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.5, max: 100, noNaN: true }), { minLength: 1 }), (noise) => {
        const base = noise.map((factor) => 200 * factor)
        const ours = noise.map((factor) => 150 * factor)
        expect(median(pairedRatios(ours, base))).toBeCloseTo(0.75)
      }),
    )
  })

  test('differences are taken round by round', () => {
    expect(pairedDifferences([5, 7, 9], [1, 2, 3])).toEqual([4, 5, 6])
  })

  test('rounds that are missing are no silent gap', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(RangeError)
  })
})

describe('interleaved rounds', () => {
  test('take turns, each is first in turn, and warm-ups do not count', async () => {
    const order: string[] = []
    const measured = await interleave(['a', 'b', 'c'], { warmUp: 1, rounds: 2 }, (name) => {
      order.push(name)
      return Promise.resolve({ place: order.length, twice: 2 * order.length })
    })
    expect(order.join('')).toBe('abcbcacab')
    expect([...(measured.get('place') ?? [])]).toEqual([
      ['a', [6, 8]],
      ['b', [4, 9]],
      ['c', [5, 7]],
    ])
    expect(measured.get('twice')?.get('a')).toEqual([12, 16])
  })
})
