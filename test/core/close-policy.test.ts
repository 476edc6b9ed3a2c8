import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../../src/base/errors.ts'
import {
  type CloseRules,
  checkPolicy,
  decideOutcome,
  isOutcome,
  type LossOutcome,
  readRetryHint,
} from '../../src/core/close-policy.ts'
import { type LossCause, type LossKind, unclean } from '../../src/core/loss.ts'
import { closedWith } from './lifecycle-rules.ts'

const plain: CloseRules = { closePolicy: {}, decide: undefined, refreshable: true }
const http = (status: number): LossCause => ({ ...unclean('http'), status })

describe('the default table', () => {
  const stop = [1002, 1003, 1007, 1010, 4400, 4402, 4405, 4406, 4409, 4410, 4413, 4418, 4422, 4451, 4499]
  const refresh = [1008, 4401, 4403]
  const retry = [
    1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 1014, 1015, 3000, 3999, 4000, 4399, 4404, 4408,
  ]
  retry.push(4425, 4429, 4500, 4503, 4999)

  const byCode: [number, LossOutcome][] = [
    ...stop.map((code): [number, LossOutcome] => [code, 'stop']),
    ...refresh.map((code): [number, LossOutcome] => [code, 'refresh']),
    ...retry.map((code): [number, LossOutcome] => [code, 'retry']),
  ]
  test.each(byCode)('close code %i: %s', (code, outcome) => {
    expect(decideOutcome(closedWith(code), plain, 0)).toBe(outcome)
  })

  test.each<[number, LossOutcome]>([
    [200, 'retry'],
    [301, 'retry'],
    [400, 'stop'],
    [401, 'refresh'],
    [403, 'refresh'],
    [404, 'retry'],
    [407, 'stop'],
    [408, 'retry'],
    [410, 'stop'],
    [425, 'retry'],
    [426, 'stop'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ])('HTTP status %i: %s, as close code 4000 + status', (status, outcome) => {
    expect(decideOutcome(http(status), plain, 0)).toBe(outcome)
    expect(decideOutcome(closedWith(4000 + status), plain, 0)).toBe(outcome)
  })

  test.each<LossKind>(['url', 'timeout', 'refused', 'heartbeat', 'wake', 'offline', 'gate', 'user'])(
    'a loss by %s is tried again',
    (kind) => {
      expect(decideOutcome(unclean(kind), plain, 0)).toBe('retry')
    },
  )

  test('every code has an outcome', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), fc.nat(10), (code, refreshed) => {
        expect(isOutcome(decideOutcome(closedWith(code), plain, refreshed))).toBe(true)
      }),
    )
  })
})

describe('who decides', () => {
  const table: CloseRules = {
    ...plain,
    closePolicy: { 1006: 'stop', 401: 'retry', 4401: 'now', 4999: 'refresh' },
  }

  test('the user’s table is laid over the default', () => {
    expect(decideOutcome(closedWith(1006), table, 0)).toBe('stop')
    expect(decideOutcome(closedWith(1001), table, 0)).toBe('retry')
    expect(decideOutcome(closedWith(4400), table, 0)).toBe('stop')
  })

  test('a status and the close code like it are two rows', () => {
    expect(decideOutcome(http(401), table, 0)).toBe('retry')
    expect(decideOutcome(closedWith(4401), table, 0)).toBe('now')
  })

  test('the status counts, not the 1006 that comes with it', () => {
    expect(decideOutcome(http(503), table, 0)).toBe('retry')
  })

  test('the hook is asked first, with the structured cause, and beats everything', () => {
    const seen: LossCause[] = []
    const decide = (cause: LossCause): LossOutcome => {
      seen.push(cause)
      return 'now'
    }
    const causes = [closedWith(1006), http(403), unclean('setup'), unclean('url', { retryable: false })]
    for (const cause of causes) {
      expect(decideOutcome(cause, { ...table, refreshable: false, decide }, 99)).toBe('now')
    }
    expect(seen).toEqual(causes)
  })

  test('a hook without an answer leaves it to the table', () => {
    expect(decideOutcome(closedWith(1006), { ...table, decide: () => undefined }, 0)).toBe('stop')
  })

  test.each([
    ['an error of ours', new HoldfastError('HF_NO_WEBSOCKET', 'none')],
    ['an error of theirs', Object.assign(new Error('banned'), { retryable: false })],
    ['any value that says so', { retryable: false }],
  ])('%s with retryable: false is final, whatever the table says', (_name, error) => {
    expect(decideOutcome(unclean('url', error), { ...plain, closePolicy: { 1006: 'now' } }, 0)).toBe('stop')
  })

  test.each([
    ['a plain error', new Error('no network')],
    ['one that is retryable', Object.assign(new Error('later'), { retryable: true })],
    ['null', null],
    ['undefined', undefined],
    ['text', 'retryable: false'],
    ['a number', 0],
    ['a symbol', Symbol('x')],
    ['a falsy marker that is not false', { retryable: 0 }],
  ])('%s is not', (_name, error) => {
    expect(decideOutcome(unclean('url', error), plain, 0)).toBe('retry')
  })

  test('what the platform refuses to set up stops, unless a provider may give something else', () => {
    expect(decideOutcome(unclean('setup'), { ...plain, refreshable: false }, 0)).toBe('stop')
    expect(decideOutcome(unclean('setup'), plain, 0)).toBe('retry')
  })

  test('refresh ends after three in a row, or where there is nobody to ask', () => {
    const outcomes = [0, 1, 2, 3, 4].map((refreshed) => decideOutcome(closedWith(1008), plain, refreshed))
    expect(outcomes).toEqual(['refresh', 'refresh', 'refresh', 'stop', 'stop'])
    expect(decideOutcome(closedWith(1008), { ...plain, refreshable: false }, 0)).toBe('stop')
  })
})

describe('the hint of a server', () => {
  const MAX = 300_000
  const hintOf = (reason: string) => readRetryHint(closedWith(1012, reason), MAX)

  test.each<[string, number, number]>([
    ['{"retryAfterMs":5000,"windowMs":2000}', 5_000, 2_000],
    ['{"retryAfterMs":5000}', 5_000, 0],
    ['{"retryAfterMs":0}', 0, 0],
    ['{"retryAfterMs":0,"windowMs":9000}', 0, 9_000],
    ['{"retryAfterMs":1.5,"windowMs":2.5,"more":[1,{}]}', 1.5, 2.5],
    ['{"retryAfterMs":5000,"windowMs":"2000"}', 5_000, 0],
    ['{"retryAfterMs":5000,"windowMs":null}', 5_000, 0],
    ['{"retryAfterMs":-1,"windowMs":-9}', 0, 0],
    ['{"retryAfterMs":1e999,"windowMs":1e999}', MAX, MAX],
    ['{"retryAfterMs":-1e999}', 0, 0],
    ['{"retryAfterMs":9007199254740993000}', MAX, 0],
    [' {"retryAfterMs": 7 } ', 7, 0],
  ])('%s', (reason, retryAfterMs, windowMs) => {
    expect(hintOf(reason)).toEqual({ retryAfterMs, windowMs })
  })

  test.each([
    '',
    'going away',
    'null',
    'true',
    '5000',
    '"5000"',
    '[]',
    '[5000]',
    '{}',
    '{"retryAfterMs":"5000"}',
    '{"retryAfterMs":null}',
    '{"retryAfterMs":true}',
    '{"retryAfterMs":[5000]}',
    '{"retryAfterMs":{"valueOf":5}}',
    '{"windowMs":5000}',
    '{"retryafterms":5000}',
    '{"__proto__":{"retryAfterMs":5000}}',
    '{"constructor":{"prototype":{"retryAfterMs":5000}}}',
    '{"toString":5}',
    '{"retryAfterMs":5000',
    `${'['.repeat(60)}${']'.repeat(60)}`,
    'NaN',
    'Infinity',
  ])('no hint: %s', (reason) => {
    expect(hintOf(reason)).toBeUndefined()
  })

  test('no reason throws, and whatever is read is within bounds', () => {
    const reasons = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ retryAfterMs: fc.jsonValue(), windowMs: fc.jsonValue() })
        .map((hint) => JSON.stringify(hint)),
      fc.record({ retryAfterMs: fc.double(), windowMs: fc.double() }).map((hint) => JSON.stringify(hint)),
    )
    fc.assert(
      fc.property(reasons, fc.nat(1e9), (reason, max) => {
        const hint = readRetryHint(closedWith(4000, reason), max)
        for (const ms of hint ? [hint.retryAfterMs, hint.windowMs] : []) {
          expect(ms).toBeGreaterThanOrEqual(0)
          expect(ms).toBeLessThanOrEqual(max)
        }
      }),
    )
  })

  test('Retry-After of a handshake counts before a reason', () => {
    const cause: LossCause = { ...closedWith(1012, '{"retryAfterMs":1}'), retryAfterMs: 9_000 }
    expect(readRetryHint(cause, MAX)).toEqual({ retryAfterMs: 9_000, windowMs: 0 })
    expect(readRetryHint({ ...cause, retryAfterMs: Number.POSITIVE_INFINITY }, MAX)?.retryAfterMs).toBe(MAX)
  })
})

describe('the option closePolicy', () => {
  test('is taken as it is given', () => {
    const table = { 1000: 'now', 401: 'stop', 4999: 'refresh', 100: 'retry' } as const
    expect(checkPolicy(table, 'closePolicy')).toEqual(table)
    expect(checkPolicy({}, 'closePolicy')).toEqual({})
  })

  test.each<[string, unknown, RegExp]>([
    ['null', null, /closePolicy.*null/],
    ['a function', () => 'retry', /closePolicy/],
    ['a number', 5, /closePolicy.*5/],
    ['a code that is none', { abc: 'stop' }, /closePolicy.*"abc"/],
    ['a code below', { 99: 'stop' }, /closePolicy.*99/],
    ['a code above', { 5000: 'stop' }, /closePolicy.*5000/],
    ['a code that is neither status nor close code', { 700: 'stop' }, /closePolicy.*700/],
    ['a list', ['stop'], /closePolicy/],
    ['an outcome that is none', { 1006: 'never' }, /closePolicy\.1006.*"never"/],
    ['an outcome that is no text', { 1006: 3 }, /closePolicy\.1006.*3/],
    ['an outcome that is null', { 1006: null }, /closePolicy\.1006.*null/],
  ])('%s is refused', (_name, given, message) => {
    expect(() => checkPolicy(given, 'closePolicy')).toThrow(message)
  })

  test('isOutcome knows the four outcomes, and nothing said', () => {
    for (const answer of ['now', 'retry', 'refresh', 'stop', undefined]) expect(isOutcome(answer)).toBe(true)
    for (const answer of ['', 'Stop', null, 0, true, {}, []]) expect(isOutcome(answer)).toBe(false)
  })
})
