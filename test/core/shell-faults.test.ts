/** What the shell must survive, with a platform and a clock of the test's own. */
import { expect, test, vi } from 'vitest'
import type { EnvironmentSignal } from '../../src/base/signals.ts'
import type { ReconnectingWebSocket } from '../../src/core/reconnecting-web-socket.ts'
import { connectedSocket, type FakeNative, fakePlatform } from './fake-platform.ts'

test('a page that is offline from the start gets a socket that listens to its signals once', () => {
  const subscribed = vi.fn((tell: (signal: EnvironmentSignal) => void) => {
    tell('offline')
    return () => {}
  })
  const { create } = fakePlatform({ signals: { subscribe: subscribed } })
  const socket = create()
  expect(socket.status).toBe('connecting')
  expect(subscribed).toHaveBeenCalledTimes(1)
})

test('a gate that takes too long costs the link, not the socket', async () => {
  const { create, clock, natives, settle } = fakePlatform()
  const socket = create({ beforeFlush: () => new Promise(() => {}), connectTimeoutMs: 1_000 })
  await settle()
  natives[0]?.accept()
  clock.advance(1_001)
  expect(socket.status).toBe('backoff')
})

test.each(['suspend', 'close'] as const)(
  'a close listener that calls %s() while a link is replaced leaves no link behind',
  async (method) => {
    const platform = fakePlatform()
    const socket = await connectedSocket(platform)
    socket.addEventListener('close', () => socket[method](), { once: true })
    socket.reconnect()
    await platform.settle()
    platform.clock.advance(0)
    await platform.settle()
    expect(platform.natives.filter((native) => !native.released)).toEqual([])
  },
)

test('a close listener that reconnects while a link is replaced leaves one link', async () => {
  const platform = fakePlatform()
  const socket = await connectedSocket(platform)
  socket.addEventListener('close', () => socket.reconnect(), { once: true })
  socket.reconnect()
  await platform.settle()
  expect(platform.natives.filter((native) => !native.released)).toHaveLength(1)
})

test('a ping of the peer during a slow gate is no reason to give the link up', async () => {
  const platform = fakePlatform({ ping: true })
  let open: (() => void) | undefined
  const socket = platform.create({
    beforeFlush: () =>
      new Promise<void>((resolve) => {
        open = resolve
      }),
    connectTimeoutMs: 60_000,
  })
  await platform.settle()
  platform.natives[0]?.accept()
  open?.()
  await platform.settle()
  platform.clock.advance(10)
  platform.natives[0]?.pong()
  socket.reconnect()
  await platform.settle()
  platform.natives[1]?.accept()
  platform.natives[1]?.events.pinged()
  platform.clock.advance(50_000)
  expect(socket.status).toBe('open')
})

test('a socket that is over leaves no timer and no subscription', async () => {
  const listeners = new Set<unknown>()
  const signals = {
    subscribe: (listener: unknown) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const ends: [string, (socket: ReconnectingWebSocket, native: FakeNative | undefined) => void][] = [
    ['closed', (socket) => socket.close()],
    [
      'closed',
      (socket, native) => {
        socket.close()
        native?.events.closed({ code: 1000, reason: '', wasClean: true })
        native?.events.errored(new Error('late'))
      },
    ],
    ['failed', (_socket, native) => native?.events.closed({ code: 4400, reason: '', wasClean: true })],
  ]
  for (const [status, end] of ends) {
    const platform = fakePlatform({ signals, ping: true })
    const socket = await connectedSocket(platform)
    platform.natives[0]?.pong()
    socket.send('x')
    expect(platform.clock.pending).toBeGreaterThan(0)
    end(socket, platform.natives[0])
    platform.clock.advance(10_000)
    expect(socket.status).toBe(status)
    expect([platform.clock.pending, listeners.size]).toEqual([0, 0])
    expect(platform.natives.every((native) => native.released)).toBe(true)
  }
})

test('close() in each status ends without a timer, after one close event where readyState was 0 or 1', async () => {
  for (const ready of [0, 1] as const) {
    for (const settled of [false, true]) {
      const platform = fakePlatform()
      const socket = ready ? await connectedSocket(platform) : platform.create()
      if (settled) await platform.settle()
      const codes: number[] = []
      socket.addEventListener('close', ({ code }) => codes.push(code))
      expect(socket.readyState).toBe(ready)
      socket.close()
      expect(socket.readyState).toBe(2)
      expect(codes).toEqual([])
      platform.clock.advance(5_000)
      await platform.settle()
      expect([socket.readyState, codes.length, platform.clock.pending]).toEqual([3, 1, 0])
      expect(platform.natives.every((native) => native.released)).toBe(true)
    }
  }
})

test('the snapshot is the same object as long as nothing in it changed', async () => {
  let tell: (signal: EnvironmentSignal) => void = () => {}
  const signals = {
    subscribe: (listener: typeof tell) => {
      tell = listener
      return () => {}
    },
  }
  const platform = fakePlatform({ signals })
  const socket = await connectedSocket(platform)
  const before = socket.getSnapshot()
  const changed = vi.fn()
  socket.subscribe(changed)
  socket.send('x')
  socket.open()
  for (const signal of ['online', 'wake', 'show', 'online'] as const) tell(signal)
  platform.clock.advance(0)
  expect(socket.getSnapshot()).toBe(before)
  expect(changed).not.toHaveBeenCalled()
  socket.suspend()
  expect(socket.getSnapshot()).not.toBe(before)
  expect(changed).toHaveBeenCalled()
})

test('an implementation whose close() throws ends all the same', async () => {
  const platform = fakePlatform()
  const socket = await connectedSocket(platform)
  const native = platform.natives[0] as FakeNative
  native.close = () => {
    throw new Error('of the implementation')
  }
  try {
    socket.close()
  } catch {
    // Whether the caller hears of it matters less than that it ends.
  }
  platform.clock.advance(5_000)
  expect([socket.status, platform.clock.pending]).toEqual(['closed', 0])
})

test('a listener that changes the network signal does not lose the attempt that was under way', async () => {
  let tell: (signal: EnvironmentSignal) => void = () => {}
  const signals = {
    subscribe: (listener: typeof tell) => {
      tell = listener
      return () => {}
    },
  }
  const platform = fakePlatform({ signals })
  const socket = await connectedSocket(platform)
  socket.addEventListener('close', () => tell('offline'), { once: true })
  socket.reconnect()
  await platform.settle()
  expect(platform.natives).toHaveLength(2)
  platform.natives[1]?.accept()
  expect(socket.status).toBe('open')
})
