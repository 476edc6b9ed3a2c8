import type { ReconnectingWebSocket } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { catchReports } from './support/catch-reports.ts'
import { uniqueCase } from './support/control.ts'
import { emptyClose, engine } from './support/engine.ts'
import { createManualClock } from './support/manual-clock.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, macrotask, openRecorded, type Recording, until } from './support/sockets.ts'
import { createStub } from './support/stub-web-socket.ts'

const control = providedControl()
const oneLink = { retry: false } as const

/** How a socket said that its only link or attempt ended. */
async function endOf(told: Recording): Promise<unknown> {
  const { code, reason, wasClean, cause } = await told.nth('close')
  // Whatever came twice would have come by now.
  await macrotask()
  await macrotask()
  return { events: told.order('open', 'error', 'close'), code, reason, wasClean, kind: cause.kind }
}

const unclean = { code: 1006, reason: '', wasClean: false }

describe('an attempt that fails', () => {
  test('refused: error, then close 1006, not clean', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'refuse' })
    const { told } = createRecorded(proxy.url, oneLink)
    expect(await endOf(told)).toEqual({ events: ['error', 'close'], ...unclean, kind: 'refused' })
    await proxy.close()
  })

  test('answered with an HTTP status: the same code', async () => {
    const { told } = createRecorded(
      control.urlFor('/reject', uniqueCase('rejected'), { status: 503 }),
      oneLink,
    )
    const end = await endOf(told)
    expect(end).toMatchObject({ events: ['error', 'close'], ...unclean })
    expect((end as { kind: string }).kind).toBe(engine.tellsHttpStatus ? 'http' : 'refused')
  })

  test('answered with a protocol that was not offered: the same code', async () => {
    const url = control.urlFor('/protocol', uniqueCase('bad-protocol'), { pick: 'other' })
    const { socket, told } = createRecorded(url, { ...oneLink, protocols: ['mine'] })
    if (engine.refusesOtherProtocols) {
      expect(await endOf(told)).toMatchObject({ events: ['error', 'close'], ...unclean, kind: 'refused' })
    } else {
      await told.nth('open')
      expect(socket.protocol).toBe('other')
    }
  })

  test('cut in the middle of the handshake: the same code', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'cut', afterBytes: 40, direction: 'toClient' })
    const { told } = createRecorded(control.urlFor('/echo', uniqueCase('cut'), {}, proxy.url), oneLink)
    expect(await endOf(told)).toEqual({ events: ['error', 'close'], ...unclean, kind: 'refused' })
    await proxy.close()
  })

  test('never answered: the connect timeout ends it', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'mute' })
    const { told } = createRecorded(proxy.url, { ...oneLink, connectTimeoutMs: 100 })
    expect(await endOf(told)).toEqual({ events: ['error', 'close'], ...unclean, kind: 'timeout' })
    await proxy.close()
  })

  test('answered too late: the connect timeout ends it, and the server sees the client leave', async () => {
    const name = uniqueCase('late')
    const url = control.urlFor('/echo', name, { upgradeDelayMs: engine.leavesAtOnce ? 10_000 : 1_000 })
    const { told } = createRecorded(url, { ...oneLink, connectTimeoutMs: 200 })
    expect(await endOf(told)).toEqual({ events: ['error', 'close'], ...unclean, kind: 'timeout' })
    const left = async () => (await control.connections(name))[0]?.state === 'closed'
    // An engine that leaves only when it is answered cannot have left yet.
    if (!engine.leavesAtOnce) expect(await left()).toBe(false)
    await until(left)
  })

  test('each of several attempts tells its own end, once', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'refuse' })
    const { told } = createRecorded(proxy.url, { retry: { maxAttempts: 3 } })
    await told.nth('failed')
    expect(told.order('open', 'error', 'close')).toEqual([
      'error',
      'close',
      'error',
      'close',
      'error',
      'close',
    ])
    expect(told.of('close').map(({ code, wasClean }) => [code, wasClean])).toEqual(
      Array(3).fill([1006, false]),
    )
    await proxy.close()
  })
})

describe('a link that ends', () => {
  test.each([
    [1000, ''],
    [1000, 'bye'],
    [1001, 'going away'],
    [1008, 'policy'],
    [1011, 'grüße 😀'],
    [1012, 'restart'],
    [1013, 'later'],
    [1014, 'bad gateway'],
    [3000, 'x'.repeat(123)],
    [4000, ''],
    [4999, 'last'],
  ])('the peer says %d %s: passed on, clean, without an error', async (code, reason) => {
    const name = uniqueCase('peer-close')
    const { told } = await openRecorded(control.urlFor('/echo', name), oneLink)
    await control.serverClose(name, code, reason)
    const passedOn = { events: ['open', 'close'], code, reason, wasClean: true, kind: 'close' }
    const broken = { events: ['open', 'error', 'close'], ...unclean, kind: 'close' }
    expect(await endOf(told)).toEqual(engine.unknownCloseCodes.includes(code) ? broken : passedOn)
  })

  test('the peer closes without a code: 1005', async () => {
    const { told } = createRecorded(control.urlFor('/close', uniqueCase('peer-1005'), { code: 0 }), oneLink)
    expect(await endOf(told)).toEqual({
      events: engine.tellsEmptyClose ? ['open', 'close'] : ['open', 'error', 'close'],
      ...emptyClose,
      reason: '',
      kind: 'close',
    })
  })

  test('the peer vanishes without a closing handshake: error, then 1006', async () => {
    const name = uniqueCase('terminated')
    const { told } = await openRecorded(control.urlFor('/echo', name), oneLink)
    await control.serverTerminate(name)
    expect(await endOf(told)).toEqual({ events: ['open', 'error', 'close'], ...unclean, kind: 'close' })
  })

  test.each(['reset', 'fin'] as const)('the connection ends by %s: error, then 1006', async (kind) => {
    const proxy = await control.openProxy()
    const { told } = await openRecorded(control.urlFor('/echo', uniqueCase(kind), {}, proxy.url), oneLink)
    await proxy.fault({ kind })
    expect(await endOf(told)).toEqual({ events: ['open', 'error', 'close'], ...unclean, kind: 'close' })
    await proxy.close()
  })

  const noUtf8 = [0x81, 0x02, 0xc3, 0x28]
  const brokenFrames: [string, number[]][] = [['a frame that the protocol does not know', [0xf3, 0x00]]]
  if (engine.checksUtf8) brokenFrames.push(['text that is no UTF-8', noUtf8])

  test.each(brokenFrames)('the peer sends %s: error, then 1006', async (_what, bytes) => {
    const proxy = await control.openProxy()
    const { told } = await openRecorded(
      control.urlFor('/echo', uniqueCase('garbage'), {}, proxy.url),
      oneLink,
    )
    await proxy.fault({ kind: 'inject', to: 'client', bytes })
    const kind = engine.brokenFrames
    expect(await endOf(told)).toEqual({ events: ['open', 'error', 'close'], ...unclean, kind })
    await proxy.close()
  })

  if (!engine.checksUtf8)
    test('the peer sends text that is no UTF-8: nobody looks at it, and it is delivered', async () => {
      const proxy = await control.openProxy()
      const url = control.urlFor('/echo', uniqueCase('garbage'), {}, proxy.url)
      const { told } = await openRecorded(url, oneLink)
      await proxy.fault({ kind: 'inject', to: 'client', bytes: noUtf8 })
      await told.nth('message')
      expect(told.of('close')).toEqual([])
      await proxy.close()
    })

  test('a peer that never answers our close: 1006 after the timeout, and not the code that was asked for', async () => {
    const name = uniqueCase('mute')
    const { socket, told } = await openRecorded(control.urlFor('/mute', name), { closeTimeoutMs: 100 })
    socket.close(3000, 'please')
    expect(socket.readyState).toBe(2)
    expect(await endOf(told)).toEqual({ events: ['open', 'close'], ...unclean, kind: 'user' })
    expect(socket.readyState).toBe(3)
  })

  test('a link whose network died, closed by us: 1006 after the timeout', async () => {
    const proxy = await control.openProxy()
    const url = control.urlFor('/echo', uniqueCase('dead-close'), {}, proxy.url)
    const { socket, told } = await openRecorded(url, { closeTimeoutMs: 100 })
    await proxy.fault({ kind: 'blackHole' })
    socket.close(1000)
    expect(await endOf(told)).toEqual({ events: ['open', 'close'], ...unclean, kind: 'user' })
    await proxy.close()
  })

  test('the peer closes while we do: one close, with a code that was really said', async () => {
    const name = uniqueCase('both-close')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name), { closeTimeoutMs: 3_500 })
    const closed = control.serverClose(name, 4001, 'server')
    socket.close(4002, 'client')
    await closed
    const end = (await endOf(told)) as { events: unknown; code: number; wasClean: boolean }
    expect(end.events).toEqual(['open', 'close'])
    expect([4001, 4002]).toContain(end.code)
    expect(end.wasClean).toBe(true)
    expect(socket.status).toBe('closed')
  })

  test('replaced by reconnect() it says so, and no later event of it is heard', async () => {
    const name = uniqueCase('replaced')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.reconnect()
    await told.nth('open', 2)
    await until(async () => (await control.connections(name))[0]?.state === 'closed')
    await macrotask()
    expect(told.order('open', 'error', 'close')).toEqual(['open', 'close', 'open'])
    expect(told.of('close')[0]).toMatchObject({ ...unclean, cause: { kind: 'user' } })
  })
})

/** What platforms were seen to do (field-notes.md), without those platforms. */
describe('whatever the platform does', () => {
  function stubbed(options: Parameters<typeof createRecorded>[1] = {}) {
    const stub = createStub()
    const created = createRecorded('ws://stub.invalid/', {
      ...oneLink,
      WebSocket: stub.WebSocket,
      ...options,
    })
    return { stub, ...created, made: () => until(() => stub.made.at(-1)) }
  }

  test('an error without any close (Node 22, refused) ends the attempt', async () => {
    const { made, told } = stubbed()
    ;(await made()).fail(new Error('ECONNREFUSED'))
    const end = await endOf(told)
    expect(end).toEqual({ events: ['error', 'close'], ...unclean, kind: 'refused' })
    expect(told.of('error')[0]?.error).toEqual(new Error('ECONNREFUSED'))
  })

  test('an error and in the same task a close: the true code wins', async () => {
    const { made, told } = stubbed()
    const native = await made()
    native.open()
    native.fail()
    native.end(1002, 'bad frame', false)
    expect(await endOf(told)).toMatchObject({
      events: ['open', 'error', 'close'],
      code: 1002,
      reason: 'bad frame',
    })
  })

  test('an error and a microtask later a close: the true code wins', async () => {
    const { made, told } = stubbed()
    const native = await made()
    native.open()
    native.fail()
    await undefined
    native.end(1011, 'later')
    expect(await endOf(told)).toMatchObject({ code: 1011, reason: 'later', wasClean: true })
  })

  test('a close with code 0 (Deno, refused) is 1006', async () => {
    const { made, told } = stubbed()
    ;(await made()).end(0, '', false)
    expect(await endOf(told)).toEqual({ events: ['error', 'close'], ...unclean, kind: 'refused' })
  })

  test('everything twice, and late, is told once', async () => {
    const { made, told, socket } = stubbed({ retry: true })
    const first = await made()
    first.open()
    first.open()
    first.fail()
    first.fail()
    first.end(1001)
    first.end(1002)
    await told.nth('reconnecting')
    first.receive('from the dead')
    first.open()
    first.end(1003)
    first.fail()
    const second = await until(() => (socket.status === 'connecting' ? socket : undefined))
    await macrotask()
    expect(second.status).toBe('connecting')
    expect(told.order('open', 'message', 'error', 'close')).toEqual(['open', 'close'])
    expect(told.of('close')[0]?.code).toBe(1001)
  })

  test('a platform that never says that it closed is let go after the timeout', async () => {
    const clock = createManualClock()
    const { made, told, socket } = stubbed({ clock, closeTimeoutMs: 3_000 })
    await clock.advance(0)
    ;(await made()).open()
    await clock.advance(0)
    socket.close(1000)
    await clock.advance(2_999)
    expect(told.of('close')).toHaveLength(0)
    await clock.advance(1)
    expect(told.of('close').map(({ code }) => code)).toEqual([1006])
    expect(clock.pending).toBe(0)
  })

  test('a constructor that throws is a failed attempt, with its error as the cause', async () => {
    const error = new Error('no sockets today')
    const { told } = stubbed({
      WebSocket: createStub(() => {
        throw error
      }).WebSocket,
    })
    expect(await endOf(told)).toEqual({ events: ['error', 'close'], ...unclean, kind: 'setup' })
    expect(told.of('close')[0]?.cause.error).toBe(error)
  })

  test('a native close() that throws leaves nothing hanging', async () => {
    catchReports()
    const { made, told, socket } = stubbed({ closeTimeoutMs: 50 })
    const native = await made()
    native.open()
    native.close = () => {
      throw new Error('close failed')
    }
    try {
      socket.close()
    } catch {
      // Whether it is told to the caller is not the point.
    }
    await told.nth('close')
    expect(socket.status).toBe('closed')
  })

  test('a peer that talks on after our close() is not heard, as by the standard', async () => {
    const { made, told, socket } = stubbed()
    const native = await made()
    native.open()
    socket.close()
    native.receive('one more thing')
    native.end(1005)
    await told.nth('close')
    expect(told.order('message', 'close')).toEqual(['close'])
  })
})

describe('whenever it comes, an end leaves no link behind', () => {
  const ways: [string, (socket: ReconnectingWebSocket) => void, number][] = [
    ['close()', (socket) => socket.close(), 0],
    ['suspend()', (socket) => socket.suspend(), 0],
    ['reconnect()', (socket) => socket.reconnect(), 1],
    [
      'close() and open()',
      (socket) => {
        socket.close()
        socket.open()
      },
      1,
    ],
  ]

  test.each(ways)('%s after any number of microtasks', async (_what, act, left) => {
    for (let wait = 0; wait < 16; wait++) {
      const stub = createStub()
      const { socket } = createRecorded(async () => 'ws://stub.invalid/', { WebSocket: stub.WebSocket })
      for (let done = 0; done < wait; done++) await undefined
      act(socket)
      await macrotask()
      await macrotask()
      const held = stub.made.filter(({ closeCalls }) => closeCalls.length === 0)
      expect(held.length, `after ${wait} microtasks`).toBe(left)
    }
  })

  test.each(ways)('%s in the listener of any event', async (_what, act, left) => {
    for (const type of ['open', 'error', 'close', 'status', 'reconnecting'] as const) {
      const stub = createStub()
      const { socket } = createRecorded('ws://stub.invalid/', { WebSocket: stub.WebSocket })
      const native = await until(() => stub.made[0])
      let acted = false
      const once = () => {
        if (acted) return
        acted = true
        act(socket)
      }
      socket.on(type, once)
      native.open()
      native.end(1006)
      await until(() => acted, type)
      await macrotask()
      await macrotask()
      const held = stub.made.filter(({ closeCalls, readyState }) => closeCalls.length === 0 && readyState < 2)
      expect(held.length, `in ${type}`).toBe(left)
    }
  })

  test.each(ways)('%s in the close listener of a reconnect()', async (_what, act, left) => {
    const stub = createStub()
    const { socket } = createRecorded('ws://stub.invalid/', { WebSocket: stub.WebSocket })
    ;(await until(() => stub.made[0])).open()
    socket.addEventListener('close', () => act(socket), { once: true })
    socket.reconnect()
    await macrotask()
    await macrotask()
    expect(stub.made.filter(({ closeCalls }) => closeCalls.length === 0)).toHaveLength(left)
  })

  test('a close listener that always calls reconnect(), and takes its time, does not run for ever', async () => {
    const stub = createStub()
    let calls = 0
    const { socket } = createRecorded('ws://stub.invalid/', { WebSocket: stub.WebSocket })
    ;(await until(() => stub.made[0])).open()
    socket.onclose = () => {
      calls++
      const start = performance.now()
      while (performance.now() - start < 3) {
        // Work that takes longer than the clock needs to move on.
      }
      if (calls < 50) socket.reconnect()
    }
    socket.reconnect()
    await macrotask()
    await macrotask()
    socket.onclose = null
    expect(calls).toBeLessThan(5)
    expect(stub.made.filter(({ closeCalls }) => closeCalls.length === 0)).toHaveLength(1)
  })
})
