/** What the server asks us, and what it says to what we asked, cannot harm the rest of the conversation. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeClient, settle } from './support/fake-client.ts'

const isHoldfast = (code: string) => expect.objectContaining({ code })

/** A schema that refuses a list, with an issue for each of its items. */
const refusesAll = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) => ({
      issues: (value as unknown[]).map((_item, at) => ({ message: 'must be a number', path: [at] })),
    }),
  },
}

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
/** Unhandled rejections are told after the microtasks of a turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
})

describe('a refusal', () => {
  test('that is over the peer’s limit goes as a short `internal` one, and its id may be used again', async () => {
    const fake = fakeClient({ limits: { maxMessageBytes: 1_000 } })
    const link = await fake.connect()
    let message = 'x'.repeat(5_000)
    fake.client.handle('get', () => {
      throw Object.assign(new Error(message), { code: 'broken' })
    })
    link.receive({ type: 'get', id: '1' })
    await settle()
    await turn()
    expect(unhandled).toEqual([])
    expect(link.envelopes).toHaveLength(1)
    const { type, id, ref, payload } = link.written(0)
    expect({ type, id, ref, code: payload.code }).toEqual({
      type: 'error',
      id: '1',
      ref: '1',
      code: 'internal',
    })
    expect(JSON.stringify(link.sent[0]).length).toBeLessThan(500)

    message = 'short'
    link.receive({ type: 'get', id: '1' })
    await settle()
    expect(link.written(1).payload).toMatchObject({ code: 'broken', message: 'short' })
  })

  test('of a hostile payload is bounded, however many issues its schema finds', async () => {
    const fake = fakeClient({ serves: { get: { input: refusesAll } } })
    const link = await fake.connect()
    fake.client.handle('get', () => 1)
    link.receive({ type: 'get', id: '1', payload: new Array(3_000).fill('x') })
    await settle()
    const { code, message } = link.written(0).payload
    expect(code).toBe('invalid')
    expect(message).toMatch(/^0: must be a number/)
    expect(message.length).toBeLessThanOrEqual(1_100)
  })

  test('of a hostile payload reaches a peer that takes little, too', async () => {
    const fake = fakeClient({
      limits: { maxMessageBytes: 300 },
      serves: { get: { input: refusesAll } },
    })
    const link = await fake.connect()
    fake.client.handle('get', () => 1)
    for (let round = 0; round < 2; round++) {
      link.receive({ type: 'get', id: '1', payload: new Array(3_000).fill('x') })
      await settle()
      await turn()
    }
    expect(unhandled).toEqual([])
    expect(link.envelopes.map(({ type, id }) => [type, id])).toEqual([
      ['error', '1'],
      ['error', '1'],
    ])
  })

  test('stands in for an answer that is over the peer’s limit', async () => {
    const fake = fakeClient({ limits: { maxMessageBytes: 1_000 } })
    const link = await fake.connect()
    fake.client.handle('get', () => 'x'.repeat(5_000))
    link.receive({ type: 'get', id: '1' })
    await settle()
    await turn()
    expect(unhandled).toEqual([])
    expect(link.envelopes.map(({ type, id, payload }) => [type, id, payload.code])).toEqual([
      ['error', '1', 'internal'],
    ])
    expect(fake.reported).toEqual([isHoldfast('HF_TOO_LARGE')])
  })
})

describe('what comes to a request that was given up', () => {
  test('fails no room, though the error names one', async () => {
    const fake = fakeClient()
    const { client } = fake
    const room = client.room('lobby')
    const link = await fake.connect()
    const giveUp = new AbortController()
    const asked = client.request('get', 1, { room: 'lobby', signal: giveUp.signal })
    const id = link.envelopes.at(-1)?.id
    giveUp.abort()
    await expect(asked).rejects.toThrow('abort')
    const payload = { code: 'not_found', message: '' }
    link.receive({ type: 'error', id, ref: id, room: 'lobby', payload })
    link.receive({ type: 'error', id, room: 'lobby', payload })
    link.receive({ type: 'error', room: 'lobby', payload: { ...payload, ref: id } })
    expect(room.status).toBe('joined')
    expect(room.send('chat', 1).status).toBe('written')
    expect(fake.events('room').map(({ status }) => status)).toEqual(['joining', 'joined'])
    expect(fake.events('error').map(({ code, ref }) => [code, ref])).toEqual(Array(3).fill(['not_found', id]))
  })

  test('is no error of a room’s either where the client never asked it', async () => {
    const fake = fakeClient()
    const room = fake.client.room('lobby')
    const link = await fake.connect()
    link.receive({ type: 'error', ref: 'somebody', room: 'lobby', payload: { code: 'no', message: '' } })
    expect(room.status).toBe('joined')
    expect(fake.events('error')).toMatchObject([{ code: 'no', ref: 'somebody', room: 'lobby' }])
  })

  test.each(['get', '$reply'])('too late, of type %s, is not served as a request', async (type) => {
    const fake = fakeClient()
    const link = await fake.connect()
    const serve = vi.fn()
    fake.client.handle(type, serve)
    const asked = fake.client.request('get', 1, { timeoutMs: 100 })
    const id = link.written(0).id
    fake.clock.advance(100)
    await expect(asked).rejects.toEqual(isHoldfast('HF_TIMEOUT'))
    link.receive({ type, id, payload: 'late' })
    link.receive({ type, id, ref: id, payload: 'later' })
    await settle()
    expect(serve).not.toHaveBeenCalled()
    expect(link.sent).toHaveLength(1)
  })

  test('too late is a message, or an error, like any other', async () => {
    const fake = fakeClient()
    const link = await fake.connect()
    const heard = vi.fn()
    fake.client.on('get', heard)
    const stream = fake.client.stream('all')
    const asked = fake.client.request('get', 1, { timeoutMs: 100 })
    const [ofStream, ofRequest] = link.envelopes.map(({ id }) => id)
    link.receive({ type: '$reply', id: ofStream, payload: 1, more: true })
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    await stream.return()
    fake.clock.advance(100)
    await expect(asked).rejects.toEqual(isHoldfast('HF_TIMEOUT'))
    link.receive({ type: '$reply', id: ofStream, payload: 2, more: true })
    link.receive({ type: 'get', id: ofRequest, payload: 'late' })
    link.receive({ type: 'error', id: ofRequest, payload: { code: 'later', message: '' } })
    expect(heard).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ payload: 'late' }))
    expect(fake.told).toMatchObject([
      ['unknown', { type: '$reply', payload: 2 }],
      ['error', { code: 'later', ref: ofRequest }],
    ])
  })

  test('does not hide the server’s own requests, whose ids are its own', async () => {
    const fake = fakeClient()
    const link = await fake.connect()
    fake.client.handle('get', (payload) => payload)
    link.receive({ type: 'get', id: '1', payload: 'mine' })
    await settle()
    expect(link.envelopes).toEqual([{ type: '$reply', id: '1', ref: '1', payload: 'mine' }])
  })
})

describe('answers', () => {
  test('of a stream are asked for one by one, as the link takes them, and come in order', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 100 })
    const link = await fake.connect()
    let made = 0
    fake.client.handle('count', async function* () {
      while (made < 50) yield made++
    })
    link.bufferedAmount = 100
    link.receive({ type: 'count', id: '1' })
    for (let round = 0; round < 20; round++) await settle()
    expect(made).toBeLessThanOrEqual(3)
    expect(link.sent).toEqual([])

    link.drain()
    for (let round = 0; round < 100; round++) {
      fake.clock.advance(20)
      await settle()
    }
    expect(link.envelopes.map(({ payload }) => payload)).toEqual([...Array(50).keys(), undefined])
    expect(link.envelopes.map(({ more }) => more)).toEqual([...Array(50).fill(true), undefined])
  })

  test('of a stream that waits end with the link: nothing is kept for the next', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 100 })
    const link = await fake.connect()
    let ended = false
    fake.client.handle('count', async function* () {
      try {
        for (let item = 0; ; item++) yield item
      } finally {
        ended = true
      }
    })
    link.bufferedAmount = 100
    link.receive({ type: 'count', id: '1' })
    await settle()
    link.cut()
    const next = await fake.connect()
    await settle()
    expect([ended, next.sent, fake.client.socket.queued.count]).toEqual([true, [], 0])
    expect(fake.reported).toEqual([])
  })

  test('leave the queue to the application’s own messages', async () => {
    const queue = { maxCount: 3, overflow: 'drop-oldest' } as const
    const fake = fakeClient({ queue, highWaterMarkBytes: 100 })
    const { client } = fake
    const link = await fake.connect()
    client.handle('get', () => 'answer')
    client.handle('count', async function* () {
      yield* Array(100).keys()
    })
    link.bufferedAmount = 100
    const receipts = [client.send('mine', 1), client.send('mine', 2)]
    for (let id = 0; id < 20; id++) link.receive({ type: id % 2 ? 'get' : 'count', id: `${id}` })
    for (let round = 0; round < 5; round++) await settle()
    receipts.push(client.send('mine', 3))
    expect(receipts.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued'])
    expect(fake.events('drop')).toEqual([])
    link.drain()
    fake.clock.advance(20)
    expect(receipts.map(({ status }) => status)).toEqual(['written', 'written', 'written'])
  })

  test('and leaves do not count against the bounds of the queue', async () => {
    const fake = fakeClient({ queue: { maxCount: 1, overflow: 'reject' }, highWaterMarkBytes: 100 })
    const { client } = fake
    const rooms = ['a', 'b', 'c'].map((name) => client.room(name))
    const link = await fake.connect()
    link.bufferedAmount = 100
    for (const room of rooms) room.leave()
    const receipt = client.send('mine', 1)
    expect(receipt.status).toBe('queued')
    expect(() => client.send('mine', 2)).toThrow(isHoldfast('HF_QUEUE_FULL'))
    link.drain()
    fake.clock.advance(20)
    expect(link.envelopes.slice(3).map(({ type }) => type)).toEqual(['leave', 'leave', 'leave', 'mine'])
  })
})
