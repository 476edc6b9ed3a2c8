import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { clock, random, report } from '../../src/platform/environment.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('the clock', () => {
  test('never goes back, and goes on at its pace, whatever is done to the wall clock', () => {
    const jumps = fc.array(fc.oneof(fc.nat(50), fc.integer({ min: -1e9, max: 1e9 })), {
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(jumps, (steps) => {
        let wall = clock.now() + 1
        vi.spyOn(Date, 'now').mockImplementation(() => wall)
        let last = clock.now()
        for (const step of steps) {
          wall += step
          const now = clock.now()
          expect(now).toBe(step < 0 ? last : last + step)
          last = now
        }
      }),
    )
  })

  test('calls back later, once, and not when it was cleared', async () => {
    const called: string[] = []
    await new Promise<void>((resolve) => {
      const cleared = clock.setTimer(() => called.push('cleared'), 0)
      clock.setTimer(() => called.push('first'), 0)
      clock.clearTimer(cleared)
      called.push('now')
      clock.setTimer(resolve, 5)
    })
    expect(called).toEqual(['now', 'first'])
  })

  test('clearing what is over, or was never set, does nothing', () => {
    expect(() => clock.clearTimer(undefined)).not.toThrow()
  })
})

test('chance lies in [0, 1) and differs', () => {
  const drawn = Array.from({ length: 100 }, random)
  for (const value of drawn) expect(value >= 0 && value < 1).toBe(true)
  expect(new Set(drawn).size).toBeGreaterThan(90)
})

describe('an error that no caller can catch', () => {
  const error = new Error('of a listener')

  test.each(['document', 'importScripts'])(
    'goes to the global error channel where there is a page or a worker (%s)',
    (sign) => {
      const channel = vi.fn()
      vi.stubGlobal('reportError', channel)
      vi.stubGlobal(sign, {})
      report(error)
      expect(channel).toHaveBeenCalledExactlyOnceWith(error)
    },
  )

  test('goes to the console elsewhere, where such a channel may end the process', () => {
    const channel = vi.fn()
    vi.stubGlobal('reportError', channel)
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    report(error)
    expect(logged).toHaveBeenCalledExactlyOnceWith(error)
    expect(channel).not.toHaveBeenCalled()
  })

  test('goes to the console of a page without such a channel', () => {
    vi.stubGlobal('reportError', undefined)
    vi.stubGlobal('document', {})
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    report(error)
    expect(logged).toHaveBeenCalledExactlyOnceWith(error)
  })
})
