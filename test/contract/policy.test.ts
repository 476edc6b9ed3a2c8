/** What happens after which end of a link, and what a user can change about it. */
import { constantBackoff, type LossOutcome } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { catchReports } from './support/catch-reports.ts'
import { uniqueCase } from './support/control.ts'
import { engine } from './support/engine.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, openRecorded, type TestSocketOptions } from './support/sockets.ts'
import { createStubbed } from './support/stubbed.ts'

const control = providedControl()

/** As `createStubbed`, with a chance that is always 0.5. */
const stubbed: typeof createStubbed = (options, url) => createStubbed({ random: () => 0.5, ...options }, url)

/** What becomes of a socket whose first link ends with this code. */
async function statusAfter(code: number, options?: TestSocketOptions, reason = ''): Promise<string> {
  const { socket, stub } = await stubbed(options)
  stub.last.open()
  stub.last.end(code, reason)
  return socket.status
}

describe('the default table', () => {
  const retried = [
    1000, 1001, 1004, 1005, 1006, 1009, 1011, 1012, 1013, 1014, 1015, 2999, 3000, 3999, 4000, 4399, 4404,
    4408, 4425, 4429, 4500, 4999,
  ]
  const stopped = [1002, 1003, 1007, 1010, 4400, 4402, 4405, 4410, 4499]

  test.each(retried)('%d is tried again', async (code) => {
    expect(await statusAfter(code)).toBe('backoff')
  })

  test.each(stopped)('%d ends in failed, with the code told', async (code) => {
    const { socket, stub, told } = await stubbed({}, async () => 'ws://x/')
    stub.last.open()
    stub.last.end(code, 'no')
    expect([socket.status, socket.readyState]).toEqual(['failed', 3])
    expect(told.of('failed')).toMatchObject([
      { cause: { kind: 'close', code, reason: 'no' }, error: { code: 'HF_STOPPED' } },
    ])
  })

  test.each([1008, 4401, 4403])('%d asks a function anew, and stops without one', async (code) => {
    expect(await statusAfter(code)).toBe('failed')
    const asked: boolean[] = []
    const { clock, stub } = await stubbed({}, ({ refresh }) => {
      asked.push(refresh)
      return 'ws://x/'
    })
    stub.last.open()
    stub.last.end(code)
    await clock.advance(20)
    expect(asked).toEqual([false, true])
  })

  test('a server that refuses over a real link is left alone', async () => {
    const name = uniqueCase('stopped')
    const { told } = await openRecorded(control.urlFor('/echo', name))
    await control.serverClose(name, 4400, 'bad request')
    const { cause } = await told.nth('failed')
    expect(cause).toMatchObject({ code: 4400, reason: 'bad request' })
    expect(await control.connections(name)).toHaveLength(1)
  })
})

describe('HTTP statuses', () => {
  if (engine.tellsHttpStatus)
    test.each([
      [400, 'failed'],
      [401, 'failed'],
      [403, 'failed'],
      [410, 'failed'],
      [200, 'backoff'],
      [404, 'backoff'],
      [408, 'backoff'],
      [429, 'backoff'],
      [500, 'backoff'],
      [503, 'backoff'],
    ])('over ws: %d leads to %s, and the cause tells it', async (status, next) => {
      const url = control.urlFor('/reject', uniqueCase('http'), { status })
      const { socket, told } = createRecorded(url, { backoff: constantBackoff(3_600_000) })
      expect((await told.nth('close')).cause).toMatchObject({ kind: 'http', status, code: 1006 })
      expect(socket.status).toBe(next)
    })

  if (!engine.tellsHttpStatus)
    test('over a W3C socket a refusal is 1006 whatever its status, and is tried again', async () => {
      const url = control.urlFor('/reject', uniqueCase('http'), { rejectFirst: 1, status: 401 })
      const { socket, told } = createRecorded(url, { backoff: constantBackoff(3_600_000) })
      expect((await told.nth('close')).cause).toMatchObject({ kind: 'refused', code: 1006 })
      expect(socket.status).toBe('backoff')
    })

  test('rejected twice with 503, then taken: the link comes', async () => {
    const name = uniqueCase('third')
    const { told } = createRecorded(control.urlFor('/echo', name, { rejectFirst: 2, status: 503 }))
    await told.nth('open')
    expect(told.order('error', 'close', 'open')).toEqual(['error', 'close', 'error', 'close', 'open'])
    expect(await control.connections(name)).toHaveLength(3)
  })
})

describe('closePolicy and decide', () => {
  test.each<[LossOutcome, string]>([
    ['stop', 'failed'],
    ['retry', 'backoff'],
    ['now', 'backoff'],
    ['refresh', 'failed'],
  ])('closePolicy: %s for 4000 leads to %s', async (outcome, status) => {
    expect(await statusAfter(4000, { closePolicy: { 4000: outcome } })).toBe(status)
    expect(await statusAfter(4001, { closePolicy: { 4000: outcome } })).toBe('backoff')
  })

  test('now: the first wait is 0, the next one is the backoff', async () => {
    const { clock, stub, told } = await stubbed({ closePolicy: { 4000: 'now' } })
    stub.last.open()
    stub.last.end(4000)
    await clock.advance(0)
    stub.last.open()
    stub.last.end(4000)
    expect(told.of('reconnecting').map(({ delayMs }) => delayMs)).toEqual([0, 20])
  })

  test('decide goes before closePolicy, and undefined leaves it to the table', async () => {
    const options: TestSocketOptions = {
      closePolicy: { 4000: 'retry', 4001: 'stop' },
      decide: ({ reason }) => (reason === 'kicked' ? 'stop' : undefined),
    }
    expect(await statusAfter(4000, options, 'kicked')).toBe('failed')
    expect(await statusAfter(4000, options, 'other')).toBe('backoff')
    expect(await statusAfter(4001, options, 'other')).toBe('failed')
    expect(await statusAfter(1002, { decide: () => 'retry' })).toBe('backoff')
  })

  test.each<[string, () => LossOutcome | undefined]>([
    [
      'throws',
      () => {
        throw new Error('decide failed')
      },
    ],
    ['answers nonsense', () => 'maybe' as LossOutcome],
  ])('decide that %s is reported, and the table decides', async (_what, decide) => {
    const reports = catchReports()
    expect(await statusAfter(4000, { decide })).toBe('backoff')
    expect(await statusAfter(1002, { decide })).toBe('failed')
    expect(reports).toHaveLength(2)
  })

  test('its refresh needs no function and has no limit', async () => {
    const { clock, stub, socket } = await stubbed({
      decide: () => 'refresh',
      retry: { unavailableAfter: Infinity },
    })
    for (let round = 0; round < 10; round++) {
      stub.last.end(1006)
      await clock.advance(20)
    }
    expect([socket.status, stub.made.length]).toEqual(['connecting', 11])
  })

  test('a backoff that throws or answers nonsense is reported, and the default is asked', async () => {
    const reports = catchReports()
    let calls = 0
    const { clock, stub, told } = await stubbed({
      backoff: () => {
        if (calls++ === 0) throw new Error('no idea')
        return Number.NaN
      },
    })
    stub.last.end(1006)
    await clock.advance(5_000)
    stub.last.end(1006)
    expect(told.of('reconnecting').map(({ delayMs }) => delayMs)).toEqual([1_500, 4_000])
    expect(reports).toHaveLength(2)
  })
})
