/** When a socket comes back to a server that asked for a pause, and to one that fails again and again. */
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { providedControl } from './support/provided-control.ts'
import { openRecorded } from './support/sockets.ts'
import { createStubbed } from './support/stubbed.ts'

const control = providedControl()

/** As `createStubbed`, with a chance that is always 0.5. */
const stubbed: typeof createStubbed = (options, url) => createStubbed({ random: () => 0.5, ...options }, url)

describe('a server that says when to come back', () => {
  test.each<[string, number | undefined]>([
    ['{"retryAfterMs":5000,"windowMs":20000}', 15_000],
    ['{"retryAfterMs":5000}', 5_000],
    ['{"retryAfterMs":0,"windowMs":0}', 0],
    ['{"retryAfterMs":99999999}', 300_000],
    ['{"retryAfterMs":-5}', 0],
    ['{"windowMs":5000}', undefined],
    ['{"retryAfterMs":"soon"}', undefined],
    ['not JSON', undefined],
    ['null', undefined],
    ['', undefined],
  ])('%s', async (reason, expected) => {
    const { stub, told } = await stubbed()
    stub.last.open()
    stub.last.end(1012, reason)
    expect(told.of('reconnecting')[0]?.delayMs).toBe(expected ?? 20)
  })

  test('clients with different luck come back spread over the window', async () => {
    const delays: (number | undefined)[] = []
    for (const luck of [0, 0.25, 0.999]) {
      const { stub, told } = await stubbed({ random: () => luck })
      stub.last.open()
      stub.last.end(1012, '{"retryAfterMs":1000,"windowMs":1000}')
      delays.push(told.of('reconnecting')[0]?.delayMs)
    }
    expect(delays).toEqual([1_000, 1_250, 1_999])
  })

  test('over a real link it is kept; reconnect() ends the wait', async () => {
    const name = uniqueCase('hint')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    await control.serverClose(name, 1001, '{"retryAfterMs":60000,"windowMs":1000}')
    const { delayMs } = await told.nth('reconnecting')
    expect(delayMs).toBeGreaterThanOrEqual(60_000)
    expect(delayMs).toBeLessThan(61_000)
    socket.reconnect()
    await told.nth('open', 2)
  })

  test('it does not turn a refusal into a retry', async () => {
    const { socket, stub } = await stubbed()
    stub.last.open()
    stub.last.end(4400, '{"retryAfterMs":10}')
    expect(socket.status).toBe('failed')
  })
})

describe('unavailable', () => {
  test('after so many failures in a row: told in the snapshot, slow waits, refresh; ended by a stable link', async () => {
    const asked: boolean[] = []
    const { clock, stub, socket, told } = await stubbed(
      { retry: { unavailableAfter: 2, slowMs: 1_000, stableMs: 500 } },
      ({ refresh }) => {
        asked.push(refresh)
        return 'ws://x/'
      },
    )
    for (let failure = 1; failure <= 3; failure++) {
      stub.last.end(1006)
      expect(socket.getSnapshot().unavailable).toBe(failure >= 2)
      await clock.advance(told.of('reconnecting').at(-1)?.delayMs ?? 0)
    }
    expect(told.of('reconnecting').map(({ delayMs }) => delayMs)).toEqual([20, 1_250, 1_250])
    expect(asked).toEqual([false, false, true, true])
    stub.last.open()
    await clock.advance(500)
    expect(socket.getSnapshot().unavailable).toBe(false)
    stub.last.end(1006)
    expect(told.of('reconnecting').at(-1)?.delayMs).toBe(20)
  })

  test('failFast: what waits is dropped and send throws, until a link is there', async () => {
    const { clock, stub, socket, told } = await stubbed({ retry: { unavailableAfter: 1, failFast: true } })
    socket.send('waits')
    stub.last.end(1006)
    expect(told.of('drop')).toMatchObject([{ data: 'waits', reason: 'unavailable' }])
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ code: 'HF_UNAVAILABLE' }))
    await clock.advance(20_000)
    stub.last.open()
    await clock.advance(0)
    socket.send('y')
    await clock.advance(0)
    expect(stub.last.sent).toEqual(['y'])
  })

  test('without failFast what waits goes out when the server is back', async () => {
    const { clock, stub, socket, told } = await stubbed({ retry: { unavailableAfter: 1 } })
    stub.last.end(1006)
    socket.send('kept')
    await clock.advance(20_000)
    stub.last.open()
    await clock.advance(0)
    expect([stub.last.sent, told.of('drop').length]).toEqual([['kept'], 0])
  })
})
