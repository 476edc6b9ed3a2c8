import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NumberSet } from '../../demo/shared/number-set.js'

describe('NumberSet', () => {
  test('is a set, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (numbers) => {
        const set = new NumberSet()
        const model = new Set<number>()
        for (const number of numbers) {
          expect(set.add(number)).toBe(model.has(number) ? 'known' : 'added')
          model.add(number)
        }
        const missing = set.gaps().flat()
        for (let number = 0; number <= 41; number++) expect(set.has(number)).toBe(model.has(number))
        expect(set.size).toBe(model.size)
        expect(set.highest).toBe(Math.max(0, ...model))
        expect(missing.some((number) => model.has(number))).toBe(false)
        expect(NumberSet.from(set.ranges).ranges).toEqual(set.ranges)
      }),
    )
  })

  test('holds no more ranges than it may', () => {
    const set = new NumberSet(2)
    expect([1, 3, 5, 4, 2].map((number) => set.add(number))).toEqual([
      'added',
      'added',
      'full',
      'added',
      'added',
    ])
    expect(set.ranges).toEqual([[1, 4]])
  })
})
