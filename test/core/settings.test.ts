import { describe, expect, test } from 'vitest'
import type { Platform } from '../../src/base/platform.ts'
import type { BackoffContext, BackoffPolicy } from '../../src/core/backoff.ts'
import { unclean } from '../../src/core/loss.ts'
import type { SocketOptions } from '../../src/core/options.ts'
import { type Settings, settle } from '../../src/core/settings.ts'
import { VirtualClock } from './virtual-clock.ts'

const platformClock = new VirtualClock()

function settled(options: SocketOptions): { settings: Settings; reported: unknown[] } {
  const reported: unknown[] = []
  const platform = {
    clock: platformClock,
    random: () => 0.25,
    report: (error: unknown) => void reported.push(error),
  }
  return { settings: settle(options, platform as unknown as Platform), reported }
}

const context: BackoffContext = {
  attempt: 2,
  lastDelayMs: 0,
  sinceLossMs: 0,
  cause: unclean('refused'),
  random: () => 0.5,
}

describe('a backoff of the user’s', () => {
  test.each([0, 1, 12.5, Infinity])('that answers %d is followed', (ms) => {
    const { settings, reported } = settled({ backoff: () => ms })
    expect(settings.backoff(context)).toBe(ms)
    expect(reported).toEqual([])
  })

  test.each([
    Number.NaN,
    -1,
    -Infinity,
    undefined,
    null,
    '5',
    true,
    [],
    [7],
    {},
    5n,
    new Date(),
    Promise.resolve(5),
  ])('that answers %o is reported, and the default waits instead', (answer) => {
    const { settings, reported } = settled({ backoff: (() => answer) as unknown as BackoffPolicy })
    expect(settings.backoff(context)).toBe(4_000)
    expect(reported).toHaveLength(1)
    expect(String(reported[0])).toMatch(/backoff/)
  })

  test('that throws is reported, and the default waits instead', () => {
    const error = new Error('of the user')
    const { settings, reported } = settled({
      backoff: () => {
        throw error
      },
    })
    expect(settings.backoff(context)).toBe(4_000)
    expect(reported).toEqual([error])
  })
})

describe('a decision of the user’s', () => {
  test.each(['now', 'retry', 'refresh', 'stop', undefined] as const)('%s is followed', (outcome) => {
    const { settings, reported } = settled({ decide: () => outcome })
    expect(settings.decide?.(unclean('refused'))).toBe(outcome)
    expect(reported).toEqual([])
  })

  test.each([null, 'never', 5, true, {}, Promise.resolve('stop')])(
    '%o is reported and counts as none',
    (answer) => {
      const { settings, reported } = settled({ decide: () => answer as never })
      expect(settings.decide?.(unclean('refused'))).toBeUndefined()
      expect(reported).toHaveLength(1)
    },
  )
})

test('clock and chance are the platform’s unless others were given', () => {
  expect(settled({}).settings.clock).toBe(platformClock)
  expect(settled({}).settings.random()).toBe(0.25)
  const clock = new VirtualClock()
  expect(settled({ clock }).settings.clock).toBe(clock)
  expect(settled({ random: () => 0.75 }).settings.random()).toBe(0.75)
})
