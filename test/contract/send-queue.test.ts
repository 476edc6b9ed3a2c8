import { constantBackoff, type ReconnectingWebSocket, type SocketData, tokenBucket } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { engine } from './support/engine.ts'
import { createManualClock } from './support/manual-clock.ts'
import { providedControl } from './support/provided-control.ts'
import { dataReceived } from './support/received.ts'
import {
  createRecorded,
  createSocket,
  macrotask,
  openRecorded,
  type TestSocketOptions,
  until,
} from './support/sockets.ts'
import { createStub } from './support/stub-web-socket.ts'

const control = providedControl()
const offline = (options: TestSocketOptions = {}) =>
  createRecorded('ws://127.0.0.1:9/', { autoConnect: false, ...options })

/** As an application may do that wants no message to be lost; tells how often it did. */
function sendAgain(socket: ReconnectingWebSocket): () => number {
  let again = 0
  socket.on('drop', ({ data }) => {
    if (++again > 100) return
    try {
      socket.send(data)
    } catch {
      // Refused: that is an answer too.
    }
  })
  return () => again
}

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `${from + index}`)

async function virtual(options: TestSocketOptions = {}) {
  const clock = createManualClock()
  const stub = createStub()
  const created = createRecorded('ws://stub.invalid/', {
    WebSocket: stub.WebSocket,
    backoff: constantBackoff(1_000),
    heartbeat: false,
    clock,
    ...options,
  })
  await clock.advance(0)
  return { clock, stub, ...created }
}

describe('order', () => {
  test('what is sent before the first link arrives, in order, and what follows after it', async () => {
    const name = uniqueCase('order')
    const socket = createSocket(control.urlFor('/sink', name))
    for (const data of numbered(100)) socket.send(data)
    await until(() => socket.readyState === 1)
    for (const data of numbered(100, 100)) socket.send(data)
    const received = await dataReceived(control, name, 200)
    expect([...received].sort((a, b) => Number(a) - Number(b))).toEqual(numbered(200))
    expect(received.filter((data) => Number(data) < 100)).toEqual(numbered(100))
    expect(received.filter((data) => Number(data) >= 100)).toEqual(numbered(100, 100))
  })

  test('text, bytes and, where there are any, blobs keep their order among each other', async () => {
    const name = uniqueCase('mixed')
    const socket = createSocket(control.urlFor('/sink', name))
    for (let index = 0; index < 10; index++) {
      socket.send(`text ${index}`)
      socket.send(Uint8Array.of(index))
      if (engine.sendsBlobs) socket.send(new Blob([`blob ${index}`]))
    }
    const kinds = engine.sendsBlobs ? 3 : 2
    const received = await dataReceived(control, name, 10 * kinds)
    const texts = received.map((data) =>
      typeof data === 'string' ? data : new TextDecoder().decode(data as Uint8Array),
    )
    expect(texts).toEqual(
      numbered(10).flatMap((index) =>
        [`text ${index}`, String.fromCharCode(Number(index)), `blob ${index}`].slice(0, kinds),
      ),
    )
  })

  const blobThenClose = 'a blob sent while open does not fall behind what follows, nor behind the close'
  test.each([false, true])(`${blobThenClose} (sent by beforeFlush: %s)`, async (byGate) => {
    const name = uniqueCase('blob-order')
    const sendBothAndClose = (send: (data: SocketData) => void) => {
      send(new Blob(['first']))
      send('second')
      socket.close()
    }
    const { socket, told } = createRecorded(control.urlFor('/sink', name), {
      ...(byGate && { beforeFlush: sendBothAndClose }),
    })
    await told.nth('open')
    if (!byGate) sendBothAndClose((data) => socket.send(data))
    await told.nth('close')
    const [first, second] = await dataReceived(control, name, 2)
    const text = typeof first === 'string' ? first : new TextDecoder().decode(first as Uint8Array)
    expect([text, second]).toEqual([engine.sendsBlobs ? 'first' : '[object Blob]', 'second'])
  })

  test('messages sent during an outage wait for the next link', async () => {
    const name = uniqueCase('outage')
    const proxy = await control.openProxy()
    const { socket, told } = await openRecorded(control.urlFor('/sink', name, {}, proxy.url))
    socket.send('before')
    await dataReceived(control, name, 1)
    await proxy.fault({ kind: 'refuse' })
    await proxy.fault({ kind: 'reset' })
    await told.nth('reconnecting')
    for (const data of numbered(50)) socket.send(data)
    await told.nth('reconnecting', 2)
    await proxy.fault({ kind: 'pass' })
    expect(await dataReceived(control, name, 51)).toEqual(['before', ...numbered(50)])
    await proxy.close()
  })

  test('open listeners speak before the queue, also after several awaits', async () => {
    const name = uniqueCase('listeners-first')
    const socket = createSocket(control.urlFor('/sink', name))
    socket.send('queued 1')
    socket.send('queued 2')
    socket.addEventListener('open', async () => {
      socket.send('at once')
      for (let round = 0; round < 5; round++) await undefined
      await Promise.all([Promise.resolve(), Promise.resolve()])
      socket.send('after awaits')
    })
    expect(await dataReceived(control, name, 4)).toEqual(['at once', 'after awaits', 'queued 1', 'queued 2'])
  })

  test('what an open listener cannot hand over is not overtaken by what it sends next', async () => {
    const { clock, stub, socket } = await virtual({ highWaterMarkBytes: 100 })
    socket.on('open', () => {
      stub.last.bufferedAmount = 100
      socket.send('first')
      stub.last.bufferedAmount = 0
      socket.send('second')
    })
    stub.last.open()
    await clock.advance(50)
    expect(stub.last.sent).toEqual(['first', 'second'])
  })

  test('what is sent in a message listener goes behind what waits', async () => {
    const { clock, stub, socket } = await virtual()
    socket.send('queued')
    socket.on('message', () => socket.send('answer'))
    stub.last.open()
    await clock.advance(0)
    stub.last.receive('question')
    expect(stub.last.sent).toEqual(['queued', 'answer'])
  })
})

describe('bounds', () => {
  test('reject: send throws a typed error, and what is there stays', () => {
    const { socket, told } = offline({ queue: { maxCount: 2 } })
    socket.send('1')
    socket.send('2')
    expect(() => socket.send('3')).toThrow(
      expect.objectContaining({ name: 'HoldfastError', code: 'HF_QUEUE_FULL', retryable: true }),
    )
    expect(socket.queued).toEqual({ count: 2, bytes: 2 })
    expect(told.of('drop')).toHaveLength(0)
  })

  test('drop-oldest: room is made at the head, and told', () => {
    const { socket, told } = offline({ queue: { maxCount: 2, overflow: 'drop-oldest' } })
    for (const data of ['1', '2', '3', '4']) socket.send(data)
    expect(socket.queued.count).toBe(2)
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([
      ['1', 'overflow'],
      ['2', 'overflow'],
    ])
  })

  test('drop-newest: the message itself is dropped, and told', () => {
    const { socket, told } = offline({ queue: { maxBytes: 10, overflow: 'drop-newest' } })
    socket.send('12345')
    socket.send('123456')
    socket.send('1234')
    expect(socket.queued).toEqual({ count: 2, bytes: 9 })
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([['123456', 'overflow']])
  })

  test('bytes are those of UTF-8, and a message above the bound never fits', () => {
    const { socket, told } = offline({ queue: { maxBytes: 5, overflow: 'drop-oldest' } })
    socket.send('abc')
    socket.send('üüü')
    expect(told.of('drop').map(({ data }) => data)).toEqual(['üüü'])
    socket.send('üü')
    expect(told.of('drop').map(({ data }) => data)).toEqual(['üüü', 'abc'])
    expect(socket.queued).toEqual({ count: 1, bytes: 4 })
  })

  test('age: what waited too long is dropped, and told when it is due', async () => {
    const { clock, socket, told } = await virtual({ queue: { maxAgeMs: 500 } })
    socket.send('old')
    await clock.advance(300)
    socket.send('young')
    await clock.advance(200)
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([['old', 'expired']])
    await clock.advance(300)
    expect(told.of('drop').map(({ data }) => data)).toEqual(['old', 'young'])
    expect(socket.queued.count).toBe(0)
  })

  test('a drop listener that sends the message again does not hang the thread', () => {
    const { socket, told } = offline({ queue: { maxCount: 1, overflow: 'drop-oldest' } })
    const again = sendAgain(socket)
    socket.send('1')
    socket.send('2')
    expect(again()).toBeLessThan(5)
    expect(socket.queued.count).toBe(1)
    expect(told.of('drop').length).toBeGreaterThan(0)
  })

  test('a drop listener that sends again after close() does not recurse', () => {
    const { socket, told } = offline()
    const again = sendAgain(socket)
    socket.send('1')
    socket.close()
    socket.send('2')
    expect(again()).toBeLessThan(5)
    expect(told.of('drop').map(({ data }) => data)).toEqual(['1', '2'])
  })

  test('bytes are kept as they were, whatever the sender does with its buffer', async () => {
    const name = uniqueCase('copies')
    const socket = createSocket(control.urlFor('/sink', name))
    const buffer = Uint8Array.of(0, 1, 2, 3).buffer
    socket.send(buffer)
    socket.send(new Uint8Array(buffer, 1, 2))
    socket.send(new DataView(buffer, 3))
    new Uint8Array(buffer).fill(7)
    const received = await dataReceived(control, name, 3)
    expect(received.map((data) => [...(data as Uint8Array)])).toEqual([[0, 1, 2, 3], [1, 2], [3]])
  })
})

describe('beforeFlush', () => {
  test('speaks first; listeners and queue wait for it', async () => {
    const name = uniqueCase('gate')
    const answer = 'welcome'
    const { socket } = createRecorded(control.urlFor('/sink', name), {
      beforeFlush: async (send) => {
        send('auth')
        await until(async () => (await control.received(name)).length === 1)
        const answered = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
        await control.serverSend(name, answer)
        await answered
        send('auth 2')
      },
    })
    socket.send('queued')
    socket.on('open', () => socket.send('listener'))
    expect(await dataReceived(control, name, 4)).toEqual(['auth', 'auth 2', 'queued', 'listener'])
  })

  test('runs on each link', async () => {
    const name = uniqueCase('gate-each')
    let links = 0
    const { told } = await openRecorded(control.urlFor('/sink', name), {
      beforeFlush: (send) => send(`auth ${++links}`),
    })
    await dataReceived(control, name, 1)
    await control.serverTerminate(name)
    await told.nth('open', 2)
    expect(await dataReceived(control, name, 2)).toEqual(['auth 1', 'auth 2'])
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('refused'))],
    [
      'throws',
      () => {
        throw new Error('refused')
      },
    ],
  ])(
    'when it %s the link is lost, nothing of the queue with it, and the next link asks again',
    async (_how, fail) => {
      const name = uniqueCase('gate-fails')
      let links = 0
      const { socket, told } = createRecorded(control.urlFor('/sink', name), {
        beforeFlush: () => (++links === 1 ? fail() : undefined),
      })
      socket.send('kept')
      expect(await dataReceived(control, name, 1)).toEqual(['kept'])
      expect(links).toBe(2)
      expect(told.of('close')[0]).toMatchObject({ code: 1006, wasClean: false })
      expect(told.of('close')[0]?.cause).toMatchObject({ kind: 'gate', error: new Error('refused') })
      expect((await control.received(name))[0]?.connection).toBe((await control.connections(name))[1]?.id)
    },
  )

  test('an error with retryable: false ends in failed', async () => {
    const error = Object.assign(new Error('wrong password'), { retryable: false })
    const { told, socket } = createRecorded(control.urlFor('/sink', uniqueCase('gate-final')), {
      beforeFlush: () => Promise.reject(error),
    })
    expect((await told.nth('failed')).cause).toMatchObject({ kind: 'gate', error })
    expect(socket.status).toBe('failed')
  })

  test('when it hangs the connect timeout ends the link', async () => {
    const name = uniqueCase('gate-hangs')
    let links = 0
    const signals: AbortSignal[] = []
    const { socket, told } = createRecorded(control.urlFor('/sink', name), {
      connectTimeoutMs: 700,
      beforeFlush: (_send, { signal }) => {
        signals.push(signal)
        return ++links === 1 ? new Promise(() => undefined) : undefined
      },
    })
    socket.send('kept')
    expect(await dataReceived(control, name, 1)).toEqual(['kept'])
    expect(told.of('close')[0]?.cause).toMatchObject({ kind: 'gate', error: { code: 'HF_GATE' } })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  test('its send throws once its link is gone', async () => {
    const name = uniqueCase('gate-late')
    let kept: ((data: string) => void) | undefined
    const { told } = await openRecorded(control.urlFor('/sink', name), {
      beforeFlush: (send) => {
        kept ??= send
      },
    })
    await control.serverTerminate(name)
    await told.nth('open', 2)
    expect(() => kept?.('too late')).toThrow(expect.objectContaining({ code: 'HF_CLOSED' }))
    expect(await control.received(name)).toHaveLength(0)
  })

  test('close() while it runs tells what waits as dropped', async () => {
    const { socket, told } = createRecorded(control.urlFor('/sink', uniqueCase('gate-close')), {
      beforeFlush: () => new Promise(() => undefined),
    })
    socket.send('never')
    await told.nth('open')
    socket.close()
    await told.nth('close')
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([['never', 'closed']])
  })
})

describe('items that cannot be sent', () => {
  test('one is told and does not stop the rest', async () => {
    const error = new Error('cannot')
    const { clock, stub, socket, told } = await virtual()
    stub.last.onSend = (data) => {
      if (data === 'bad') throw error
    }
    for (const data of ['1', 'bad', '2', 'bad', '3']) socket.send(data)
    stub.last.open()
    await clock.advance(0)
    socket.send('bad')
    socket.send('4')
    expect(stub.last.sent).toEqual(['1', '2', '3', '4'])
    expect(told.of('drop').map(({ data, reason, error: why }) => [data, reason, why])).toEqual(
      Array(3).fill(['bad', 'write-failed', error]),
    )
  })

  test('a write that fails because the link is just going is sent again on the next, first', async () => {
    const { clock, stub, socket, told } = await virtual()
    for (const data of ['1', '2', '3']) socket.send(data)
    const native = stub.last
    native.onSend = (data) => {
      if (data !== '2') return
      native.readyState = 3
      throw new Error('closed')
    }
    native.open()
    await clock.advance(0)
    native.end(1006)
    await clock.advance(1_000)
    stub.last.open()
    await clock.advance(0)
    expect(native.sent).toEqual(['1'])
    expect(stub.last.sent).toEqual(['2', '3'])
    expect(told.of('drop')).toHaveLength(0)
  })

  test('resend: false tells it as dropped instead', async () => {
    const { clock, stub, socket, told } = await virtual({ queue: { resend: false } })
    stub.last.open()
    await clock.advance(0)
    stub.last.onSend = () => {
      stub.last.readyState = 3
      throw new Error('closed')
    }
    socket.send('1')
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([['1', 'write-failed']])
  })
})

describe('close()', () => {
  test('writes what waits, past the limits, before the link closes', async () => {
    const name = uniqueCase('close-flush')
    const { socket, told } = await openRecorded(control.urlFor('/sink', name), {
      rateLimit: tokenBucket({ perSecond: 1, burst: 1 }),
    })
    for (const data of numbered(20)) socket.send(data)
    expect(socket.queued.count).toBeGreaterThan(0)
    socket.close(1000)
    expect((await told.nth('close')).wasClean).toBe(true)
    expect(await dataReceived(control, name, 20)).toEqual(numbered(20))
    expect(told.of('drop')).toHaveLength(0)
    expect(told.of('indoubt')).toHaveLength(0)
  })

  test('tells what is sent after it as dropped', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/sink', uniqueCase('after-close')))
    socket.close()
    socket.send('while closing')
    await told.nth('close')
    socket.send('when closed')
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([
      ['while closing', 'closed'],
      ['when closed', 'closed'],
    ])
    expect(socket.bufferedAmount).toBe(0)
  })

  test('without a link it tells what waits as dropped', async () => {
    const { clock, stub, socket, told } = await virtual()
    socket.send('1')
    stub.last.end(1006)
    socket.send('2')
    socket.close()
    await clock.advance(0)
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([
      ['1', 'closed'],
      ['2', 'closed'],
    ])
    expect(socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('failed keeps the queue for open()', async () => {
    const { clock, stub, socket, told } = await virtual({ retry: { maxAttempts: 1 } })
    socket.send('1')
    stub.last.end(1006)
    expect(socket.status).toBe('failed')
    socket.send('2')
    socket.open()
    await clock.advance(0)
    stub.last.open()
    await clock.advance(0)
    expect(stub.last.sent).toEqual(['1', '2'])
    expect(told.of('drop')).toHaveLength(0)
  })
})

describe('drained()', () => {
  test('resolves at once with nothing to wait for, also without a link', async () => {
    await offline().socket.drained()
    const { socket } = await openRecorded(control.urlFor('/sink', uniqueCase('drained')))
    await socket.drained()
  })

  test('resolves when the queue and the native buffer are empty, after the drain event', async () => {
    const name = uniqueCase('drained')
    const { socket, told } = createRecorded(control.urlFor('/sink', name))
    for (const data of numbered(10)) socket.send(data)
    socket.send(new Uint8Array(3_000_000))
    await socket.drained()
    expect(socket.bufferedAmount).toBe(0)
    expect(told.of('drain')).toHaveLength(1)
    await dataReceived(control, name, 11)
  })

  test('waits over an outage', async () => {
    const { clock, stub, socket } = await virtual()
    let drained = false
    socket.send('1')
    void socket.drained().then(() => {
      drained = true
    })
    stub.last.end(1006)
    await clock.advance(1_000)
    expect(drained).toBe(false)
    stub.last.open()
    await clock.advance(20)
    expect(drained).toBe(true)
  })

  test('rejects when the socket ends before', async () => {
    const { clock, stub, socket } = await virtual()
    socket.send('1')
    const waiting = socket.drained()
    stub.last.end(1006)
    socket.close()
    const result = expect(waiting).rejects.toMatchObject({ code: 'HF_CLOSED' })
    await clock.advance(0)
    await result
  })

  test('rejects with the reason of its signal', async () => {
    const { socket } = offline()
    socket.send('1')
    const reason = new Error('enough')
    const abort = new AbortController()
    const waiting = socket.drained({ signal: abort.signal })
    abort.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(socket.drained({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('flow control', () => {
  test('no more than the high-water mark is handed over', async () => {
    const { clock, stub, socket, told } = await virtual({ highWaterMarkBytes: 1_000 })
    const native = stub.last
    native.onSend = (data) => {
      native.bufferedAmount += (data as string).length
    }
    native.open()
    await clock.advance(0)
    for (let index = 0; index < 50; index++) socket.send('x'.repeat(100))
    expect(native.bufferedAmount).toBeLessThanOrEqual(1_100)
    expect(socket.queued.count).toBe(50 - native.sent.length)
    expect(socket.bufferedAmount).toBe(5_000)
    while (native.sent.length < 50) {
      native.bufferedAmount = 0
      await clock.advance(10)
    }
    expect(told.of('drain')).toHaveLength(1)
    expect(socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('a slow reader is waited for, and all arrives in order', async () => {
    const name = uniqueCase('slow-reader')
    const proxy = await control.openProxy()
    const { socket } = await openRecorded(control.urlFor('/sink', name, {}, proxy.url), {
      highWaterMarkBytes: 16 * 1024,
    })
    await proxy.fault({ kind: 'stall', direction: 'toServer' })
    // More than the kernel takes at once, where that is not counted.
    const block = 'x'.repeat((engine.buffersWholeTurn ? 16 : 128) * 1024)
    for (let index = 0; index < 100; index++) socket.send(`${index}:${block}`)
    expect(socket.queued.count).toBeGreaterThan(50)
    await proxy.fault({ kind: 'pass' })
    const received = await dataReceived(control, name, 100)
    expect(received.map((data) => Number((data as string).split(':')[0]))).toEqual(numbered(100).map(Number))
    await socket.drained()
    await proxy.close()
  })

  test('a rate limit spreads what is sent, and keeps its order', async () => {
    const { clock, stub, socket } = await virtual({ rateLimit: tokenBucket({ perSecond: 10, burst: 2 }) })
    stub.last.open()
    await clock.advance(0)
    for (const data of numbered(6)) socket.send(data)
    expect(stub.last.sent).toEqual(['0', '1'])
    await clock.advance(100)
    expect(stub.last.sent).toEqual(['0', '1', '2'])
    await clock.advance(300)
    expect(stub.last.sent).toEqual(numbered(6))
  })

  test('while the server is unavailable, failFast refuses what is sent and drops what waits', async () => {
    const { clock, stub, socket, told } = await virtual({ retry: { unavailableAfter: 2, failFast: true } })
    socket.send('1')
    stub.last.end(1006)
    await clock.advance(1_000)
    expect(told.of('drop')).toHaveLength(0)
    stub.last.end(1006)
    expect(told.of('drop').map(({ data, reason }) => [data, reason])).toEqual([['1', 'unavailable']])
    expect(() => socket.send('2')).toThrow(
      expect.objectContaining({ code: 'HF_UNAVAILABLE', retryable: true }),
    )
    await clock.advance(told.of('reconnecting')[1]?.delayMs ?? 0)
    stub.last.open()
    await clock.advance(0)
    socket.send('3')
    expect(stub.last.sent).toEqual(['3'])
  })
})

describe('in doubt', () => {
  test('what was written on a lost link is told, by count and bytes, after the close', async () => {
    const name = uniqueCase('doubt')
    const { socket, told } = await openRecorded(control.urlFor('/sink', name), { heartbeat: false })
    socket.send('123')
    socket.send(new Uint8Array(5))
    await dataReceived(control, name, 2)
    await control.serverTerminate(name)
    expect(await told.nth('indoubt')).toMatchObject({ count: 2, bytes: 8, messages: [] })
    expect(told.order('close', 'indoubt')).toEqual(['close', 'indoubt'])
  })

  test('the last messages come along by option, as they were', async () => {
    const name = uniqueCase('doubt-kept')
    const { socket, told } = await openRecorded(control.urlFor('/sink', name), {
      heartbeat: false,
      keepInDoubt: 2,
    })
    const bytes = Uint8Array.of(1, 2)
    socket.send('dropped from the list')
    socket.send('kept')
    socket.send(bytes)
    bytes.fill(9)
    await control.serverTerminate(name)
    const { count, messages } = await told.nth('indoubt')
    expect(count).toBe(3)
    expect(messages[0]).toBe('kept')
    expect([...new Uint8Array(messages[1] as ArrayBuffer)]).toEqual([1, 2])
  })

  test.each<[code: number | undefined, answer: number]>([
    ...(engine.tellsEmptyClose ? [[undefined, 1005] as [undefined, number]] : []),
    [1000, 1000],
    [4000, 4000],
  ])('close(%s) that the peer answers with %d proves everything', async (code, answer) => {
    const { clock, stub, socket, told } = await virtual()
    stub.last.open()
    await clock.advance(0)
    socket.send('1')
    socket.close(code)
    stub.last.end(answer)
    expect([socket.status, told.of('indoubt').length]).toEqual(['closed', 0])
  })

  test.each([undefined, 1000, 4000])("close(%s) that crosses the peer's own proves nothing", async (code) => {
    const { clock, stub, socket, told } = await virtual()
    stub.last.open()
    await clock.advance(0)
    socket.send('1')
    socket.close(code)
    stub.last.end(1012, 'restart')
    expect(told.of('close')[0]).toMatchObject({ code: 1012, reason: 'restart', wasClean: true })
    expect(told.of('indoubt').map(({ count }) => count)).toEqual([1])
  })

  test("close() that crosses the peer's own on a real network: received, or told", async () => {
    for (let round = 0; round < 24; round++) {
      const name = uniqueCase('crossing')
      const { socket, told } = await openRecorded(control.urlFor('/sink', name), { keepInDoubt: 1 })
      const closing = control.serverClose(name, 1012)
      const goOn = performance.now() + 1 + round / 8
      while (performance.now() < goOn) {
        // Blocks the thread, so that the peer's close arrives and cannot be told.
      }
      socket.send('x')
      socket.close()
      await closing
      await until(() => socket.status === 'closed')
      await until(async () => (await control.connections(name)).every(({ state }) => state === 'closed'))
      const accounted = [
        ...(await control.received(name)).map(({ data }) => data),
        ...told.of('drop').map(({ data }) => data),
        ...told.of('indoubt').flatMap(({ messages }) => messages),
      ]
      expect(accounted, `round ${round}`).toContain('x')
    }
  })

  test('nothing is in doubt after a closing handshake of our own, or when nothing was written', async () => {
    const name = uniqueCase('no-doubt')
    const first = await openRecorded(control.urlFor('/sink', name))
    first.socket.send('x')
    first.socket.close(1000)
    await first.told.nth('close')
    const second = await openRecorded(control.urlFor('/sink', name), { retry: false })
    await control.serverTerminate(name)
    await second.told.nth('close')
    await macrotask()
    expect([...first.told.of('indoubt'), ...second.told.of('indoubt')]).toEqual([])
  })
})
