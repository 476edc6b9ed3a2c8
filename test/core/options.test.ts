import { describe, expect, test } from 'vitest'
import { tokenBucket } from '../../src/base/token-bucket.ts'
import { defaultBackoff } from '../../src/core/backoff.ts'
import { envelopeHeartbeat, messageHeartbeat, pingFrames } from '../../src/core/heartbeat-sources.ts'
import { resolveSocketOptions } from '../../src/core/options.ts'

const resolve = (given: unknown) => resolveSocketOptions(given)

describe('defaults, as the docs say', () => {
  const resolved = resolve({})

  test.each<[keyof typeof resolved, unknown]>([
    ['autoConnect', true],
    ['backoff', defaultBackoff],
    ['connectTimeoutMs', 6_000],
    ['maxConnectTimeoutMs', 30_000],
    ['closeTimeoutMs', 3_000],
    ['closePolicy', {}],
    ['decide', undefined],
    ['heartbeat', undefined],
    ['signals', undefined],
    ['highWaterMarkBytes', 1_048_576],
    ['rateLimit', undefined],
    ['beforeFlush', undefined],
    ['keepInDoubt', 0],
    ['binaryType', 'blob'],
    ['WebSocket', undefined],
    ['getWebSocket', undefined],
    ['webSocketOptions', undefined],
    ['unref', false],
    ['logger', undefined],
    ['clock', undefined],
    ['random', undefined],
  ])('%s: %o', (name, value) => {
    expect(resolved[name]).toEqual(value)
    expect(resolve(undefined)[name]).toEqual(value)
  })

  const retryDefaults = {
    maxAttempts: Infinity,
    maxElapsedMs: Infinity,
    stableMs: 10_000,
    maxRetryAfterMs: 300_000,
    offlineProbeMs: 30_000,
    unavailableAfter: 5,
    slowMs: 10_000,
    failFast: false,
  }
  const queueDefaults = {
    maxCount: 10_000,
    maxBytes: 16_777_216,
    maxAgeMs: Infinity,
    overflow: 'reject',
    resend: true,
  }

  test.each([undefined, true, {}, { maxAttempts: undefined }])('retry: %o means the defaults', (retry) => {
    expect(resolve({ retry }).retry).toMatchObject(retryDefaults)
  })

  test('retry: false means one link', () => {
    expect(resolve({ retry: false }).retry).toBe(false)
  })

  test('queue', () => {
    expect(resolve({}).queue).toMatchObject(queueDefaults)
    expect(resolve({ queue: {} }).queue).toMatchObject(queueDefaults)
    expect(resolve({ queue: { maxCount: 5 } }).queue).toMatchObject({ ...queueDefaults, maxCount: 5 })
  })

  test('what is undefined was not given', () => {
    const given = Object.fromEntries(Object.keys(resolved).map((name) => [name, undefined]))
    expect(resolve(given)).toMatchObject({ connectTimeoutMs: 6_000, binaryType: 'blob', autoConnect: true })
    expect(resolve({ connectTimeoutMs: 60_000, maxConnectTimeoutMs: undefined })).toMatchObject({
      connectTimeoutMs: 60_000,
      maxConnectTimeoutMs: 60_000,
    })
  })

  test('a long first connect timeout raises the longest one', () => {
    expect(resolve({ connectTimeoutMs: 45_000 }).maxConnectTimeoutMs).toBe(45_000)
    expect(resolve({ connectTimeoutMs: 5_000 }).maxConnectTimeoutMs).toBe(30_000)
  })

  test('a short longest connect timeout lowers the first one: a default never contradicts what was given', () => {
    expect(resolve({ maxConnectTimeoutMs: 2_000 })).toMatchObject({
      connectTimeoutMs: 2_000,
      maxConnectTimeoutMs: 2_000,
    })
  })

  test('one socket’s options do not reach another’s', () => {
    resolve({ connectTimeoutMs: 1, queue: { maxCount: 1 }, retry: { maxAttempts: 1 } })
    expect(resolve({})).toMatchObject({ connectTimeoutMs: 6_000, queue: queueDefaults, retry: retryDefaults })
  })
})

describe('what is right is taken', () => {
  const functions = ['backoff', 'decide', 'beforeFlush', 'WebSocket', 'getWebSocket', 'random'] as const
  test.each(functions)('%s: a function', (name) => {
    const fn = () => 0
    expect(resolve({ [name]: fn })[name]).toBe(fn)
  })

  test.each([
    ['heartbeat', false],
    ['heartbeat', pingFrames()],
    ['heartbeat', envelopeHeartbeat({ intervalMs: 5 })],
    ['signals', false],
    ['signals', { subscribe: () => () => {} }],
    ['rateLimit', tokenBucket({ perSecond: 5 })],
    ['rateLimit', { take: () => true, nextAt: (): number => 0 }],
    ['binaryType', 'arraybuffer'],
    ['closePolicy', { 1006: 'stop' }],
    ['webSocketOptions', { headers: {} }],
    ['logger', console],
    ['logger', {}],
    ['clock', { now: () => 0, setTimer: () => 0, clearTimer: () => {} }],
    ['highWaterMarkBytes', Infinity],
    ['keepInDoubt', Infinity],
    ['closeTimeoutMs', 0],
    ['autoConnect', false],
    ['unref', true],
  ] as const)('%s: %o', (name, value) => {
    expect(resolve({ [name]: value })[name]).toBe(value)
  })
})

// ── What is wrong ──

/** For each numeric option the least that is allowed. */
const numeric: Record<string, number> = {
  connectTimeoutMs: 1,
  maxConnectTimeoutMs: 1,
  closeTimeoutMs: 0,
  highWaterMarkBytes: 1,
  keepInDoubt: 0,
  'retry.maxAttempts': 1,
  'retry.maxElapsedMs': 0,
  'retry.stableMs': 0,
  'retry.maxRetryAfterMs': 0,
  'retry.offlineProbeMs': 1,
  'retry.unavailableAfter': 1,
  'retry.slowMs': 0,
  'queue.maxCount': 0,
  'queue.maxBytes': 0,
  'queue.maxAgeMs': 0,
}

const kinds: Record<string, 'boolean' | 'function' | 'object' | 'port'> = {
  autoConnect: 'boolean',
  unref: 'boolean',
  'retry.failFast': 'boolean',
  'queue.resend': 'boolean',
  backoff: 'function',
  decide: 'function',
  beforeFlush: 'function',
  WebSocket: 'function',
  getWebSocket: 'function',
  random: 'function',
  closePolicy: 'object',
  webSocketOptions: 'object',
  logger: 'object',
  queue: 'object',
  clock: 'port',
  heartbeat: 'port',
  signals: 'port',
  rateLimit: 'port',
}

/** `a.b` and a value as `{ a: { b: value } }`. */
function nested(path: string, value: unknown): unknown {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
}

function errorOf(given: unknown): Error {
  try {
    resolve(given)
  } catch (error) {
    return error as Error
  }
  throw new Error('This was accepted')
}

const shown = (value: unknown) =>
  typeof value === 'string' ? `"${value}"` : typeof value === 'object' && value ? 'an object' : String(value)

describe('a number out of its bounds is a RangeError that names option and value', () => {
  const cases = Object.entries(numeric).flatMap(([path, least]) =>
    [Number.NaN, -1, Number.NEGATIVE_INFINITY, least - 0.5].map((value): [string, number] => [path, value]),
  )
  test.each(cases)('%s: %d', (path, value) => {
    const error = errorOf(nested(path, value))
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toContain(path)
    expect(error.message).toContain(String(value))
  })

  test.each(Object.entries(numeric))('%s: %d is the least', (path, least) => {
    expect(() => resolve(nested(path, least))).not.toThrow()
    expect(() => resolve(nested(path, Number.MAX_VALUE))).not.toThrow()
  })
})

describe('a wrong type is a TypeError that names option and value', () => {
  const wrong: [string, unknown][] = [
    ...Object.keys(numeric).flatMap((path) =>
      ['5', true, {}, [], null, 5n].map((it): [string, unknown] => [path, it]),
    ),
    ...Object.entries(kinds).flatMap(([path, kind]) => {
      const values = {
        boolean: ['true', 1, 0, null, {}],
        function: ['f', 1, {}, null, true, false],
        object: ['x', 1, true, null, () => {}],
        port: ['x', 1, true, null, {}, () => {}],
      }
      return values[kind].map((it): [string, unknown] => [path, it])
    }),
    ...['text', '', 'Blob', 1, null, true].map((it): [string, unknown] => ['binaryType', it]),
    ...['drop', '', 'Reject', 1, null].map((it): [string, unknown] => ['queue.overflow', it]),
    ...[null, 5, 'yes', () => {}].map((it): [string, unknown] => ['retry', it]),
    ['rateLimit', { take: () => true }],
    ['clock', { now: () => 0 }],
  ]
  test.each(wrong)('%s: %o', (path, value) => {
    const error = errorOf(nested(path, value))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(new RegExp(`\\b${path.replace('.', '\\.')}\\s`))
    expect(error.message).toContain(shown(value))
  })

  test.each([null, 5, 'x', true, () => {}])('options: %o', (given) => {
    expect(errorOf(given)).toBeInstanceOf(TypeError)
    expect(errorOf(given).message).toMatch(/options/)
  })
})

describe('bounds that contradict each other', () => {
  test('connectTimeoutMs over maxConnectTimeoutMs', () => {
    const error = errorOf({ connectTimeoutMs: 500, maxConnectTimeoutMs: 400 })
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toMatch(/connectTimeoutMs.*maxConnectTimeoutMs.*400.*500/)
  })

  test('a heartbeat’s timeout over its interval', () => {
    expect(() => pingFrames({ intervalMs: 100, timeoutMs: 200 })).toThrow(RangeError)
    expect(() => envelopeHeartbeat({ intervalMs: 100, timeoutMs: 200 })).toThrow(
      /heartbeat\.timeoutMs.*100.*200/,
    )
  })
})

describe('an unknown option is named', () => {
  test.each([
    ['retries', { retries: 5 }],
    ['retry.max', { retry: { max: 5 } }],
    ['queue.maxcount', { queue: { maxcount: 5 } }],
    ['toString', { toString: 5 }],
    ['constructor', { constructor: 5 }],
    ['__proto__', JSON.parse('{"__proto__":5}')],
    ['heartbeatMs', { heartbeatMs: undefined }],
  ])('%s', (name, given) => {
    const error = errorOf(given)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain(name)
  })

  test('of a heartbeat, of a bucket, too', () => {
    expect(() => pingFrames({ interval: 5 } as object)).toThrow(/heartbeat\.interval/)
    expect(() => tokenBucket({ perSecond: 5, size: 3 } as never)).toThrow(/rateLimit\.size/)
  })
})

describe('heartbeats', () => {
  test.each([
    ['intervalMs', 0],
    ['intervalMs', Number.NaN],
    ['timeoutMs', -5],
    ['probeTimeoutMs', 0],
  ])('%s: %d is out of bounds', (name, value) => {
    const make = () => pingFrames({ [name]: value })
    expect(make).toThrow(RangeError)
    expect(make).toThrow(new RegExp(`heartbeat\\.${name}.*${value}`))
  })

  test.each([null, 5, 'x'])('options that are %o', (given) => {
    expect(() => pingFrames(given as never)).toThrow(/Option heartbeat must/)
  })

  test.each([undefined, null, {}, { ping: () => '' }, { readPong: () => true }])(
    'messageHeartbeat(%o)',
    (given) => {
      expect(() => messageHeartbeat(given as never)).toThrow(TypeError)
      expect(() => messageHeartbeat(given as never)).toThrow(/ping and readPong/)
    },
  )
})
