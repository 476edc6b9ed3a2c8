import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BackoffContext,
  type BackoffPolicy,
  constantBackoff,
  decorrelatedJitter,
  defaultBackoff,
  equalJitter,
  fullJitter,
  listBackoff,
  proportionalJitter,
} from '../../src/core/backoff.ts'
import { type LossKind, unclean } from '../../src/core/loss.ts'
import { seededRandom } from './seeded-random.ts'

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempt = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1e9 }))
const curve = fc
  .record({
    baseMs: fc.nat(60_000),
    more: fc.nat(600_000),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
  })
  .map(({ baseMs, more, factor }) => ({ baseMs, maxMs: baseMs + more, factor }))

function context(given: Partial<BackoffContext> & { draw?: number } = {}): BackoffContext {
  const { draw = 0.5, ...others } = given
  return {
    attempt: 1,
    lastDelayMs: 0,
    sinceLossMs: 0,
    cause: unclean('refused'),
    random: () => draw,
    ...others,
  }
}

/** The step that a curve has at an attempt, multiplied out. */
function stepOf(
  { baseMs, maxMs, factor }: { baseMs: number; maxMs: number; factor: number },
  attempt: number,
): number {
  let step = baseMs
  for (let k = 1; k < attempt && step > 0 && step < maxMs && factor > 1; k++) step *= factor
  return Math.min(step, maxMs)
}

const nearly = (value: number) => value * (1 + 1e-9) + 1e-9

describe('the curves', () => {
  const policies = {
    fullJitter: { make: fullJitter, low: 0, high: 1 },
    equalJitter: { make: equalJitter, low: 0.5, high: 1 },
    proportionalJitter: { make: proportionalJitter, low: 0.5, high: 1.5 },
  }

  test.each(Object.entries(policies))(
    '%s stays in its range, whatever is drawn',
    (_name, { make, low, high }) => {
      fc.assert(
        fc.property(curve, fc.integer({ min: 1, max: 2_000 }), draw, (given, k, random) => {
          const delay = make(given)(context({ attempt: k, draw: random }))
          const step = stepOf(given, k)
          expect(delay * (1 + 1e-9) + 1e-9).toBeGreaterThanOrEqual(step * low)
          expect(delay).toBeLessThanOrEqual(nearly(step * high))
        }),
      )
    },
  )

  test.each(Object.entries(policies))('%s reaches both ends of its range', (_name, { make, low, high }) => {
    const policy = make({ baseMs: 100, maxMs: 1_000, factor: 3 })
    expect(policy(context({ attempt: 2, draw: 0 }))).toBeCloseTo(300 * low)
    expect(policy(context({ attempt: 2, draw: 1 - 1e-12 }))).toBeCloseTo(300 * high)
  })

  test.each(Object.entries(policies))(
    '%s: 1 s, doubling, at most 30 s, if not told otherwise',
    (_name, { make }) => {
      const policy = make()
      const full = [1, 2, 3, 4, 5, 6, 7, 1_000].map((k) => policy(context({ attempt: k, draw: 0.5 })))
      const half = full[0] as number
      expect(full.map((delay) => delay / half)).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
    },
  )

  test('equal jitter is the middle of both: half of the step for certain', () => {
    expect(equalJitter({ baseMs: 1_000 })(context({ draw: 0 }))).toBe(500)
    expect(equalJitter({ baseMs: 1_000 })(context({ draw: 0.5 }))).toBe(750)
  })

  test('the ratio of proportional jitter is what it adds or takes at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), draw, (ratio, random) => {
        const delay = proportionalJitter({ baseMs: 1_000, ratio })(context({ draw: random }))
        expect(delay).toBeGreaterThanOrEqual(1_000 * (1 - ratio) - 1e-6)
        expect(delay).toBeLessThanOrEqual(1_000 * (1 + ratio) + 1e-6)
      }),
    )
    expect(proportionalJitter({ baseMs: 1_000, ratio: 0 })(context({ draw: 0.9 }))).toBe(1_000)
  })

  test('decorrelated jitter draws from the base to three times the last wait, below its cap', () => {
    fc.assert(
      fc.property(
        curve,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        draw,
        ({ baseMs, maxMs }, lastDelayMs, random) => {
          const delay = decorrelatedJitter({ baseMs, maxMs })(context({ lastDelayMs, draw: random }))
          const top = Math.min(maxMs, 3 * Math.max(baseMs, lastDelayMs))
          expect(delay).toBeGreaterThanOrEqual(baseMs)
          expect(delay).toBeLessThanOrEqual(nearly(top))
          expect(delay).toBeCloseTo(baseMs + random * (top - baseMs))
        },
      ),
    )
  })
})

describe('every policy', () => {
  const policies: Record<string, BackoffPolicy> = {
    defaultBackoff,
    fullJitter: fullJitter(),
    equalJitter: equalJitter(),
    decorrelatedJitter: decorrelatedJitter(),
    proportionalJitter: proportionalJitter(),
    'fullJitter from 0': fullJitter({ baseMs: 0 }),
    'fullJitter without growth': fullJitter({ factor: 1 }),
    constant: constantBackoff(70),
    list: listBackoff([1, 2, 3]),
  }

  test.each(Object.entries(policies))('%s: a wait is a finite number, never negative', (_name, policy) => {
    fc.assert(
      fc.property(attempt, fc.nat(1e7), fc.nat(1e9), draw, (k, lastDelayMs, sinceLossMs, random) => {
        const delay = policy(context({ attempt: k, lastDelayMs, sinceLossMs, draw: random }))
        expect(Number.isFinite(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  const jittered = ['defaultBackoff', 'fullJitter', 'equalJitter', 'decorrelatedJitter', 'proportionalJitter']
  test.each(jittered)('%s: at the cap the waits still differ, for the jitter comes after it', (name) => {
    const policy = policies[name] as BackoffPolicy
    const atCap = { attempt: 1_000, lastDelayMs: 1e6 }
    fc.assert(
      fc.property(draw, draw, (a, b) => {
        fc.pre(Math.abs(a - b) > 1e-6)
        expect(policy(context({ ...atCap, draw: a }))).not.toBe(policy(context({ ...atCap, draw: b })))
      }),
    )
  })

  test.each(jittered)('%s: draws anew each time it is asked', (name) => {
    const policy = policies[name] as BackoffPolicy
    let draws = 0
    const random = () => ++draws / 10
    const first = policy(context({ attempt: 3, lastDelayMs: 5_000, random }))
    expect(policy(context({ attempt: 3, lastDelayMs: 5_000, random }))).not.toBe(first)
    expect(draws).toBe(2)
  })
})

describe('the default', () => {
  test('a shared loss draws its first wait from (0, 3 s)', () => {
    fc.assert(
      fc.property(draw, fc.nat(1e9), (random, sinceLossMs) => {
        expect(defaultBackoff(context({ draw: random, sinceLossMs }))).toBeCloseTo(random * 3_000)
      }),
    )
  })

  test('then min(4 s · 2^(k−2), max(20 s, t/5), 5 min) times a draw from [0.5, 1.5)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e6 }), fc.nat(1e8), draw, (k, sinceLossMs, random) => {
        const cap = Math.min(300_000, Math.max(20_000, sinceLossMs / 5))
        const step = k > 40 ? cap : Math.min(4_000 * 2 ** (k - 2), cap)
        expect(defaultBackoff(context({ attempt: k, sinceLossMs, draw: random }))).toBeCloseTo(
          step * (0.5 + random),
        )
      }),
    )
  })

  test.each([
    [2, 0, 4_000],
    [3, 0, 8_000],
    [4, 0, 16_000],
    [5, 0, 20_000],
    [50, 100_000, 20_000],
    [50, 200_000, 40_000],
    [50, 1_500_000, 300_000],
    [50, 1e9, 300_000],
    [4, 1e9, 16_000],
  ])(
    'wait %i after %i ms: %i ms in the middle, as the cap stretches with the outage',
    (k, sinceLossMs, middle) => {
      expect(defaultBackoff(context({ attempt: k, sinceLossMs, draw: 0.5 }))).toBe(middle)
    },
  )

  test.each<[LossKind, boolean]>([
    ['wake', true],
    ['offline', true],
    ['close', false],
    ['refused', false],
    ['heartbeat', false],
    ['timeout', false],
    ['http', false],
    ['url', false],
    ['setup', false],
    ['gate', false],
  ])('a loss by %s is tried at once: %s', (kind, atOnce) => {
    expect(defaultBackoff(context({ cause: unclean(kind), draw: 0.5 }))).toBe(atOnce ? 0 : 1_500)
    expect(defaultBackoff(context({ cause: unclean(kind), attempt: 2, draw: 0.5 }))).toBe(4_000)
  })

  test('the first waits of many clients are spread evenly over 3 s', () => {
    // The bound of chi square with 29 degrees of freedom is passed by chance once in ten million runs.
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed)
        const bins = Array<number>(30).fill(0)
        const clients = 6_000
        for (let client = 0; client < clients; client++) {
          const bin = Math.floor(defaultBackoff(context({ random })) / 100)
          bins[bin] = (bins[bin] ?? Number.NaN) + 1
        }
        const expected = clients / bins.length
        const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
        expect(bins).toHaveLength(30)
        expect(chiSquare).toBeLessThan(91)
      }),
      { numRuns: 5 },
    )
  })
})

describe('without chance', () => {
  test('a list goes on with its last wait', () => {
    const policy = listBackoff([10, 20, 30])
    expect([1, 2, 3, 4, 1e6].map((k) => policy(context({ attempt: k, draw: 0.9 })))).toEqual([
      10, 20, 30, 30, 30,
    ])
  })

  test('a list that is changed later changes nothing', () => {
    const waits = [10]
    const policy = listBackoff(waits)
    waits[0] = 99
    expect(policy(context())).toBe(10)
  })

  test('a constant is the same each time', () => {
    const policy = constantBackoff(250)
    expect([1, 2, 99].map((k) => policy(context({ attempt: k })))).toEqual([250, 250, 250])
    expect(constantBackoff(0)(context())).toBe(0)
  })
})

describe('a wrong argument is named, with its value', () => {
  const any = (make: unknown) => make as (argument: unknown) => BackoffPolicy
  test.each<[string, () => unknown, typeof TypeError, RegExp]>([
    ['baseMs negative', () => fullJitter({ baseMs: -1 }), RangeError, /baseMs.*-1/],
    ['baseMs NaN', () => equalJitter({ baseMs: Number.NaN }), RangeError, /baseMs.*NaN/],
    ['baseMs a string', () => any(fullJitter)({ baseMs: '1' }), TypeError, /baseMs.*"1"/],
    ['maxMs negative', () => proportionalJitter({ maxMs: -5 }), RangeError, /maxMs.*-5/],
    ['maxMs null', () => any(decorrelatedJitter)({ maxMs: null }), TypeError, /maxMs.*null/],
    ['factor below 1', () => fullJitter({ factor: 0.5 }), RangeError, /factor.*0\.5/],
    ['factor NaN', () => fullJitter({ factor: Number.NaN }), RangeError, /factor.*NaN/],
    ['ratio above 1', () => proportionalJitter({ ratio: 1.5 }), RangeError, /ratio.*1\.5/],
    ['ratio negative', () => proportionalJitter({ ratio: -0.5 }), RangeError, /ratio.*-0\.5/],
    ['an unknown option', () => any(fullJitter)({ minMs: 5 }), TypeError, /minMs/],
    ['no object', () => any(fullJitter)(5), Error, /5/],
    ['an empty list', () => listBackoff([]), TypeError, /waitsMs/],
    ['a negative wait', () => listBackoff([5, -3]), RangeError, /waitsMs.*-3/],
    ['a wait that is NaN', () => listBackoff([Number.NaN]), RangeError, /waitsMs.*NaN/],
    ['a wait that is a string', () => any(listBackoff)(['7']), TypeError, /waitsMs.*"7"/],
    ['a list that is a string', () => any(listBackoff)('7'), TypeError, /waitsMs.*"7"/],
    ['a list that is a number', () => any(listBackoff)(7), Error, /waitsMs.*7/],
    ['a list that is missing', () => any(listBackoff)(undefined), TypeError, /waitsMs.*undefined/],
    ['a negative constant', () => constantBackoff(-1), RangeError, /-1/],
    ['a constant that is no number', () => any(constantBackoff)('1s'), TypeError, /"1s"/],
    [
      'bounds that contradict each other',
      () => fullJitter({ baseMs: 50, maxMs: 40 }),
      RangeError,
      /baseMs.*50/,
    ],
  ])('%s', (_name, make, Kind, message) => {
    expect(make).toThrow(Kind)
    expect(make).toThrow(message)
  })
})
