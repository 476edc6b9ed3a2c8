/** What the shell must survive, with a platform and a clock of the test's own. */
import { expect, test, vi } from 'vitest'
import type { EnvironmentSignal } from '../../src/base/signals.ts'
import { connectedSocket, fakePlatform } from './fake-platform.ts'

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
    beforeFlush: () => new Promise<void>((resolve) => { open = resolve }),
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
