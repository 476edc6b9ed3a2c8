/** One place decides what goes out next, and what happens to what cannot. */
import { fragments } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import type { Dialect } from '../../src/wire/dialect.ts'
import { envelopeDialect } from '../../src/wire/envelope-dialect.ts'
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

describe('what goes first', () => {
  test('joins before small messages before large ones, each in order', async () => {
    const fake = fakeClient({ fragments: fragments({ aboveBytes: 300, maxPieceBytes: 300 }) })
    const room = fake.client.room('a')
    fake.client.send('file', 'x'.repeat(400))
    room.send('file', 'y'.repeat(400))
    for (let n = 0; n < 3; n++) {
      fake.client.send('chat', n)
      room.send('chat', n)
    }
    fake.client.room('b')
    const peer = new Peer(await fake.connect())
    const order = peer
      .listen()
      .map((heard) => heard.is + (heard.is === 'message' ? ` ${heard.type} ${heard.room ?? ''}` : ''))
    expect([...new Set(order)]).toEqual([
      'join',
      'message chat ',
      'message chat a',
      'piece',
      'message file ',
      'message file a',
    ])
  })

  test('the answer to the peer’s ping before all that waits', async () => {
    const { fake, drain } = await full()
    fake.client.send('chat', 1)
    fake.link.receive({ type: 'ping' })
    await drain()
    expect(words(fake)).toEqual(['pong', 'chat 1'])
  })

  test('a small message does not overtake a large one of its own room and type', async () => {
    const { fake, drain } = await full()
    fake.client.send('file', 'x'.repeat(70_000))
    fake.client.send('file', 1)
    fake.client.send('chat', 2)
    await drain()
    expect(words(fake).map((word) => word.slice(0, 6))).toEqual(['chat 2', 'file x', 'file 1'])
  })

  test('what `open` listeners send goes ahead of what waits, but not of its own kind', async () => {
    const fake = fakeClient()
    fake.client.send('chat', 1)
    fake.client.socket.on('open', () => {
      fake.client.send('hello', 2)
      fake.client.send('chat', 3)
    })
    await fake.connect()
    expect(words(fake)).toEqual(['hello 2', 'chat 1', 'chat 3'])
  })

  test('what is sent through the socket itself keeps its place in the queue', async () => {
    const fake = fakeClient()
    fake.client.send('chat', 1)
    fake.client.socket.send('{"type":"mine"}')
    fake.client.send('chat', 2)
    await fake.connect()
    expect(words(fake)).toEqual(['chat 1', 'mine', 'chat 2'])
  })

  test('a message in several parts goes whole: nothing passes between, and nothing tears it', async () => {
    const plain = envelopeDialect()
    const dialect: Dialect = {
      decoder: (inbox) => plain.decoder(inbox),
      encode: (operation) => {
        const encoded = plain.encode(operation) as string
        return encoded.includes('parts') ? [encoded, 'part 1', 'part 2'] : encoded
      },
    }
    const { fake, drain } = await full({ dialect })
    fake.link.slow = true
    const whole = fake.client.send('parts', 1)
    for (let written = 1; written <= 3; written++) {
      fake.client.send('chat', written)
      await drain()
      expect(whole.abort()).toBe(false)
    }
    await drain()
    await drain()
    expect(fake.link.sent.map((text) => String(text).slice(0, 14))).toEqual([
      '{"type":"parts',
      'part 1',
      'part 2',
      ...Array(3).fill('{"type":"chat"'),
    ])
    expect(whole.status).toBe('written')
  })
})

describe('time to live', () => {
  test('counts from the call, in a room’s waiting line as well, and is told', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const receipts = [
      room.send('chat', 1, { ttlMs: 100 }),
      fake.client.send('chat', 2, { ttlMs: 200 }),
      fake.client.send('chat', 3),
    ]
    fake.clock.advance(99)
    expect(receipts.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued'])
    fake.clock.advance(1)
    expect(receipts.map(({ status }) => status)).toEqual(['expired', 'queued', 'queued'])
    fake.clock.advance(100)
    expect(receipts.map(({ status }) => status)).toEqual(['expired', 'expired', 'queued'])
    expect(fake.events('drop')).toEqual([
      { type: 'chat', room: 'a', reason: 'expired' },
      { type: 'chat', room: undefined, reason: 'expired' },
    ])
    await fake.connect()
    expect(words(fake)).toEqual(['join a', 'chat 3'])
  })

  test.each([-1, Number.NaN, '5'])('of %s is refused by name', (ttlMs) => {
    const fake = fakeClient()
    expect(() => fake.client.send('chat', 1, { ttlMs: ttlMs as number })).toThrow(/ttlMs/)
  })
})

describe('volatile', () => {
  test('messages go at once or not at all', async () => {
    const { fake, drain } = await full()
    expect(fake.client.send('move', 1, { volatile: true }).reason).toBe('volatile')
    await drain()
    expect(fake.client.send('move', 2, { volatile: true }).status).toBe('written')
    fake.link.cut()
    expect(fake.client.send('move', 3, { volatile: true }).reason).toBe('volatile')
    await fake.connect()
    expect(words(fake)).toEqual([])
  })

  test('messages are not kept for the next link either when this one is just going', async () => {
    const fake = fakeClient()
    await fake.connect()
    vi.spyOn(fake.link, 'send').mockImplementation(() => {
      fake.link.readyState = 3
      throw new Error('going')
    })
    expect(fake.client.send('move', 1, { volatile: true }).reason).toBe('volatile')
    expect(fake.client.send('chat', 2).status).toBe('queued')
    fake.link.cut()
    await fake.connect()
    expect(words(fake)).toEqual(['chat 2'])
  })
})

describe('abort', () => {
  test('takes back what waits, by its receipt or its signal, and tells', async () => {
    const fake = fakeClient()
    const controller = new AbortController()
    const byHand = fake.client.send('chat', 1)
    const bySignal = fake.client.send('chat', 2, { signal: controller.signal })
    const tooLate = fake.client.send('chat', 3)
    expect(byHand.abort()).toBe(true)
    expect(byHand.abort()).toBe(false)
    controller.abort()
    expect([byHand.reason, bySignal.reason]).toEqual(['aborted', 'aborted'])
    expect(fake.client.send('chat', 4, { signal: controller.signal }).reason).toBe('aborted')
    await fake.connect()
    expect(tooLate.abort()).toBe(false)
    expect(tooLate.status).toBe('written')
    expect(words(fake)).toEqual(['chat 3'])
    expect(fake.events('drop')).toHaveLength(3)
  })

  test('of one whose room was left meanwhile keeps the lines in order', async () => {
    const { fake, drain } = await full()
    const room = fake.client.room('a')
    await drain()
    fake.link.bufferedAmount = 10
    const receipt = room.send('chat', 1)
    room.leave()
    receipt.abort()
    await drain()
    expect(fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
    // Nothing waits: it goes at once.
    expect(fake.client.send('chat', 2).status).toBe('written')
  })

  test('at the last word about its progress comes too late, and says so', async () => {
    const fake = fakeClient({ fragments: fragments({ aboveBytes: 300, maxPieceBytes: 300 }) })
    const answers: boolean[] = []
    const receipt = fake.client.send('file', 'x'.repeat(1_000), {
      onProgress: (sent, all) => {
        if (sent === all) answers.push(receipt.abort())
      },
    })
    await fake.connect()
    expect(answers).toEqual([false])
    expect([receipt.status, fake.events('drop')]).toEqual(['written', []])
  })
})

describe('a link that is going', () => {
  test('keeps what was sent through the socket itself for the next one', async () => {
    const fake = fakeClient()
    await fake.connect()
    vi.spyOn(fake.link, 'send').mockImplementation(() => {
      fake.link.readyState = 3
      throw new Error('going')
    })
    fake.client.socket.send('{"type":"mine"}')
    fake.link.cut()
    await fake.connect()
    expect(words(fake)).toEqual(['mine'])
  })

  test('a message that cannot be written at all is told, and holds up nobody', async () => {
    const fake = fakeClient()
    await fake.connect()
    fake.link.failure = new Error('no')
    const receipt = fake.client.send('chat', 1)
    fake.link.failure = undefined
    expect(receipt.reason).toBe('write-failed')
    expect(fake.client.send('chat', 2).status).toBe('written')
    expect(fake.events('drop')).toEqual([{ type: 'chat', room: undefined, reason: 'write-failed' }])
  })
})

describe('bytes', () => {
  test('belong to the caller again when `send` returns', async () => {
    const { fake, drain } = await full({}, { copies: true })
    const bytes = new Uint8Array([1, 2, 3])
    for (let n = 1; n <= 3; n++) {
      fake.client.binary(7).send(bytes.fill(n))
    }
    bytes.fill(9)
    await drain()
    expect(fake.link.sent.map((data) => [...new Uint8Array(data as ArrayBuffer)].slice(4))).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 3],
    ])
  })

  test('of a blob go out whole behind their type, in the order of their type', async () => {
    const fake = fakeClient()
    await fake.connect()
    const channel = fake.client.binary(0x01020304)
    channel.send(new Blob(['ab']))
    channel.send(new Uint8Array([5]))
    const [first, second] = fake.link.sent as [Blob, Uint8Array]
    expect([...new Uint8Array(await first.arrayBuffer())]).toEqual([1, 2, 3, 4, 97, 98])
    expect([...second]).toEqual([1, 2, 3, 4, 5])
  })

  test('of a blob that is still being read are not overtaken by others of their type', async () => {
    const fake = fakeClient({ fragments: fragments({ aboveBytes: 300, maxPieceBytes: 300 }) })
    await fake.connect()
    const channel = fake.client.binary(7)
    const slow = new Blob([new Uint8Array(1_000).fill(1)])
    const blob = channel.send(slow)
    const bytes = channel.send(new Uint8Array(1_000).fill(2))
    fake.clock.advance(100)
    expect([blob.status, bytes.status]).toEqual(['queued', 'queued'])
    await vi.waitFor(() => {
      fake.clock.advance(10)
      expect(bytes.status).toBe('written')
    })
    const frames = new Peer(fake.link).listen().filter((heard) => heard.is === 'frame')
    expect(frames.map((heard) => heard.bytes[0])).toEqual([1, 2])
  })
})

test('a large message does not overtake one of its type whose schema still thinks', async () => {
  const validate = (value: unknown) => (value === 'slow' ? Promise.resolve({ value }) : { value })
  const file = { '~standard': { version: 1 as const, vendor: 'test', validate } }
  const fake = fakeClient({ messages: { file }, validateSends: true })
  await fake.connect()
  const slow = fake.client.send('file', 'slow')
  const large = fake.client.send('file', 'x'.repeat(70_000))
  fake.clock.advance(0)
  expect([slow.status, large.status]).toEqual(['queued', 'queued'])
  await settle()
  fake.clock.advance(0)
  expect(words(fake).map((word) => word.slice(0, 7))).toEqual(['file sl', 'file xx'])
})

test('close() writes what waits, in order, before the closing handshake', async () => {
  const { fake } = await full()
  const receipts = [
    fake.client.send('chat', 1),
    fake.client.send('file', 'x'.repeat(70_000)),
    fake.client.send('chat', 2),
  ]
  fake.client.close()
  expect(words(fake).map((word) => word.slice(0, 6))).toEqual(['chat 1', 'chat 2', 'file x'])
  expect(receipts.map(({ status }) => status)).toEqual(['written', 'written', 'written'])
  expect(fake.client.send('chat', 3).reason).toBe('closed')
  fake.link.answerClose()
  await settle()
  expect(fake.clock.pending).toBe(0)
})

test('a client that is closed without a link tells of each message that will not go', async () => {
  const fake = fakeClient()
  const room = fake.client.room('a')
  fake.client.send('chat', 1)
  room.send('note', 2)
  fake.client.send('file', 'x'.repeat(70_000))
  fake.client.close()
  fake.clock.advance(0)
  expect(fake.events('drop').map(({ type, reason }) => [type, reason])).toEqual([
    ['chat', 'closed'],
    ['note', 'closed'],
    ['file', 'closed'],
  ])
  await settle()
  expect(fake.clock.pending).toBe(0)
})
