/** Rooms are joined, left and joined again so that the server and the application never disagree for long. */
import { tokenBucket } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { type FakeClient, fakeClient, settle } from './support/fake-client.ts'

const joins = (fake: FakeClient): readonly string[] =>
  fake.link.envelopes.flatMap(({ type, room }) => (type === 'join' && room !== undefined ? room : []))
const words = (fake: FakeClient): string[] =>
  fake.link.envelopes.map(({ type, room, payload }) =>
    [type, room, payload?.payload].filter((word) => word !== undefined).join(' '),
  )
const isHoldfast = (code: string) => expect.objectContaining({ code })

describe('a membership', () => {
  test('is one, however many hold the room, and is left when the last holder leaves', async () => {
    const fake = fakeClient()
    const first = fake.client.room('a')
    const second = fake.client.room('a')
    await fake.connect()
    expect(words(fake)).toEqual(['join a'])
    expect(first.counts.holders).toBe(2)
    first.leave()
    first.leave()
    expect([first.status, second.status]).toEqual(['left', 'joined'])
    expect(words(fake)).toEqual(['join a'])
    second.send('chat', 1)
    second.leave()
    expect(words(fake)).toEqual(['join a', 'broadcast a 1', 'leave a'])
  })

  test('that was left takes no more messages, listeners or loops', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    room.leave()
    for (const use of [
      () => room.send('x'),
      () => room.broadcast(1),
      () => room.on('x', () => {}),
      () => room.messages('x'),
    ]) {
      expect(use).toThrow(isHoldfast('HF_ROOM'))
    }
  })

  test('is joined with its params, on every link, and the first holder’s count', async () => {
    const fake = fakeClient()
    fake.client.room('a', { params: { token: 1 } })
    fake.client.room('a', { params: { token: 2 } })
    for (let round = 0; round < 2; round++) {
      await fake.connect()
      expect(fake.link.envelopes).toEqual([{ type: 'join', room: 'a', payload: { token: 1 } }])
      fake.link.cut()
    }
  })

  test('entered anew with other params while its leave waits is joined with those', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a', { params: 1 })
    await fake.connect()
    fake.link.bufferedAmount = 10
    room.leave()
    const again = fake.client.room('a', { params: 2 })
    fake.link.drain()
    fake.clock.advance(20)
    expect(fake.link.envelopes.at(-1)).toEqual({ type: 'join', room: 'a', payload: 2 })
    expect(again.status).toBe('joined')
  })

  test.each(['', 7, undefined, null])('needs a name: %j is none', (name) => {
    const fake = fakeClient()
    expect(() => fake.client.room(name as string)).toThrow(isHoldfast('HF_BAD_TYPE'))
  })
})

describe('leaving', () => {
  test('without a link leaves nothing behind: no join, no leave, no message; drops are told', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const receipt = room.send('chat', 1)
    room.leave()
    expect([receipt.status, receipt.reason]).toEqual(['dropped', 'left'])
    expect(fake.events('drop')).toEqual([{ type: 'chat', room: 'a', reason: 'left' }])
    await fake.connect()
    expect(fake.link.sent).toEqual([])
    await fake.close()
    expect(fake.clock.pending).toBe(0)
  })

  test('between two links leaves nothing behind either', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.cut()
    room.send('chat', 1)
    room.leave()
    await fake.connect()
    expect(fake.link.sent).toEqual([])
    expect(fake.events('drop')).toEqual([{ type: 'chat', room: 'a', reason: 'left' }])
  })

  test('drops with its link what was to go before the leave, and tells', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    const receipts = [room.send('chat', 1), room.send('file', 'x'.repeat(70_000))]
    room.leave()
    expect(receipts.map(({ status }) => status)).toEqual(['queued', 'queued'])
    fake.link.cut()
    expect(receipts.map(({ reason }) => reason)).toEqual(['left', 'left'])
    expect(fake.events('drop').map(({ type, reason }) => [type, reason])).toEqual([
      ['chat', 'left'],
      ['file', 'left'],
    ])
    await fake.connect()
    expect(fake.link.sent).toEqual([])
    expect(fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('and entering at once, before the leave could go, is a membership like before', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    room.leave()
    const again = fake.client.room('a')
    expect(again.status).toBe('joined')
    again.send('chat', 1)
    fake.link.drain()
    fake.clock.advance(20)
    expect(words(fake)).toEqual(['join a', 'broadcast a 1'])
    expect(fake.events('drop')).toEqual([])
    const gaps: unknown[] = []
    again.events.on('gap', (gap) => void gaps.push(gap.rooms))
    fake.link.cut()
    await fake.connect()
    expect(gaps).toEqual([['a']])
  })

  test('and entering at once, after the leave went, joins again behind it', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    await fake.connect()
    room.leave()
    fake.client.room('a').send('chat', 1)
    fake.clock.advance(0)
    expect(words(fake)).toEqual(['join a', 'leave a', 'join a', 'broadcast a 1'])
  })

  test('and entering from within the news of it never lets the join overtake the leave', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    const undo = fake.client.events.on('room', ({ status }) => {
      if (status === 'left') fake.client.room('a').send('chat', 1)
    })
    room.leave()
    undo()
    fake.link.drain()
    fake.clock.advance(20)
    expect(words(fake)).not.toContain('leave a')
    expect(words(fake)).toEqual(['join a', 'broadcast a 1'])
  })

  test('while its join waits for the native buffer takes the join back', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    await fake.connect()
    fake.link.bufferedAmount = 10
    const room = fake.client.room('a')
    fake.clock.advance(0)
    room.leave()
    fake.client.room('b')
    fake.link.drain()
    fake.clock.advance(20)
    expect(words(fake)).toEqual(['join b'])
    expect(fake.events('room').filter(({ status }) => status === 'joined')).toHaveLength(1)
  })

  test('goes behind the messages of the room that wait, large ones too', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    room.send('file', 'x'.repeat(70_000))
    room.send('chat', 1)
    room.leave()
    fake.link.drain()
    fake.clock.advance(20)
    expect(fake.link.envelopes.map(({ type, payload }) => `${type} ${payload?.type ?? ''}`)).toEqual([
      'join ',
      'broadcast chat',
      'broadcast file',
      'leave ',
    ])
  })

  test('twice in a row does not overtake the large messages that wait either', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    room.send('file', 'x'.repeat(70_000))
    room.leave()
    fake.client.room('a').leave()
    fake.link.drain()
    fake.clock.advance(20)
    expect(fake.link.envelopes.map(({ type }) => type)).toEqual(['join', 'broadcast', 'leave'])
  })

  test('is not lost to the age or the bounds of the queue', async () => {
    const queue = { maxAgeMs: 50, maxCount: 2, overflow: 'drop-oldest' } as const
    const fake = fakeClient({ highWaterMarkBytes: 10, queue })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    room.leave()
    for (let n = 0; n < 5; n++) fake.client.send('chat', n)
    fake.clock.advance(200)
    fake.link.drain()
    fake.clock.advance(20)
    expect(words(fake)).toEqual(['join a', 'leave a'])
    expect(fake.events('drop').map(({ type }) => type)).toEqual(Array(5).fill('chat'))
  })
})

describe('many rooms', () => {
  test('10,000 of them come back at the rate, those with waiting messages first, and others speak between', async () => {
    const fake = fakeClient({ rooms: { joinRate: tokenBucket({ perSecond: 1_000, burst: 100 }) } })
    const rooms = Array.from({ length: 10_000 }, (_, n) => fake.client.room(`r${n}`))
    await fake.connect()
    fake.clock.advance(20_000)
    expect(joins(fake)).toHaveLength(10_000)
    fake.link.cut()
    const late = [rooms[9_000], rooms[9_999]]
    for (const room of late) room?.send('chat', 1)
    await fake.accept()
    fake.clock.advance(0)
    // The burst, and no more; whoever waits is served first.
    expect(joins(fake)).toHaveLength(100)
    expect(joins(fake).slice(0, 2)).toEqual(['r9000', 'r9999'])
    expect(late.map((room) => room?.counts.waiting)).toEqual([0, 0])
    expect(fake.client.send('other').status).toBe('written')
    fake.clock.advance(1_000)
    expect(joins(fake).length).toBeGreaterThanOrEqual(1_095)
    expect(joins(fake).length).toBeLessThanOrEqual(1_101)
    expect(fake.client.send('other').status).toBe('written')
    expect(fake.events('gap')).toEqual([])
    fake.clock.advance(9_000)
    expect(new Set(joins(fake)).size).toBe(10_000)
    expect(joins(fake)).toHaveLength(10_000)
    expect(fake.events('gap').map((gap) => gap.rooms.length)).toEqual([10_000])
    for (const room of rooms) room.leave()
    expect(fake.client.getSnapshot().rooms).toHaveLength(0)
    await fake.close()
    expect(fake.clock.pending).toBe(0)
  }, 30_000)

  test('that are left while they wait for their turn are never joined', async () => {
    const fake = fakeClient({ rooms: { joinRate: tokenBucket({ perSecond: 10, burst: 1 }) } })
    const rooms = ['a', 'b', 'c'].map((name) => fake.client.room(name))
    await fake.connect()
    rooms[1]?.leave()
    fake.clock.advance(1_000)
    expect(words(fake)).toEqual(['join a', 'join c'])
  })
})

describe('a client with rooms', () => {
  test.each([
    [
      'suspend and wake',
      (fake: FakeClient) => {
        fake.client.socket.suspend()
        fake.client.socket.wake()
      },
    ],
    ['reconnect', (fake: FakeClient) => fake.client.socket.reconnect()],
    [
      'close and open',
      (fake: FakeClient) => {
        fake.client.close()
        fake.link.answerClose()
        fake.client.open()
      },
    ],
    ['a lost link', (fake: FakeClient) => fake.link.cut()],
  ])('is in them again after %s', async (_name, renew) => {
    const fake = fakeClient()
    const statuses: string[] = []
    const room = fake.client.room('a')
    room.events.on('status', ({ status }) => void statuses.push(status))
    await fake.connect()
    renew(fake)
    await fake.connect()
    expect(joins(fake)).toEqual(['a'])
    expect(statuses).toEqual(['joined', 'rejoining', 'joined'])
  })

  test('writes what waits before it closes, joins too where something waits for them', async () => {
    const fake = fakeClient({ rooms: { joinRate: tokenBucket({ perSecond: 1, burst: 1 }) } })
    const rooms = ['a', 'b', 'c'].map((name) => fake.client.room(name))
    await fake.connect()
    const receipt = rooms[2]?.send('chat', 1)
    fake.client.close()
    expect(words(fake)).toEqual(['join a', 'join c', 'broadcast c 1'])
    expect(receipt?.status).toBe('written')
    fake.link.answerClose()
    await settle()
    expect(await receipt?.settled).toBe('written')
  })

  test('tells a change of status once, to the client and to the room', async () => {
    const fake = fakeClient()
    const heard = vi.fn()
    const room = fake.client.room('a')
    room.subscribe(heard)
    const before = room.getSnapshot()
    expect(room.getSnapshot()).toBe(before)
    await fake.connect()
    expect(heard).toHaveBeenCalledTimes(1)
    expect(fake.events('room')).toEqual([
      { room: 'a', status: 'joining', error: undefined },
      { room: 'a', status: 'joined', error: undefined },
    ])
    expect(room.getSnapshot()).not.toBe(before)
  })
})
