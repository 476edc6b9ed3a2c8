/** What waits is bounded, and of a key only the latest waits; what gives way is told. */
import { fragments, type HoldfastError, type QueueOptions } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { Outgoing } from '../../src/client/outgoing.ts'
import { type FakeClient, fakeClient, settle } from './support/fake-client.ts'
import { Peer } from './support/peer.ts'

/** What was written, as short words: its type and its payload. */
const words = (fake: FakeClient): string[] =>
  fake.link.envelopes.map(({ type, room, payload }) =>
    type === 'broadcast'
      ? `${room}:${payload.type} ${payload.payload}`
      : `${type} ${room ?? payload ?? ''}`.trim(),
  )

/** A client whose link takes nothing more until `drain()`. */
async function full(options: object = {}, platform: object = {}) {
  const fake = fakeClient({ highWaterMarkBytes: 10, ...options }, platform)
  await fake.connect()
  fake.link.bufferedAmount = 10
  const drain = async () => {
    fake.link.drain()
    fake.clock.advance(20)
    await settle()
  }
  return { fake, drain }
}

describe('conflate', () => {
  test('keeps the latest of a key, in the place of the first, and tells of the others', async () => {
    const fake = fakeClient()
    const receipts = [1, 2, 3].map((n) => {
      fake.client.send('chat', n)
      return fake.client.send('price', n, { conflate: true })
    })
    expect(receipts.map(({ status }) => status)).toEqual(['dropped', 'dropped', 'queued'])
    expect(fake.events('drop')).toEqual(
      Array(2).fill({ type: 'price', room: undefined, reason: 'conflated' }),
    )
    await fake.connect()
    expect(words(fake)).toEqual(['chat 1', 'price 3', 'chat 2', 'chat 3'])
  })

  test('keeps keys and rooms apart', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    fake.client.send('price', 1, { conflate: 'gold' })
    fake.client.send('price', 2, { conflate: 'iron' })
    room.send('price', 3, { conflate: 'gold' })
    await fake.connect()
    expect(words(fake)).toEqual(['join a', 'price 1', 'price 2', 'a:price 3'])
  })

  test('loses none when what waits moves on between two of a key', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    room.send('price', 1, { conflate: true })
    room.send('price', 2, { conflate: true })
    await fake.accept()
    fake.link.bufferedAmount = 5
    fake.link.slow = true
    fake.clock.advance(0)
    expect([room.status, room.counts.waiting]).toEqual(['joined', 0])
    const last = room.send('price', 3, { conflate: true })
    fake.link.drain()
    fake.clock.advance(20)
    expect(last.status).toBe('written')
    expect(words(fake)).toEqual(['join a', 'a:price 3'])
    expect(fake.client.socket.queued.count).toBe(0)
  })

  test('leaves one of a key also where small and large take turns', async () => {
    const fake = fakeClient()
    const sizes = [10, 80_000, 10, 80_000, 80_000, 10]
    const receipts = sizes.map((size) => fake.client.send('state', 'x'.repeat(size), { conflate: true }))
    expect(receipts.map(({ status }) => status)).toEqual([...Array(5).fill('dropped'), 'queued'])
    expect(fake.client.socket.queued.count).toBe(1)
    await fake.connect()
    expect(fake.link.sent).toHaveLength(1)
  })

  test('finishes one that is partly written, rather than starve it', async () => {
    const fake = fakeClient({
      fragments: fragments({ aboveBytes: 300, maxPieceBytes: 300 }),
      highWaterMarkBytes: 200,
    })
    const first = fake.client.send('state', 'a'.repeat(1_000), { conflate: true })
    await fake.accept()
    fake.link.slow = true
    fake.clock.advance(0)
    expect(first.progress.sentBytes).toBeGreaterThan(0)
    const second = fake.client.send('state', 'b'.repeat(1_000), { conflate: true })
    const third = fake.client.send('state', 'c'.repeat(1_000), { conflate: true })
    for (let step = 0; step < 40; step++) {
      fake.link.drain()
      fake.clock.advance(20)
    }
    expect([first.status, second.status, third.status]).toEqual(['written', 'dropped', 'written'])
    const peer = new Peer(fake.link)
    expect(
      peer.listen().flatMap((heard) => (heard.is === 'message' ? String(heard.payload)[0] : [])),
    ).toEqual(['a', 'c'])
  })

  test.each<[NonNullable<QueueOptions['overflow']>, string, number]>([
    ['reject', 'HF_QUEUE_FULL', 1],
    ['drop-newest', 'overflow', 1],
    ['drop-oldest', 'queued', 3],
  ])('keeps to the bounds when the latest is heavier than the one before (%s)', (overflow, end, latest) => {
    const fake = fakeClient({ queue: { maxBytes: 200, overflow } })
    fake.client.send('price', 1, { conflate: true })
    fake.client.send('chat', 'x'.repeat(100))
    let outcome: string | undefined
    try {
      const receipt = fake.client.send('price', '3'.repeat(130), { conflate: true })
      outcome = receipt.reason ?? receipt.status
    } catch (error) {
      outcome = (error as HoldfastError).code
    }
    expect(outcome).toBe(end)
    expect(fake.client.socket.queued.bytes).toBeLessThanOrEqual(200)
    const waiting = latest === 1 ? 2 : 1
    expect(fake.client.socket.queued.count).toBe(waiting)
  })
})

describe('the bounds', () => {
  test('count each message of a queue that is never empty only as long as it waits', async () => {
    const { fake } = await full({ highWaterMarkBytes: 1_000 })
    fake.link.slow = true
    fake.link.bufferedAmount = 1_000
    for (let n = 0; n < 10; n++) fake.client.send('chat', n)
    for (let n = 0; n < 1_000; n++) {
      fake.client.send('chat', n)
      fake.client.send('chat', n)
      fake.link.bufferedAmount = 950
      fake.clock.advance(20)
      fake.link.bufferedAmount = 1_000
    }
    // Whoever asks for the bytes looks at what is still to count: that must not be all that ever waited.
    const looks = vi.spyOn(Outgoing.prototype, 'waits', 'get')
    expect(fake.client.socket.queued.count).toBeLessThan(20)
    expect(fake.client.socket.queued.count).toBeGreaterThan(0)
    expect(looks.mock.calls.length).toBeLessThan(500)
    looks.mockRestore()
  })

  test('in count: with drop-oldest the oldest gives way, wherever it waits', () => {
    const fake = fakeClient({ queue: { maxCount: 3, overflow: 'drop-oldest' } })
    const room = fake.client.room('a')
    const receipts = [
      room.send('chat', 0),
      fake.client.send('chat', 1),
      room.send('chat', 2),
      fake.client.send('chat', 3),
      fake.client.send('chat', 4),
    ]
    expect(receipts.map(({ reason }) => reason)).toEqual([
      'overflow',
      'overflow',
      undefined,
      undefined,
      undefined,
    ])
  })

  test('in bytes: text is counted as UTF-8, not by an estimate', () => {
    const fake = fakeClient({ queue: { maxBytes: 100, maxCount: 1, overflow: 'drop-oldest' } })
    const first = fake.client.send('a', 'x'.repeat(50))
    // Three bytes for each unit would be more than 100.
    const second = fake.client.send('a', 'y'.repeat(50))
    expect([first.reason, second.status]).toEqual(['overflow', 'queued'])
    expect(fake.client.socket.queued.bytes).toBe(
      Buffer.byteLength(JSON.stringify({ type: 'a', payload: 'y'.repeat(50) })),
    )
  })

  test('a message that can never fit is dropped itself, and pushes nobody out', () => {
    const fake = fakeClient({ queue: { maxBytes: 100, overflow: 'drop-oldest' } })
    const small = fake.client.send('a', 1)
    expect(fake.client.send('a', 'x'.repeat(100)).reason).toBe('overflow')
    expect(small.status).toBe('queued')
  })

  test('HF_QUEUE_FULL says what waits and what would be allowed, and whether it may fit later', () => {
    const fake = fakeClient({ queue: { maxCount: 1 } })
    fake.client.send('a', 1)
    expect(() => fake.client.send('a', 2)).toThrow(
      expect.objectContaining({
        code: 'HF_QUEUE_FULL',
        retryable: true,
        message: expect.stringContaining('1 of 1 messages'),
      }),
    )
  })

  test('what a listener sends while it hears of a drop does not push others out for ever', () => {
    const fake = fakeClient({ queue: { maxCount: 2, overflow: 'drop-oldest' } })
    const again = vi.fn(() => void fake.client.send('again'))
    fake.client.events.on('drop', again)
    for (let n = 0; n < 4; n++) fake.client.send('chat', n)
    expect(again).toHaveBeenCalledTimes(2)
    expect(fake.client.socket.queued.count).toBe(2)
  })
})
