import { constantBackoff, HoldfastError, isHoldfastError, type SocketSnapshot } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { emptyClose } from './support/engine.ts'
import { createManualClock } from './support/manual-clock.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, createSocket, macrotask, openRecorded, until } from './support/sockets.ts'
import { createStub } from './support/stub-web-socket.ts'

const control = providedControl()

/** A socket in a world without a network and with a clock that is moved by hand. */
async function virtual(options: Parameters<typeof createRecorded>[1] = {}) {
  const clock = createManualClock()
  const stub = createStub()
  const created = createRecorded('ws://user:secret@stub.invalid/path?token=secret', {
    WebSocket: stub.WebSocket,
    backoff: constantBackoff(1_000),
    clock,
    ...options,
  })
  await clock.advance(0)
  return { clock, stub, ...created }
}

describe('the events of a life', () => {
  test('status: each change, with what it came from', async () => {
    const name = uniqueCase('status')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    await control.serverClose(name, 1001, 'restart')
    await told.nth('open', 2)
    socket.close()
    await told.nth('close', 2)
    expect(told.of('status').map(({ status, previous }) => `${previous} ${status}`)).toEqual([
      'connecting open',
      'open backoff',
      'backoff connecting',
      'connecting open',
      'open closing',
      'closing closed',
    ])
    const waiting = told.of('status')[1]
    expect(waiting).toMatchObject({ attempt: 1, delayMs: 20, cause: { code: 1001, reason: 'restart' } })
    expect(told.of('status')[0]).toMatchObject({ delayMs: undefined, nextAttemptAt: undefined })
    expect(waiting?.target).toBe(socket)
  })

  test('reconnecting: the attempt to come, its wait, its moment and the cause', async () => {
    const { clock, stub, told } = await virtual({ backoff: ({ attempt }) => attempt * 1_000 })
    stub.last.open()
    await clock.advance(500)
    stub.last.end(1012, 'restart')
    const lostAt = clock.now()
    expect(told.of('reconnecting')[0]).toMatchObject({
      attempt: 2,
      delayMs: 1_000,
      nextAttemptAt: lostAt + 1_000,
      cause: { kind: 'close', code: 1012, reason: 'restart', wasClean: true },
    })
    await clock.advance(1_000)
    stub.last.end(1006)
    expect(told.of('reconnecting')[1]).toMatchObject({
      attempt: 3,
      delayMs: 2_000,
      nextAttemptAt: lostAt + 1_000 + 2_000,
      cause: { kind: 'refused', code: 1006 },
    })
    expect(told.order('close', 'status', 'reconnecting').slice(1, 4)).toEqual([
      'close',
      'status',
      'reconnecting',
    ])
  })

  test('reconnected: how long there was no link, and not for the first one', async () => {
    const { clock, stub, told } = await virtual()
    stub.last.open()
    expect(told.of('reconnected')).toHaveLength(0)
    stub.last.end(1006)
    await clock.advance(1_000)
    stub.last.end(1006)
    await clock.advance(1_250)
    stub.last.open()
    expect(told.of('reconnected').map(({ downtimeMs, attempt }) => [downtimeMs, attempt])).toEqual([
      [2_250, 3],
    ])
    expect(told.order('open', 'reconnected').slice(1)).toEqual(['open', 'reconnected'])
  })

  test('reconnected: the downtime is true after reconnect() in a wait', async () => {
    const { clock, stub, socket, told } = await virtual({ backoff: constantBackoff(60_000) })
    stub.last.open()
    stub.last.end(1006)
    await clock.advance(5_000)
    socket.reconnect()
    await clock.advance(100)
    stub.last.open()
    expect(told.of('reconnected')[0]?.downtimeMs).toBe(5_100)
  })

  test('reconnected: the downtime is true after suspend() and wake()', async () => {
    const { clock, stub, socket, told } = await virtual()
    stub.last.open()
    socket.suspend()
    await clock.advance(7_000)
    socket.wake()
    await clock.advance(100)
    stub.last.open()
    expect(told.of('reconnected')[0]?.downtimeMs).toBe(7_100)
  })

  test('reconnected: a link that was not stable for long is no downtime', async () => {
    const { clock, stub, told } = await virtual()
    stub.last.open()
    stub.last.end(1006)
    await clock.advance(1_000)
    stub.last.open()
    await clock.advance(4_000)
    stub.last.end(1006)
    await clock.advance(1_000)
    stub.last.open()
    expect(told.of('reconnected').map(({ downtimeMs }) => downtimeMs)).toEqual([1_000, 1_000])
  })

  test('failed: the limit of attempts, with a typed error, after the last close', async () => {
    const { clock, stub, socket, told } = await virtual({ retry: { maxAttempts: 2 } })
    stub.last.end(1006)
    await clock.advance(1_000)
    stub.last.end(1006)
    const [failed] = told.of('failed')
    expect(failed?.cause).toMatchObject({ kind: 'refused', code: 1006 })
    expect(failed?.error).toBeInstanceOf(HoldfastError)
    expect(isHoldfastError(failed?.error)).toBe(true)
    expect(failed?.error).toMatchObject({ code: 'HF_RETRY_LIMIT', retryable: false })
    expect(failed?.error.url).toMatch(/^ws:\/\/stub\.invalid\/path/)
    expect(JSON.stringify([failed?.error, failed?.error.message])).not.toContain('secret')
    expect(told.order('error', 'close', 'failed')).toEqual(['error', 'close', 'error', 'close', 'failed'])
    expect([socket.status, socket.readyState]).toEqual(['failed', 3])
    await clock.advance(600_000)
    expect(stub.made).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  test('failed: the limit of time', async () => {
    const { clock, stub, told } = await virtual({ retry: { maxElapsedMs: 2_500 } })
    for (let attempt = 1; attempt <= 3; attempt++) {
      stub.last.end(1006)
      expect(told.of('failed')).toHaveLength(0)
      await clock.advance(1_000)
    }
    stub.last.end(1006)
    expect(told.of('failed')[0]?.error).toMatchObject({ code: 'HF_RETRY_LIMIT' })
  })

  test('failed: a refusal that the policy believes', async () => {
    const name = uniqueCase('stopped')
    const { told, socket } = createRecorded(control.urlFor('/close', name, { code: 4404 }), {
      closePolicy: { 4404: 'stop' },
    })
    const { cause, error } = await told.nth('failed')
    expect(cause).toMatchObject({ kind: 'close', code: 4404 })
    expect(error.code).toBe('HF_STOPPED')
    expect(socket.getSnapshot().cause).toEqual(cause)
  })

  test('decide sees the cause first, and may leave it to the table', async () => {
    const name = uniqueCase('decide')
    const seen: number[] = []
    const { told } = await openRecorded(control.urlFor('/echo', name), {
      decide: ({ code }) => {
        seen.push(code)
        return code === 4000 ? 'stop' : undefined
      },
    })
    await control.serverClose(name, 1001)
    await told.nth('open', 2)
    await control.serverClose(name, 4000)
    await told.nth('failed')
    expect(seen).toEqual([1001, 4000])
  })

  test('a wait that the server asks for in its close reason is kept', async () => {
    const { clock, stub, told } = await virtual({ random: () => 0.5 })
    stub.last.open()
    stub.last.end(1012, '{"retryAfterMs":3000,"windowMs":2000}')
    expect(told.of('reconnecting')[0]?.delayMs).toBe(4_000)
    await clock.advance(4_000)
    expect(stub.made).toHaveLength(2)
  })

  test('after N failures in a row the snapshot says unavailable, and slow attempts go on', async () => {
    const { clock, stub, socket, told } = await virtual({ retry: { unavailableAfter: 2, slowMs: 5_000 } })
    stub.last.end(1006)
    expect(socket.getSnapshot().unavailable).toBe(false)
    await clock.advance(1_000)
    stub.last.end(1006)
    expect(socket.getSnapshot().unavailable).toBe(true)
    const delayMs = told.of('reconnecting')[1]?.delayMs ?? 0
    expect(delayMs).toBeGreaterThanOrEqual(5_000)
    await clock.advance(delayMs)
    expect(stub.made).toHaveLength(3)
    stub.last.open()
    expect(socket.getSnapshot().unavailable).toBe(false)
  })
})

describe('the snapshot', () => {
  test('is the same object until something changes', async () => {
    const { clock, stub, socket } = await virtual()
    const connecting = socket.getSnapshot()
    expect(socket.getSnapshot()).toBe(connecting)
    expect(connecting).toMatchObject({
      status: 'connecting',
      attempt: 1,
      cause: undefined,
      unavailable: false,
    })
    stub.last.open()
    const open = socket.getSnapshot()
    expect(open).not.toBe(connecting)
    expect(open).toMatchObject({ status: 'open', since: clock.now() })
    stub.last.receive('x')
    socket.send('y')
    await clock.advance(100)
    expect(socket.getSnapshot()).toBe(open)
    stub.last.end(1012)
    expect(socket.getSnapshot()).toMatchObject({
      status: 'backoff',
      attempt: 1,
      delayMs: 1_000,
      nextAttemptAt: clock.now() + 1_000,
      cause: { code: 1012 },
    })
  })

  test('shows no credentials', async () => {
    const { socket } = await virtual()
    expect(socket.url).toContain('token=secret')
    expect(JSON.stringify(socket.getSnapshot())).not.toContain('secret')
  })

  test('subscribe calls back after each change, when getSnapshot has it already', async () => {
    const { clock, stub, socket } = await virtual()
    const seen: SocketSnapshot[] = []
    const undo = socket.subscribe(() => void seen.push(socket.getSnapshot()))
    stub.last.open()
    stub.last.end(1006)
    await clock.advance(1_000)
    expect(seen.map(({ status }) => status)).toEqual(['open', 'backoff', 'connecting'])
    expect(new Set(seen).size).toBe(3)
    undo()
    stub.last.open()
    expect(seen).toHaveLength(3)
  })

  test('is up to date in every listener', async () => {
    const { clock, stub, socket } = await virtual()
    const seen: string[] = []
    for (const type of ['open', 'close', 'status', 'reconnecting', 'failed'] as const) {
      socket.getSnapshot()
      socket.on(type, () => void seen.push(`${type} ${socket.getSnapshot().status} ${socket.readyState}`))
    }
    stub.last.open()
    stub.last.end(1006)
    await clock.advance(0)
    expect(seen).toEqual([
      'open open 1',
      'status open 1',
      'close backoff 0',
      'status backoff 0',
      'reconnecting backoff 0',
    ])
  })

  test('the same listener subscribed twice is called twice, and each undo ends its own', async () => {
    const { stub, socket } = await virtual()
    const listener = vi.fn()
    const first = socket.subscribe(listener)
    socket.subscribe(listener)
    stub.last.open()
    expect(listener).toHaveBeenCalledTimes(2)
    first()
    first()
    stub.last.end(1006)
    expect(listener).toHaveBeenCalledTimes(3)
  })
})

describe('open, close, reconnect, suspend and wake', () => {
  test('autoConnect: false waits for open()', async () => {
    const { clock, stub, socket, told } = await virtual({ autoConnect: false })
    expect([socket.status, socket.readyState]).toEqual(['idle', 3])
    await clock.advance(60_000)
    expect(stub.made).toHaveLength(0)
    expect(clock.pending).toBe(0)
    socket.open()
    expect([socket.status, socket.readyState]).toEqual(['connecting', 0])
    await clock.advance(0)
    stub.last.open()
    expect(told.order('open')).toEqual(['open'])
  })

  test('open() does nothing while connecting, open or waiting', async () => {
    const { clock, stub, socket } = await virtual()
    socket.open()
    stub.last.open()
    socket.open()
    stub.last.end(1006)
    socket.open()
    await clock.advance(999)
    expect(stub.made).toHaveLength(1)
  })

  test('open() after close() starts anew', async () => {
    const name = uniqueCase('reopen')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.close(1000)
    await told.nth('close')
    expect(socket.status).toBe('closed')
    socket.open()
    await told.nth('open', 2)
    socket.send('again')
    expect((await told.nth('message')).data).toBe('again')
    expect(await control.connections(name)).toHaveLength(2)
  })

  test('open() in the closing handshake ends the old link and begins a new one', async () => {
    const name = uniqueCase('reopen-closing')
    const { socket, told } = await openRecorded(control.urlFor('/mute', name))
    socket.close()
    socket.open()
    await told.nth('open', 2)
    expect(told.order('open', 'close')).toEqual(['open', 'close', 'open'])
  })

  test('close() in each status leads to closed, with one close event where there was hope', async () => {
    for (const [status, events] of [
      ['idle', 0],
      ['connecting', 1],
      ['open', 1],
      ['backoff', 2],
      ['suspended', 0],
      ['failed', 1],
    ] as const) {
      const { clock, stub, socket, told } = await virtual({
        autoConnect: status !== 'idle',
        retry: { maxAttempts: status === 'failed' ? 1 : 5 },
      })
      if (status === 'open') stub.last.open()
      if (status === 'backoff' || status === 'failed') stub.last.end(1006)
      if (status === 'suspended') socket.suspend()
      expect(socket.status).toBe(status)
      const before = told.of('close').length
      socket.close(1000)
      if (status === 'open') stub.last.end(1000)
      await clock.advance(0)
      expect([status, socket.status, told.of('close').length]).toEqual([
        status,
        'closed',
        status === 'suspended' ? before : events,
      ])
      expect([status, clock.pending]).toEqual([status, 0])
    }
  })

  test('reconnect() replaces a live link, at once', async () => {
    const name = uniqueCase('replace')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    socket.send('for the new link')
    await told.nth('open', 2)
    expect((await told.nth('message')).data).toBe('for the new link')
    const [first, second] = await until(async () => {
      const all = await control.connections(name)
      return all[0]?.state === 'closed' && all
    })
    expect([first?.messageCount, second?.messageCount, second?.state]).toEqual([0, 1, 'open'])
  })

  test('reconnect() starts anew from idle, suspended, closed and failed', async () => {
    for (const status of ['idle', 'suspended', 'closed', 'failed'] as const) {
      const { clock, stub, socket } = await virtual({
        autoConnect: status !== 'idle',
        retry: { maxAttempts: 1 },
      })
      if (status === 'suspended') socket.suspend()
      if (status === 'closed') socket.close()
      if (status === 'failed') stub.last.end(1006)
      await clock.advance(0)
      expect(socket.status).toBe(status)
      socket.reconnect()
      await clock.advance(0)
      stub.last.open()
      expect(socket.status).toBe('open')
      expect(socket.getSnapshot().attempt).toBe(1)
    }
  })

  test('suspend() gives up the link and keeps the queue, wake() comes back', async () => {
    const name = uniqueCase('suspend')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.suspend()
    expect([socket.status, socket.readyState]).toEqual(['suspended', 3])
    expect(told.of('close')[0]).toMatchObject({ code: 1006, cause: { kind: 'user' } })
    socket.send('kept')
    await until(async () => (await control.connections(name))[0]?.state === 'closed')
    socket.suspend()
    expect(socket.queued.count).toBe(1)
    socket.wake()
    await told.nth('open', 2)
    expect((await told.nth('message')).data).toBe('kept')
    expect(told.of('close')).toHaveLength(1)
  })

  test('suspend() in a wait leaves no timer, and no attempt is made', async () => {
    const { clock, stub, socket } = await virtual()
    stub.last.end(1006)
    socket.suspend()
    expect(clock.pending).toBe(0)
    await clock.advance(60_000)
    expect(stub.made).toHaveLength(1)
  })

  test('suspend() and wake() do nothing where there is nothing to give up or to come back to', async () => {
    const { clock, stub, socket } = await virtual({ autoConnect: false })
    socket.suspend()
    socket.wake()
    expect(socket.status).toBe('idle')
    socket.close()
    socket.suspend()
    socket.wake()
    await clock.advance(0)
    expect([socket.status, stub.made.length]).toEqual(['closed', 0])
  })

  test('wake() ends a wait', async () => {
    const { clock, stub, socket } = await virtual()
    stub.last.end(1006)
    socket.wake()
    await clock.advance(0)
    expect(stub.made).toHaveLength(2)
  })

  test('asyncDispose closes, and resolves when that is done', async () => {
    const name = uniqueCase('dispose')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    await socket[Symbol.asyncDispose]()
    expect(socket.status).toBe('closed')
    expect(told.of('close')[0]).toMatchObject(emptyClose)
    await socket[Symbol.asyncDispose]()
    const idle = createSocket('ws://127.0.0.1:9/', { autoConnect: false })
    await idle[Symbol.asyncDispose]()
    expect(idle.status).toBe('closed')
  })

  test('what listeners do in the middle of a change is done, in order, and nothing is told twice', async () => {
    const { clock, stub, socket, told } = await virtual()
    socket.addEventListener('open', () => socket.close(3000, 'no thanks'), { once: true })
    stub.last.open()
    expect(stub.last.closeCalls).toEqual([[3000, 'no thanks']])
    socket.addEventListener('close', () => socket.open(), { once: true })
    stub.last.end(3000, 'no thanks')
    await clock.advance(0)
    expect(stub.made).toHaveLength(2)
    stub.last.open()
    await clock.advance(0)
    expect(socket.status).toBe('open')
    expect(told.order('open', 'close')).toEqual(['open', 'close', 'open'])
  })
})

describe('a listener of failed', () => {
  test.each(['open', 'reconnect', 'close'] as const)('may call %s()', async (method) => {
    const { clock, stub, socket, told } = await virtual({ retry: { maxAttempts: 1 } })
    socket.on('failed', () => socket[method](), { once: true })
    stub.last.end(1006)
    await clock.advance(0)
    const again = method !== 'close'
    expect([socket.status, stub.made.length]).toEqual(again ? ['connecting', 2] : ['closed', 1])
    expect(told.of('status').map(({ status }) => status)).toEqual(['failed', again ? 'connecting' : 'closed'])
    if (!again) expect(clock.pending).toBe(0)
  })
})

describe('retry: false', () => {
  test('one link, and its close is the last word', async () => {
    const name = uniqueCase('one-link')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name), { retry: false })
    await control.serverClose(name, 1001)
    const { code } = await told.nth('close')
    expect([code, socket.readyState, socket.status]).toEqual([1001, 3, 'closed'])
    await macrotask()
    await macrotask()
    expect(told.order('open', 'error', 'close', 'reconnecting', 'failed')).toEqual(['open', 'close'])
    expect(await control.connections(name)).toHaveLength(1)
  })

  test('a failed first attempt is terminal too', async () => {
    const { clock, stub, socket, told } = await virtual({ retry: false })
    stub.last.end(1006)
    await clock.advance(600_000)
    expect(stub.made).toHaveLength(1)
    expect(socket.readyState).toBe(3)
    expect(told.order('error', 'close', 'reconnecting')).toEqual(['error', 'close'])
    expect(clock.pending).toBe(0)
  })
})

describe('the connect timeout', () => {
  test('doubles with each attempt, up to its limit', async () => {
    const { clock, stub, told } = await virtual({
      backoff: constantBackoff(0),
      connectTimeoutMs: 1_000,
      maxConnectTimeoutMs: 3_000,
    })
    const times: number[] = []
    let last = clock.now()
    for (let attempt = 1; attempt <= 4; attempt++) {
      while (told.of('close').length < attempt) await clock.advance(100)
      times.push(clock.now() - last)
      last = clock.now()
    }
    expect(times).toEqual([1_000, 2_000, 3_000, 3_000])
    expect(told.of('close').every(({ cause }) => cause.kind === 'timeout')).toBe(true)
    expect(stub.made.slice(0, 4).every(({ closeCalls }) => closeCalls.length === 1)).toBe(true)
  })
})
