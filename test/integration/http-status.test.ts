import type { AttemptContext } from 'holdfast'
import { constantBackoff, isHoldfastError } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { createRecorded, openRecorded, until } from '../contract/support/sockets.ts'
import { createCertificate } from '../servers/certificate.ts'
import { createBench, createFaultBench, numbered } from './support/bench.ts'

const testTimeoutMs = 10_000
/** A wait that no test outlives: only a hint of the server can be sooner. */
const never = constantBackoff(600_000)

describe('refused credentials', () => {
  it.each([401, 403])(
    '%i with a static address fail at once, and keep the queue',
    async (status) => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/reject', { status }))
      socket.send('kept')
      const { cause, error } = await told.nth('failed')
      expect(cause).toMatchObject({ kind: 'http', status, code: 1006, wasClean: false })
      expect(error.code).toBe('HF_STOPPED')
      expect(error.cause).toBe(cause)
      expect(error.message).toContain(String(status))
      expect(error.message).not.toContain(bench.caseName)
      expect(socket.status).toBe('failed')
      expect(socket.queued.count).toBe(1)
      expect(told.order('error', 'close', 'failed')).toEqual(['error', 'close', 'failed'])
      expect(bench.case.connections).toHaveLength(1)
    },
    testTimeoutMs,
  )

  it.each([401, 403])(
    '%i with a provider ask it for new ones',
    async (status) => {
      const bench = await createBench()
      const asked: AttemptContext[] = []
      const { socket, told } = createRecorded((context) => {
        asked.push(context)
        return bench.url(context.refresh ? '/echo' : '/reject', {
          status,
          token: context.refresh ? 'new' : 'old',
        })
      })
      socket.send('hello')
      expect(await told.nth('message')).toMatchObject({ data: 'hello' })
      expect(asked.map(({ refresh, attempt }) => [attempt, refresh])).toEqual([
        [1, false],
        [2, true],
      ])
      expect(asked[1]?.lastClose).toMatchObject({ kind: 'http', status })
      expect(asked[0]?.signal.aborted).toBe(true)
      expect(asked[1]?.signal.aborted).toBe(false)
      expect(bench.case.connections.map(({ query }) => query['token'])).toEqual(['old', 'new'])
    },
    testTimeoutMs,
  )

  it(
    'are believed after three refreshes in a row',
    async () => {
      const bench = await createBench()
      const refreshes: boolean[] = []
      const { told } = createRecorded(({ refresh }) => {
        refreshes.push(refresh)
        return bench.url('/reject', { status: 401 })
      })
      expect((await told.nth('failed')).error.code).toBe('HF_STOPPED')
      expect(refreshes).toEqual([false, true, true, true])
      expect(bench.case.connections).toHaveLength(4)
    },
    testTimeoutMs,
  )

  it(
    'that come back start anew by open()',
    async () => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/echo', { rejectFirst: 1, status: 401 }))
      socket.send('kept')
      await told.nth('failed')
      socket.open()
      expect(await told.nth('message')).toMatchObject({ data: 'kept' })
    },
    testTimeoutMs,
  )
})

describe('other statuses', () => {
  it.each([400, 402, 405, 410, 426, 451])(
    '%i stops',
    async (status) => {
      const bench = await createBench()
      const { told } = createRecorded(bench.url('/reject', { status }))
      expect((await told.nth('failed')).cause).toMatchObject({ kind: 'http', status })
      expect(bench.case.connections).toHaveLength(1)
    },
    testTimeoutMs,
  )

  it.each([200, 301, 404, 408, 425, 429, 500, 502, 503, 504])(
    '%i is tried again',
    async (status) => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/echo', { rejectFirst: 2, status }))
      const sent = numbered('m', 5)
      for (const text of sent) socket.send(text)
      await told.nth('message', 5)
      expect(bench.texts()).toEqual(sent)
      expect(told.of('close').map(({ code, cause }) => [code, cause.kind, cause.status])).toEqual([
        [1006, 'http', status],
        [1006, 'http', status],
      ])
    },
    testTimeoutMs,
  )

  it(
    'follow the close policy by status',
    async () => {
      const bench = await createBench()
      const { told } = createRecorded(bench.url('/no-such-path'), {
        closePolicy: { 404: 'stop', 4404: 'retry' },
      })
      expect((await told.nth('failed')).cause).toMatchObject({ kind: 'http', status: 404 })
      const patient = createRecorded(bench.url('/echo', { rejectFirst: 2, status: 410 }), {
        closePolicy: { 410: 'retry' },
      })
      await patient.told.nth('open')
    },
    testTimeoutMs,
  )
})

describe('Retry-After', () => {
  it.each([429, 503])(
    'of a %i is waited for, in place of the backoff',
    async (status) => {
      const bench = await createBench()
      const url = bench.url('/echo', { rejectFirst: 1, status, retryAfter: 1 })
      const { told } = createRecorded(url, { backoff: never, random: () => 0.999 })
      const { delayMs, cause, nextAttemptAt } = await told.nth('reconnecting')
      expect(delayMs).toBe(1_000)
      expect(cause).toMatchObject({ kind: 'http', status, retryAfterMs: 1_000 })
      expect(nextAttemptAt - Date.now()).toBeLessThanOrEqual(1_000)
      await told.nth('open')
      const [first, second] = bench.case.connections
      expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(980)
    },
    testTimeoutMs,
  )

  it(
    'of 0 is at once',
    async () => {
      const bench = await createBench()
      const url = bench.url('/echo', { rejectFirst: 3, status: 503, retryAfter: 0 })
      const { told } = createRecorded(url, { backoff: never })
      await told.nth('open')
      expect(told.of('reconnecting').map(({ delayMs }) => delayMs)).toEqual([0, 0, 0])
    },
    testTimeoutMs,
  )

  it(
    'as a date is waited for',
    async () => {
      const bench = await createBench()
      const date = new Date(Date.now() + 60_000).toUTCString()
      const { told } = createRecorded(bench.url('/reject', { status: 503, retryAfter: date }))
      const { delayMs } = await told.nth('reconnecting')
      expect(delayMs).toBeGreaterThan(50_000)
      expect(delayMs).toBeLessThanOrEqual(60_000)
    },
    testTimeoutMs,
  )

  it(
    'is brought within the bound, and reconnect() alone ends the wait',
    async () => {
      const bench = await createBench()
      const url = bench.url('/echo', { rejectFirst: 1, status: 503, retryAfter: 86_400 })
      const { socket, told } = createRecorded(url)
      expect(await told.nth('reconnecting')).toMatchObject({ delayMs: 300_000 })
      socket.wake()
      expect(socket.status).toBe('backoff')
      socket.reconnect()
      await told.nth('open')
    },
    testTimeoutMs,
  )

  it.each(['soon', '-1', ''])(
    'of %j is none',
    async (retryAfter) => {
      const bench = await createBench()
      const { told } = createRecorded(bench.url('/echo', { rejectFirst: 1, status: 503, retryAfter }))
      expect(await told.nth('reconnecting')).toMatchObject({ delayMs: 20 })
      await told.nth('open')
    },
    testTimeoutMs,
  )
})

describe('webSocketOptions', () => {
  it(
    'bring headers to the server, at each attempt as they are then',
    async () => {
      const bench = await createBench()
      const headers: Record<string, string> = { authorization: 'Bearer one', 'x-kept': 'yes' }
      const { socket, told } = await openRecorded(bench.url('/echo'), { webSocketOptions: { headers } })
      headers['authorization'] = 'Bearer two'
      socket.reconnect()
      await told.nth('open', 2)
      expect(bench.case.connections.map(({ headers: { authorization } }) => authorization)).toEqual([
        'Bearer one',
        'Bearer two',
      ])
      expect(bench.case.connections[1]?.headers['x-kept']).toBe('yes')
    },
    testTimeoutMs,
  )

  it(
    'carry a CA: wss opens, sends, and comes back after a reset',
    async () => {
      const tls = createCertificate()
      const bench = await createFaultBench({ tls })
      const { socket, told } = await openRecorded(bench.url('/echo'), { webSocketOptions: { ca: tls.cert } })
      const sent = numbered('m', 1_000)
      for (const text of sent) socket.send(text)
      await until(() => told.of('message').length === sent.length)
      expect(told.of('message').map(({ data }) => data)).toEqual(sent)
      expect(told.of('message')[0]?.origin).toBe(bench.proxy.url)
      await bench.proxy.setFault({ kind: 'reset' })
      expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'close' } })
      await told.nth('open', 2)
      expect(bench.case.connections.every(({ secure }) => secure)).toBe(true)
    },
    testTimeoutMs,
  )

  it(
    'without the CA: the certificate is refused, and said so',
    async () => {
      const bench = await createBench({ tls: createCertificate() })
      const { told } = createRecorded(bench.url('/echo'))
      const { error, cause } = await told.nth('error')
      expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
      expect(cause).toMatchObject({ kind: 'refused', code: 1006 })
      expect(isHoldfastError(error)).toBe(false)
      expect(bench.case.connections).toEqual([])
    },
    testTimeoutMs,
  )
})
