/** What listeners, gates and limiters do at awkward moments must not disturb order, truth or the ends of promises. */
import { expect, test } from 'vitest'
import { messageHeartbeat } from '../../src/core/heartbeat-sources.ts'
import { connectedSocket, fakePlatform } from './fake-platform.ts'

function deferred<T>() {
  let resolve = (_value: T) => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

test('after a gate, what is sent before the flush does not overtake what waits', async () => {
  const platform = fakePlatform()
  let pass = () => {}
  const gate = new Promise<void>((resolve) => {
    pass = resolve
  })
  const socket = await connectedSocket(platform, { beforeFlush: () => gate })
  socket.send('A')
  pass()
  await platform.settle()
  socket.send('B')
  platform.clock.advance(0)
  expect(platform.natives[0]?.sent).toEqual(['A', 'B'])
})

test('what the gate wrote to a link that was just going does not wait for the next one', async () => {
  const platform = fakePlatform()
  const dropped: unknown[] = []
  const socket = platform.create({
    beforeFlush(send) {
      const native = platform.natives[0]
      if (!native) return
      native.send = () => {
        native.readyState = 2
        throw new Error('closing')
      }
      send('token')
    },
  })
  socket.on('drop', ({ data }) => dropped.push(data))
  await platform.settle()
  platform.natives[0]?.accept()
  await platform.settle()
  expect([dropped, socket.queued.count]).toEqual([['token'], 0])
})

test('an answer without an id, to one of two pings, proves nothing of what was written between them', async () => {
  const platform = fakePlatform()
  const words = { ping: () => '2', readPong: (data: unknown) => data === '3' }
  const socket = await connectedSocket(platform, { heartbeat: messageHeartbeat(words) })
  const doubts: number[] = []
  socket.on('indoubt', ({ count }) => doubts.push(count))
  platform.clock.advance(0)
  const native = platform.natives[0]
  socket.send('x')
  socket.wake()
  native?.events.received('3')
  native?.events.closed({ code: 1006, reason: '', wasClean: false })
  expect(native?.sent).toEqual(['2', 'x', '2'])
  expect(doubts).toEqual([1])
})

test('a subscriber that opens a closed socket is not undone, and no older status is told after it', async () => {
  const platform = fakePlatform()
  const socket = await connectedSocket(platform)
  const told: string[] = []
  const dropped: unknown[] = []
  socket.on('status', ({ previous, status }) => told.push(`${previous}>${status}`))
  socket.on('drop', ({ data }) => dropped.push(data))
  const stop = socket.subscribe(() => {
    if (socket.status !== 'closed') return
    stop()
    socket.open()
    socket.send('x')
  })
  socket.close()
  platform.natives[0]?.events.closed({ code: 1005, reason: '', wasClean: true })
  expect(socket.status).toBe('connecting')
  expect(dropped).toEqual([])
  expect(told).toEqual(['open>closing', 'closed>connecting'])
})

test('a disposal is over when the link is, also when a listener opens the socket anew', async () => {
  const platform = fakePlatform()
  const socket = await connectedSocket(platform)
  socket.addEventListener('close', () => socket.open(), { once: true })
  const disposed = socket[Symbol.asyncDispose]()
  platform.natives[0]?.events.closed({ code: 1005, reason: '', wasClean: true })
  await disposed
  expect(socket.status).toBe('connecting')
})

test('a rate limiter that throws once delays the queue, and loses nothing', async () => {
  const platform = fakePlatform()
  let turns = 0
  const rateLimit = {
    take() {
      turns++
      if (turns === 2) throw new Error('limiter')
      return true
    },
    nextAt: () => 0,
  }
  const socket = platform.create({ rateLimit })
  for (const text of ['a', 'b', 'c', 'd']) socket.send(text)
  await platform.settle()
  platform.natives[0]?.accept()
  platform.clock.advance(100)
  expect(platform.natives[0]?.sent).toEqual(['a', 'b', 'c', 'd'])
  expect(platform.reported).toHaveLength(1)
})

test('the snapshot knows the address as soon as the socket does', async () => {
  const platform = fakePlatform()
  const { promise, resolve } = deferred<string>()
  const socket = platform.create({}, () => promise)
  await platform.settle()
  expect(socket.getSnapshot().url).toBe('')
  resolve('ws://other.test/path')
  await platform.settle()
  expect([socket.url, socket.getSnapshot().url]).toEqual(['ws://other.test/path', 'ws://other.test/path'])
  const snapshot = socket.getSnapshot()
  await platform.settle()
  expect(socket.getSnapshot()).toBe(snapshot)
})

test('the return of the page does not end a suspend() of the user’s own', async () => {
  let tell = (_signal: 'hide' | 'show') => {}
  const platform = fakePlatform({
    signals: {
      subscribe(listener) {
        tell = listener
        return () => {}
      },
    },
  })
  const socket = await connectedSocket(platform)
  tell('hide')
  expect(socket.status).toBe('suspended')
  platform.clock.advance(10)
  socket.open()
  socket.suspend()
  tell('show')
  expect(socket.status).toBe('suspended')
})
