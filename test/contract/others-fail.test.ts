/**
 * How the others fail: one test for each item of the section of that name in the field notes.
 * The name of a test is the failure; the test proves that it is not ours.
 */
import {
  constantBackoff,
  decorrelatedJitter,
  defaultBackoff,
  envelopeHeartbeat,
  equalJitter,
  fullJitter,
  proportionalJitter,
  ReconnectingWebSocket,
} from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { catchReports } from './support/catch-reports.ts'
import { uniqueCase } from './support/control.ts'
import { emptyClose } from './support/engine.ts'
import { createManualClock } from './support/manual-clock.ts'
import { providedControl } from './support/provided-control.ts'
import { dataReceived } from './support/received.ts'
import { createRecorded, createSocket, macrotask, openRecorded, until } from './support/sockets.ts'
import { createStub } from './support/stub-web-socket.ts'

const control = providedControl()

describe('reconnecting-websocket and partysocket', () => {
  test('refused connections are reported as close 1000, wasClean true', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'refuse' })
    const { told } = createRecorded(proxy.url)
    const { code, wasClean } = await told.nth('close')
    expect([code, wasClean]).toEqual([1006, false])
    expect(told.order('error', 'close').slice(0, 2)).toEqual(['error', 'close'])
    await proxy.close()
  })

  test('reconnect() during backoff does not interrupt it', async () => {
    const name = uniqueCase('interrupt')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name), {
      backoff: constantBackoff(3_600_000),
    })
    await control.serverTerminate(name)
    await told.nth('reconnecting')
    socket.reconnect()
    await told.nth('open', 2)
  })

  test('close() leaves the backoff timer pending', async () => {
    const clock = createManualClock()
    const stub = createStub()
    const { socket, told } = createRecorded('ws://stub.invalid/', {
      WebSocket: stub.WebSocket,
      clock,
      backoff: constantBackoff(60_000),
    })
    await clock.advance(0)
    stub.last.end(1006)
    expect(socket.status).toBe('backoff')
    expect(clock.pending).toBe(1)
    socket.close()
    await clock.advance(0)
    expect(told.of('close')).toHaveLength(2)
    expect(clock.pending).toBe(0)
    await clock.advance(120_000)
    expect(stub.made).toHaveLength(1)
  })

  test('new + close() in one tick emits no close', async () => {
    const { socket, told } = createRecorded(control.urlFor('/echo', uniqueCase('one-tick')))
    socket.close()
    await told.nth('close')
    expect(socket.readyState).toBe(socket.CLOSED)
  })

  test('on* events have the inner socket as target', async () => {
    const name = uniqueCase('target')
    const socket = createSocket(control.urlFor('/echo', name))
    const targets: unknown[] = []
    socket.onopen = (event) => {
      targets.push(event.target)
      socket.send('x')
    }
    socket.onmessage = (event) => targets.push(event.target)
    socket.onerror = (event) => targets.push(event.target)
    socket.onclose = (event) => targets.push(event.target)
    await until(() => targets.length === 2)
    await control.serverTerminate(name)
    await until(() => targets.length >= 4)
    expect(targets.slice(0, 4)).toEqual([socket, socket, socket, socket])
  })

  test('a throwing handler starves the others', async () => {
    const reported = catchReports()
    const name = uniqueCase('throwing')
    const { socket, told } = createRecorded(control.urlFor('/echo', name))
    const calls: string[] = []
    for (const type of ['open', 'message', 'error', 'close', 'status', 'reconnecting'] as const) {
      socket.on(type, () => {
        throw new Error(`thrown in ${type}`)
      })
      socket.on(type, () => void calls.push(type))
    }
    socket.onmessage = () => {
      throw new Error('thrown in onmessage')
    }
    socket.subscribe(() => {
      throw new Error('thrown in subscribe')
    })
    socket.send('x')
    await told.nth('message')
    await control.serverTerminate(name)
    await told.nth('open', 2)
    socket.send('y')
    await told.nth('message', 2)
    expect([...new Set(calls)].sort()).toEqual([
      'close',
      'error',
      'message',
      'open',
      'reconnecting',
      'status',
    ])
    const messages = reported.map((error) => (error as Error).message)
    expect(messages).toContain('thrown in onmessage')
    expect(messages).toContain('thrown in close')
    expect(messages).toContain('thrown in subscribe')
  })

  test('a typed array changed after send() is sent changed', async () => {
    const name = uniqueCase('changed')
    const bytes = Uint8Array.of(1, 2, 3)
    const socket = createSocket(control.urlFor('/sink', name))
    socket.send(bytes)
    bytes.fill(9)
    await dataReceived(control, name, 1)
    bytes.fill(4)
    socket.send(bytes)
    bytes.fill(9)
    const received = await dataReceived(control, name, 2)
    expect(received.map((data) => [...(data as Uint8Array)])).toEqual([
      [1, 2, 3],
      [4, 4, 4],
    ])
  })

  test('one bad queued item aborts the flush and open never fires', async () => {
    const stub = createStub((native) => {
      native.onSend = (data) => {
        if (data === 'bad') throw new Error('cannot be sent')
      }
    })
    const { socket, told } = createRecorded('ws://stub.invalid/', { WebSocket: stub.WebSocket })
    for (const data of ['1', 'bad', '2']) socket.send(data)
    ;(await until(() => stub.made[0])).open()
    await until(() => stub.last.sent.length === 2)
    expect(stub.last.sent).toEqual(['1', '2'])
    expect(told.order('open', 'drop')).toEqual(['open', 'drop'])
    expect(told.of('drop')[0]).toMatchObject({ data: 'bad', reason: 'write-failed' })
    expect(socket.queued.count).toBe(0)
  })

  test('queued data goes out before the open handler runs', async () => {
    const name = uniqueCase('auth-first')
    const socket = createSocket(control.urlFor('/sink', name))
    socket.send('queued')
    socket.onopen = () => socket.send('auth')
    expect(await dataReceived(control, name, 2)).toEqual(['auth', 'queued'])
  })

  test.each([
    [
      'throwing',
      () => {
        throw new Error('no token yet')
      },
    ],
    ['rejecting', () => Promise.reject(new Error('no token yet'))],
  ])('a %s URL provider locks the client', async (_how, fail) => {
    const name = uniqueCase('provider')
    let asked = 0
    const { told } = createRecorded(() => (++asked < 3 ? fail() : control.urlFor('/echo', name)))
    await told.nth('open')
    expect(asked).toBe(3)
    expect(told.of('close').map(({ cause }) => [cause.kind, (cause.error as Error).message])).toEqual([
      ['url', 'no token yet'],
      ['url', 'no token yet'],
    ])
  })

  test('a link that died silently stays OPEN for ever and swallows messages', async () => {
    const proxy = await control.openProxy()
    const name = uniqueCase('died')
    const { socket, told } = await openRecorded(control.urlFor('/json-pong', name, {}, proxy.url), {
      heartbeat: envelopeHeartbeat({ intervalMs: 200, timeoutMs: 200 }),
      keepInDoubt: 10,
    })
    await told.nth('heartbeat')
    await proxy.fault({ kind: 'blackHole' }, 'live')
    socket.send('into the void')
    const { cause } = await told.nth('close')
    expect(cause.kind).toBe('heartbeat')
    expect(told.of('indoubt')[0]?.messages).toContain('into the void')
    await told.nth('open', 2)
    await proxy.close()
  })

  test('jitter is drawn once at module load, or not at all', async () => {
    const delays: number[] = []
    for (let round = 0; round < 2; round++) {
      const clock = createManualClock()
      const stub = createStub()
      const socket = new ReconnectingWebSocket('ws://stub.invalid/', [], { WebSocket: stub.WebSocket, clock })
      onTestFinished(() => socket.close())
      socket.on('reconnecting', ({ delayMs }) => void delays.push(delayMs))
      for (let attempt = 0; attempt < 4; attempt++) {
        await clock.advance(0)
        stub.last.end(1006)
        await clock.advance(delays.at(-1) ?? 0)
      }
    }
    expect(delays).toHaveLength(8)
    expect(new Set(delays).size).toBe(8)
  })

  test('{ once } and { signal } are ignored', async () => {
    const name = uniqueCase('once-signal')
    const socket = createSocket(control.urlFor('/echo', name))
    const calls = { once: 0, signal: 0, plain: 0 }
    const abort = new AbortController()
    socket.addEventListener('open', () => void calls.once++, { once: true })
    socket.addEventListener('open', () => void calls.signal++, { signal: abort.signal })
    socket.addEventListener('open', () => void calls.plain++)
    await until(() => calls.plain === 1)
    abort.abort()
    await control.serverTerminate(name)
    await until(() => calls.plain === 2)
    expect(calls).toEqual({ once: 1, signal: 1, plain: 2 })
  })

  test('after the retry limit reconnect() does nothing, and nothing tells of the limit', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'refuse' })
    const { socket, told } = createRecorded(control.urlFor('/echo', uniqueCase('limit'), {}, proxy.url), {
      retry: { maxAttempts: 2 },
    })
    const failed = await told.nth('failed')
    expect(failed.error).toMatchObject({ name: 'HoldfastError', code: 'HF_RETRY_LIMIT' })
    expect([socket.status, socket.readyState]).toEqual(['failed', 3])
    expect(told.of('close')).toHaveLength(2)
    await proxy.fault({ kind: 'pass' })
    socket.reconnect()
    await told.nth('open')
    await proxy.close()
  })

  test('CloseEvent listeners get code === "close" in a real browser', async () => {
    const name = uniqueCase('code-close')
    const { told } = await openRecorded(control.urlFor('/echo', name))
    await control.serverClose(name, 4321, 'a reason')
    const { type, code, reason, wasClean } = await told.nth('close')
    expect([type, code, reason, wasClean]).toEqual(['close', 4321, 'a reason', true])
  })
})

/** Each in full in w3c-face.test.ts. */
describe('what they fail of the web platform tests', () => {
  const idle = () => createSocket('ws://127.0.0.1:9/', { autoConnect: false })
  const nameOf = (call: () => unknown) => {
    try {
      call()
    } catch (error) {
      return (error as Error).name
    }
    return undefined
  }

  test('SyntaxError on a bad static URL', () => {
    expect(nameOf(() => new ReconnectingWebSocket('mailto:x@y'))).toBe('SyntaxError')
  })
  test('SyntaxError on a bad protocol list', () => {
    expect(nameOf(() => new ReconnectingWebSocket('ws://x', ['a', 'A']))).toBe('SyntaxError')
  })
  test('close code validation', () => {
    expect(nameOf(() => idle().close(1001))).toBe('InvalidAccessError')
  })
  test('a handler that is no function', () => {
    const socket = idle()
    socket.onopen = 'x' as never
    expect(socket.onopen).toBeNull()
  })
  test('an invalid binaryType ignored', () => {
    const socket = idle()
    socket.binaryType = 'x' as never
    expect(socket.binaryType).toBe('blob')
  })
  test('toStringTag', () => {
    expect(String(idle())).toBe('[object WebSocket]')
  })
  test('constants', () => {
    expect([ReconnectingWebSocket.OPEN, idle().CLOSED]).toEqual([1, 3])
  })
  test('1005 without a code', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('no-code')))
    socket.close()
    expect((await told.nth('close')).code).toBe(emptyClose.code)
  })
  test('event.target', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('event-target')))
    expect(told.of('open')[0]?.target).toBe(socket)
  })
  test('CLOSING after close()', async () => {
    const { socket } = await openRecorded(control.urlFor('/echo', uniqueCase('closing')))
    socket.close()
    expect(socket.readyState).toBe(socket.CLOSING)
  })
})

describe('a server that accepts and closes after 30 ms', () => {
  test('over 10 s SignalR connected 267 times, Phoenix 231', async () => {
    const clock = createManualClock()
    const stub = createStub()
    const socket = new ReconnectingWebSocket('ws://stub.invalid/', [], { WebSocket: stub.WebSocket, clock })
    onTestFinished(() => socket.close())
    const end = clock.now() + 10_000
    await clock.advance(0)
    while (clock.now() < end) {
      if (stub.last.readyState === 0) {
        stub.last.open()
        await clock.advance(30)
        stub.last.end(1000)
      }
      await clock.advance(10)
    }
    expect(stub.made.length).toBeGreaterThan(1)
    expect(stub.made.length).toBeLessThanOrEqual(8)
  })

  test('the backoff is reset by an open, and not only after a stable uptime', async () => {
    const name = uniqueCase('unstable')
    const { told } = createRecorded(control.urlFor('/accept-then-close', name, { afterMs: 30 }), {
      backoff: ({ attempt }) => 10 * 2 ** attempt,
    })
    await told.nth('reconnecting', 4)
    expect(told.of('reconnecting').map(({ attempt, delayMs }) => [attempt, delayMs])).toEqual([
      [2, 20],
      [3, 40],
      [4, 80],
      [5, 160],
    ])
  })

  test('the backoff is never reset, though a link was stable', async () => {
    const name = uniqueCase('stable')
    const { socket, told } = createRecorded(control.urlFor('/echo', name), {
      backoff: ({ attempt }) => 10 * 2 ** attempt,
      retry: { stableMs: 60 },
    })
    for (let link = 1; link <= 3; link++) {
      await told.nth('open', link)
      await until(() => socket.getSnapshot().attempt === 0)
      await control.serverTerminate(name)
      await told.nth('reconnecting', link)
    }
    expect(told.of('reconnecting').map(({ attempt, delayMs }) => [attempt, delayMs])).toEqual([
      [1, 20],
      [1, 20],
      [1, 20],
    ])
  })
})

describe('the herd', () => {
  const policies = [
    ['the default', defaultBackoff],
    ['fullJitter', fullJitter()],
    ['equalJitter', equalJitter()],
    ['decorrelatedJitter', decorrelatedJitter()],
    ['proportionalJitter', proportionalJitter()],
  ] as const

  test.each(policies)(
    'Socket.IO clamps after the jitter: from the fifth wait all are equal (%s)',
    (_name, policy) => {
      const waits = [0.1, 0.5, 0.9].map((draw) =>
        policy({
          attempt: 30,
          lastDelayMs: 30_000,
          sinceLossMs: 60_000,
          cause: { kind: 'close', code: 1006, reason: '', wasClean: false },
          random: () => draw,
        }),
      )
      expect(new Set(waits).size).toBe(3)
      expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000)
    },
  )

  test('SignalR has no jitter: two clients that lost the same server wait equally long', async () => {
    const name = uniqueCase('herd')
    const options = { backoff: defaultBackoff }
    const first = await openRecorded(control.urlFor('/echo', name), options)
    const second = await openRecorded(control.urlFor('/echo', name), options)
    await control.serverClose(name, 1012)
    const delays = [await first.told.nth('reconnecting'), await second.told.nth('reconnecting')]
    expect(delays[0]?.delayMs).not.toBe(delays[1]?.delayMs)
  })

  test('SignalR never retries a failed first start', async () => {
    const name = uniqueCase('first-start')
    const { told } = createRecorded(control.urlFor('/echo', name, { rejectFirst: 1, status: 503 }))
    await told.nth('open')
    expect(told.order('open', 'close')).toEqual(['close', 'open'])
  })

  test('SignalR gives up after four attempts', async () => {
    const stub = createStub((native) => void Promise.resolve().then(() => native.end(1006)))
    const { socket, told } = createRecorded('ws://stub.invalid/', {
      WebSocket: stub.WebSocket,
      backoff: constantBackoff(0),
      retry: { slowMs: 0 },
    })
    await until(() => stub.made.length >= 20)
    expect(told.of('failed')).toHaveLength(0)
    expect(socket.readyState).toBe(0)
  })
})

describe('lost behind a successful call', () => {
  test("SignalR's send() while reconnecting resolves and the message is gone", async () => {
    const name = uniqueCase('while-reconnecting')
    const { socket, told } = await openRecorded(control.urlFor('/sink', name))
    await control.serverTerminate(name)
    await told.nth('reconnecting')
    socket.send('while reconnecting')
    await socket.drained()
    expect(await dataReceived(control, name, 1)).toEqual(['while reconnecting'])
  })

  test('NATS wipes its buffer at each dial', async () => {
    const name = uniqueCase('each-dial')
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'refuse' })
    const { socket, told } = createRecorded(control.urlFor('/sink', name, {}, proxy.url))
    for (let attempt = 1; attempt <= 3; attempt++) {
      socket.send(`before failure ${attempt}`)
      await told.nth('reconnecting', attempt)
    }
    await proxy.fault({ kind: 'pass' })
    expect(await dataReceived(control, name, 3)).toEqual([
      'before failure 1',
      'before failure 2',
      'before failure 3',
    ])
    await proxy.close()
  })

  test('Socket.IO emits into a dead socket', async () => {
    const stub = createStub()
    const { socket, told } = createRecorded('ws://stub.invalid/', {
      WebSocket: stub.WebSocket,
      keepInDoubt: 5,
    })
    const native = await until(() => stub.made[0])
    native.open()
    await told.nth('open')
    await macrotask()
    native.readyState = 3
    socket.send('after the native socket closed, before it said so')
    native.end(1006)
    const second = await until(() => stub.made[1])
    second.open()
    await until(() => second.sent.length > 0)
    expect(native.sent).toEqual([])
    expect(second.sent).toEqual(['after the native socket closed, before it said so'])
  })

  test('Colyseus queues an aliased buffer: three entries became the last', async () => {
    const name = uniqueCase('aliased')
    const scratch = new Uint8Array(2)
    const socket = createSocket(control.urlFor('/sink', name))
    for (const value of [1, 2, 3]) {
      scratch.fill(value)
      socket.send(scratch)
      socket.send(scratch.buffer)
      socket.send(new DataView(scratch.buffer, 1))
    }
    const received = await dataReceived(control, name, 9)
    expect(received.map((data) => [...(data as Uint8Array)].join())).toEqual([
      '1,1',
      '1,1',
      '1',
      '2,2',
      '2,2',
      '2',
      '3,3',
      '3,3',
      '3',
    ])
  })

  test('Socket.IO, Ably and MQTT.js have unbounded queues', () => {
    const socket = createSocket('ws://127.0.0.1:9/', { autoConnect: false })
    let sent = 0
    const fill = () => {
      for (; sent < 1_000_000; sent++) socket.send('x')
    }
    expect(fill).toThrow(expect.objectContaining({ name: 'HoldfastError', code: 'HF_QUEUE_FULL' }))
    expect(sent).toBe(10_000)
    expect(socket.queued).toEqual({ count: 10_000, bytes: 10_000 })

    const large = createSocket('ws://127.0.0.1:9/', { autoConnect: false })
    const block = new ArrayBuffer(2 ** 20)
    for (let count = 0; count < 16; count++) large.send(block)
    expect(() => large.send(block)).toThrow(expect.objectContaining({ code: 'HF_QUEUE_FULL' }))
  })

  test('Socket.IO loops on 1009 with an oversize message, and its queue is blocked', async () => {
    const name = uniqueCase('oversize')
    const socket = createSocket(control.urlFor('/sink', name, { maxPayload: 100 }))
    const codes: number[] = []
    socket.onclose = ({ code }) => void codes.push(code)
    socket.send('x'.repeat(101))
    await until(() => codes.length === 1)
    socket.send('small')
    expect(await dataReceived(control, name, 1)).toEqual(['small'])
    expect(codes).toEqual([1009])
    expect(await control.connections(name)).toHaveLength(2)
  })
})
