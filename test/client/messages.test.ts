import { describe, expect, test, vi } from 'vitest'
import { fakeClient } from './support/fake-client.ts'

/** A client without schemas whose link is open. */
async function open() {
  const fake = fakeClient()
  await fake.connect()
  return fake
}

const texts = (handler: ReturnType<typeof vi.fn>) => handler.mock.calls.map(([{ payload }]) => payload)

describe('what reaches handlers', () => {
  test('a message reaches the handlers of its type, with room, id and timestamp, in the order of their adding', async () => {
    const { client, link } = await open()
    const order: string[] = []
    const seen: unknown[] = []
    client.on('chat', (message) => seen.push(message) && order.push('first'))
    client.on('chat', () => order.push('second'))
    client.on('other', () => order.push('other'))
    const message = { type: 'chat', room: 'a', payload: { n: 1 }, timestamp: '2026-01-02T03:04:05Z', id: 'x' }
    link.receive(message)
    expect(seen).toEqual([expect.objectContaining(message)])
    expect(order).toEqual(['first', 'second'])
  })

  test.each([
    [
      'the envelope as a broadcast',
      { type: 'broadcast', room: 'a', payload: { type: 'chat', payload: 1 } },
      'a',
      1,
    ],
    ['the bare inner envelope', { type: 'chat', room: 'a', payload: 1 }, 'a', 1],
    [
      'the inner room where both name one',
      { type: 'broadcast', room: 'a', payload: { type: 'chat', room: 'b', payload: 1 } },
      'b',
      1,
    ],
    ['names in any case', { Type: 'chat', ROOM: 'a', Payload: 1 }, 'a', 1],
  ])('a relayed message is heard by its own type: %s', async (_title, envelope, room, payload) => {
    const { client, link } = await open()
    const handler = vi.fn()
    client.on('chat', handler)
    link.receive(envelope)
    expect(handler).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ type: 'chat', room, payload }))
  })

  test('a broadcast whose payload is no envelope is heard as type broadcast', async () => {
    const { client, link } = await open()
    const handler = vi.fn()
    client.on('broadcast', handler)
    link.receive({ type: 'broadcast', room: 'a', payload: 'bare' })
    expect(texts(handler)).toEqual(['bare'])
  })

  test('what is relayed from another client cannot speak for the server: no error, no reply, no limits', async () => {
    const { client, link, events } = await open()
    const reply = client.request('ask')
    const { id } = link.written()
    const inner = [
      { type: 'error', payload: { code: 'x', message: 'y' }, id },
      { type: 'answer', id, payload: 'forged' },
      { type: '$welcome', payload: { limits: { maxMessageBytes: 1 } } },
    ]
    for (const payload of inner) link.receive({ type: 'broadcast', room: 'a', payload })
    expect(events('error')).toEqual([])
    expect(client.limits.maxMessageBytes).toBeUndefined()
    link.receive({ type: 'answer', id, payload: 'true' })
    expect(await reply).toBe('true')
  })
})

describe('listening', () => {
  test('once hears one message only', async () => {
    const { client, link } = await open()
    const handler = vi.fn()
    client.on('n', handler, { once: true })
    for (const payload of [1, 2]) link.receive({ type: 'n', payload })
    expect(texts(handler)).toEqual([1])
  })

  test('a signal ends the listening, and one that is aborted already never begins it', async () => {
    const { client, link } = await open()
    const handler = vi.fn()
    const abort = new AbortController()
    client.on('n', handler, { signal: abort.signal })
    client.on('n', handler, { signal: AbortSignal.abort() })
    link.receive({ type: 'n', payload: 1 })
    abort.abort()
    link.receive({ type: 'n', payload: 2 })
    expect(texts(handler)).toEqual([1])
  })

  test('the undo ends the listening of this registration alone, and may be called twice', async () => {
    const { client, link } = await open()
    const handler = vi.fn()
    const undo = client.on('n', handler)
    client.on('n', handler)
    undo()
    undo()
    link.receive({ type: 'n', payload: 1 })
    expect(texts(handler)).toEqual([1])
  })

  test('a room filter hears that room alone', async () => {
    const { client, link } = await open()
    const handler = vi.fn()
    client.on('n', handler, { room: 'a' })
    link.receive({ type: 'n', room: 'b', payload: 1 })
    link.receive({ type: 'n', payload: 2 })
    link.receive({ type: 'n', room: 'a', payload: 3 })
    expect(texts(handler)).toEqual([3])
  })

  test('a handler that is undone while a message is told does not hear it; one that is added hears the next', async () => {
    const { client, link } = await open()
    const undone = vi.fn()
    const added = vi.fn()
    client.on(
      'n',
      () => {
        undo()
        client.on('n', added)
      },
      { once: true },
    )
    const undo = client.on('n', undone)
    link.receive({ type: 'n', payload: 1 })
    expect([undone.mock.calls.length, added.mock.calls.length]).toEqual([0, 0])
    link.receive({ type: 'n', payload: 2 })
    expect(texts(added)).toEqual([2])
  })

  test('a handler that throws or rejects is reported, and stops no other and no later message', async () => {
    const { client, link, reported, settle } = await open()
    const handler = vi.fn()
    const thrown = new Error('thrown')
    const rejected = new Error('rejected')
    client.on('n', () => {
      throw thrown
    })
    client.on('n', () => Promise.reject(rejected))
    client.on('n', handler)
    link.receive({ type: 'n', payload: 1 })
    link.receive({ type: 'n', payload: 2 })
    await settle()
    expect(texts(handler)).toEqual([1, 2])
    expect(reported).toEqual([thrown, thrown, rejected, rejected])
    expect(client.status).toBe('open')
  })

  test('a listener of events that throws stops nothing either', async () => {
    const { client, link, reported } = await open()
    const raw = vi.fn()
    client.events.on('raw', () => {
      throw new Error('no')
    })
    client.events.on('raw', raw)
    link.receive('plain text')
    expect(raw).toHaveBeenCalledExactlyOnceWith({ text: 'plain text' })
    expect(reported).toHaveLength(1)
  })

  test('handlers stay over reconnects', async () => {
    const fake = await open()
    const handler = vi.fn()
    fake.client.on('n', handler)
    fake.link.cut()
    await fake.connect()
    fake.link.receive({ type: 'n', payload: 1 })
    expect(texts(handler)).toEqual([1])
  })

  test('a message in one of 10,000 rooms with a handler each asks one handler, not 10,000', async () => {
    const { client, link } = await open()
    const calls = new Map<string, number>()
    const undos: (() => void)[] = []
    const begun = performance.now()
    for (let n = 0; n < 10_000; n++) {
      const room = `room ${n}`
      undos.push(client.on('n', () => calls.set(room, (calls.get(room) ?? 0) + 1), { room }))
    }
    const addedMs = performance.now() - begun
    const texts = Array.from({ length: 10_000 }, (_, n) => JSON.stringify({ type: 'n', room: `room ${n}` }))
    const told = performance.now()
    for (const text of texts) link.receive(text)
    const toldMs = performance.now() - told
    expect(calls.size).toBe(10_000)
    expect(Math.max(...calls.values())).toBe(1)
    const ended = performance.now()
    for (const undo of undos) undo()
    const undoneMs = performance.now() - ended
    link.receive({ type: 'n', room: 'room 1' })
    expect(calls.get('room 1')).toBe(1)
    // A search through all would take a hundred million steps each time: many seconds.
    expect(Math.max(addedMs, toldMs, undoneMs)).toBeLessThan(1_500)
  })
})

describe('what is no message for a handler is told', () => {
  test('without a map, a type that nobody listens to is told as unknown', async () => {
    const { client, link, events } = await open()
    client.on('n', () => {}, { room: 'a' })
    link.receive({ type: 'nobody', payload: 1 })
    link.receive({ type: 'n', room: 'b', payload: 2 })
    expect(events('unknown').map(({ payload }) => payload)).toEqual([1, 2])
  })

  test.each([
    'hello',
    '',
    '{',
    '5',
    'null',
    '[]',
    '[{"type":"n"}]',
    '{}',
    '{"type":5}',
    '{"type":""}',
    '{"target":"x","content":1}',
  ])('text that is no envelope is told as raw, as it is: %j', async (text) => {
    const { link, told } = await open()
    link.receive(text)
    expect(told).toEqual([['raw', { text }]])
  })

  test.each([
    ['{"type":"n","room":5}', 'HF_INVALID', 'room'],
    ['{"type":"n","id":{}}', 'HF_INVALID', 'id'],
    ['{"type":"n","id":1.5}', 'HF_INVALID', 'id'],
    ['{"type":"n","ref":[]}', 'HF_INVALID', 'ref'],
    ['{"type":"n","timestamp":5}', 'HF_INVALID', 'timestamp'],
    ['{"type":"n","more":"yes"}', 'HF_INVALID', 'more'],
    [`{"type":"n","payload":"${'x'.repeat(17 * 2 ** 20)}"}`, 'HF_TOO_LARGE', 'maxTextLength'],
  ])(
    'an envelope with a wrong field is told as malformed, with the field: %.40s',
    async (text, code, name) => {
      const { client, link, told, events } = await open()
      const handler = vi.fn()
      client.on('n', handler)
      link.receive(text)
      expect(told).toEqual([['malformed', { data: text, error: expect.objectContaining({ code }) }]])
      expect(events('malformed')[0]?.error.message).toContain(name)
      expect(handler).not.toHaveBeenCalled()
    },
  )

  test('an error of the server that names nothing of ours is told as error', async () => {
    const { link, events } = await open()
    link.receive({ type: 'error', payload: { code: 'busy', message: 'Not now', retryable: true } })
    link.receive({ type: 'error', payload: 'bare words' })
    expect(events('error')).toEqual([
      expect.objectContaining({ code: 'busy', message: 'Not now', retryable: true }),
      expect.objectContaining({ message: 'bare words', retryable: false }),
    ])
  })

  test('a server cannot make an event by the type of a message', async () => {
    const { client, link, told } = await open()
    const heard = vi.fn()
    for (const type of ['gap', 'drop', 'change', 'raw']) client.on(type, heard)
    const changed = vi.fn()
    client.subscribe(changed)
    for (const type of ['gap', 'drop', 'change', 'raw']) link.receive({ type, payload: 1 })
    expect(heard).toHaveBeenCalledTimes(4)
    expect(told).toEqual([])
    expect(changed).not.toHaveBeenCalled()
  })
})

describe('the next message', () => {
  test('once resolves with the next message of its type and room', async () => {
    const { client, clock, link } = await open()
    clock.advance(10)
    const idle = clock.pending
    const next = client.once('n', { room: 'a', timeoutMs: 1_000 })
    link.receive({ type: 'n', room: 'b', payload: 1 })
    link.receive({ type: 'n', room: 'a', payload: 2 })
    link.receive({ type: 'n', room: 'a', payload: 3 })
    expect((await next).payload).toBe(2)
    expect(clock.pending).toBe(idle)
  })

  test('it ends with HF_TIMEOUT, and leaves no listener and no timer behind', async () => {
    const { client, clock, link, events } = await open()
    const pending = clock.pending
    const next = client.once('n', { timeoutMs: 500 })
    clock.advance(499)
    const error = next.catch((reason: unknown) => reason)
    clock.advance(1)
    expect(await error).toMatchObject({ code: 'HF_TIMEOUT', message: expect.stringContaining('500') })
    expect(clock.pending).toBe(pending)
    link.receive({ type: 'n' })
    expect(events('unknown')).toHaveLength(1)
  })

  test('it ends with the reason of its signal, before or while it waits', async () => {
    const { client } = await open()
    const reason = new Error('enough')
    await expect(client.once('n', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const next = client.once('n', { signal: abort.signal })
    abort.abort(reason)
    await expect(next).rejects.toBe(reason)
  })

  test('it ends with HF_CLOSED when the client is closed, and at once on one that is closed already', async () => {
    const fake = await open()
    const next = fake.client.once('n')
    const ended = expect(next).rejects.toMatchObject({ code: 'HF_CLOSED' })
    await fake.close()
    await ended
    await expect(fake.client.once('n')).rejects.toMatchObject({ code: 'HF_CLOSED' })
    fake.client.open()
    await fake.connect()
    const again = fake.client.once('n')
    fake.link.receive({ type: 'n', payload: 'back' })
    expect((await again).payload).toBe('back')
  })

  test('it ends with the error of the socket when that gives up, and at once on one that has', async () => {
    const fake = fakeClient({ retry: { maxAttempts: 1 } })
    const next = fake.client.once('n')
    const ended = expect(next).rejects.toMatchObject({ code: 'HF_RETRY_LIMIT' })
    await fake.settle()
    fake.link.cut()
    fake.clock.advance(60_000)
    await ended
    expect(fake.client.status).toBe('failed')
    await expect(fake.client.once('n')).rejects.toMatchObject({ code: 'HF_RETRY_LIMIT' })
  })
})
