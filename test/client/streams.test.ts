import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { StandardSchema } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { fakeClient } from './support/fake-client.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function open(options?: Parameters<typeof fakeClient>[0]) {
  const fake = fakeClient(options)
  await fake.connect()
  const reply = (payload: unknown, more: boolean, at = 0) => {
    const asked = fake.link.envelopes.filter(({ type }) => type === 'ticks')
    fake.link.receive({ type: '$reply', ref: asked[at]?.id, payload, more: more || undefined })
  }
  const cancels = () => fake.link.envelopes.filter(({ type }) => type === '$cancel')
  return { ...fake, fake, reply, cancels, settle: fake.settle }
}

async function readAll<T>(stream: AsyncIterable<T>): Promise<{ items: T[]; error?: unknown }> {
  const items: T[] = []
  try {
    for await (const item of stream) items.push(item)
  } catch (error) {
    return { items, error }
  }
  return { items }
}

describe('a stream of replies', () => {
  test('brings each reply in order, and ends with the one that says no more', async () => {
    const { client, reply, fake } = await open()
    const reading = readAll(client.stream('ticks', { of: 'x' }))
    expect(fake.link.envelopes).toEqual([{ type: 'ticks', id: expect.any(String), payload: { of: 'x' } }])
    reply(1, true)
    reply(2, true)
    reply(3, false)
    reply('late', true)
    expect(await reading).toEqual({ items: [1, 2, 3] })
  })

  test('may end with a reply that carries nothing', async () => {
    const { client, reply } = await open()
    const reading = readAll(client.stream('ticks'))
    reply(1, true)
    reply(undefined, false)
    expect(await reading).toEqual({ items: [1] })
  })

  test('ends with HF_REMOTE after an error, when what came before it is read', async () => {
    const { client, reply, fake } = await open()
    const stream = client.stream('ticks')
    reply(1, true)
    fake.link.receive({
      type: 'error',
      ref: fake.link.written().id,
      payload: { code: 'gone', message: '' },
    })
    expect(await readAll(stream)).toEqual({
      items: [1],
      error: expect.objectContaining({ code: 'HF_REMOTE' }),
    })
  })

  test('ends with HF_TIMEOUT where the next reply takes too long; each reply begins the time anew', async () => {
    const { client, reply, clock, cancels } = await open()
    const reading = readAll(client.stream('ticks', 1, { timeoutMs: 1_000 }))
    for (let n = 0; n < 5; n++) {
      clock.advance(900)
      reply(n, true)
    }
    clock.advance(1_000)
    expect(await reading).toEqual({
      items: [0, 1, 2, 3, 4],
      error: expect.objectContaining({ code: 'HF_TIMEOUT' }),
    })
    expect(cancels()).toHaveLength(1)
  })

  test('ends with HF_IN_DOUBT when the link is lost', async () => {
    const { client, reply, fake } = await open()
    const stream = client.stream('ticks')
    reply(1, true)
    fake.link.cut()
    expect(await readAll(stream)).toEqual({
      items: [1],
      error: expect.objectContaining({ code: 'HF_IN_DOUBT' }),
    })
    await fake.connect()
    expect(fake.link.sent).toEqual([])
  })

  test('that was not written yet waits for the link', async () => {
    const fake = fakeClient()
    const reading = readAll(fake.client.stream('ticks'))
    await fake.connect()
    fake.link.receive({ type: 'ticks', id: fake.link.written().id, payload: 1 })
    expect(await reading).toEqual({ items: [1] })
  })

  test('ends when the client is closed', async () => {
    const { client, fake } = await open()
    const reading = readAll(client.stream('ticks', 1, { timeoutMs: Infinity }))
    await fake.close()
    expect(await reading).toEqual({ items: [], error: expect.objectContaining({ code: 'HF_IN_DOUBT' }) })
    expect(await readAll(client.stream('ticks'))).toMatchObject({ error: { code: 'HF_CLOSED' } })
    expect(fake.clock.pending).toBe(0)
  })
})

describe('leaving a stream', () => {
  const leave = {
    break: async (stream: AsyncIterable<unknown>) => {
      for await (const _ of stream) break
    },
    return: async (stream: AsyncIterable<unknown>) =>
      await (async () => {
        for await (const item of stream) return item
        return undefined
      })(),
    'a throw': async (stream: AsyncIterable<unknown>) => {
      try {
        for await (const _ of stream) throw new Error('mine')
      } catch (error) {
        expect((error as Error).message).toBe('mine')
      }
    },
  }

  test.each(Object.entries(leave))('by %s tells the server to stop, once', async (_how, act) => {
    const { client, reply, cancels, fake, settle } = await open()
    const done = act(client.stream('ticks'))
    reply(1, true)
    await done
    reply(2, true)
    await settle()
    expect(cancels()).toEqual([{ type: '$cancel', ref: fake.link.written().id }])
  })

  test('by its signal tells the server to stop, and ends with the reason', async () => {
    const { client, reply, cancels } = await open()
    const abort = new AbortController()
    const reason = new Error('enough')
    const reading = readAll(client.stream('ticks', 1, { signal: abort.signal }))
    reply(1, true)
    abort.abort(reason)
    expect(await reading).toEqual({ items: [1], error: reason })
    expect(cancels()).toHaveLength(1)
    expect(await readAll(client.stream('ticks', 1, { signal: abort.signal }))).toEqual({
      items: [],
      error: reason,
    })
  })

  test('before it was written takes it back: nothing is sent', async () => {
    const fake = fakeClient()
    await fake.client.stream('ticks').return()
    await fake.connect()
    expect(fake.link.sent).toEqual([])
  })

  test('after its end tells nothing', async () => {
    const { client, reply, cancels } = await open()
    const stream = client.stream('ticks')
    reply(1, false)
    await stream.next()
    await stream.return()
    expect(cancels()).toEqual([])
  })
})

describe('a slow reader', () => {
  test('of a stream fails with HF_LIMIT by default, the server is told to stop, and what waited can be read', async () => {
    const { client, reply, cancels, events } = await open()
    const stream = client.stream('ticks', 1, { buffer: { maxCount: 2 } })
    for (let n = 0; n < 5; n++) reply(n, true)
    expect(cancels()).toHaveLength(1)
    expect(await readAll(stream)).toEqual({
      items: [0, 1],
      error: expect.objectContaining({ code: 'HF_LIMIT' }),
    })
    expect(events('overrun')).toEqual([])
  })

  test('may ask for another policy: then what is dropped is counted and told', async () => {
    const { client, reply, events } = await open()
    const stream = client.stream('ticks', 1, { buffer: { maxCount: 2, overflow: 'drop-oldest' } })
    for (let n = 0; n < 5; n++) reply(n, n < 4)
    expect(await readAll(stream)).toEqual({ items: [3, 4] })
    expect(stream.dropped).toBe(3)
    expect(events('overrun')).toEqual(Array(3).fill({ where: 'ticks' }))
  })
})

describe('the schema of a stream', () => {
  test('checks each item; one that does not fit ends it with HF_INVALID, and tells the server to stop', async () => {
    const { client, reply, cancels } = await open({
      requests: { ticks: { output: z.string().transform(Number) } },
    })
    const reading = readAll(client.stream('ticks' as never))
    reply('1', true)
    reply(2, true)
    reply('3', true)
    expect(await reading).toEqual({ items: [1], error: expect.objectContaining({ code: 'HF_INVALID' }) })
    expect(cancels()).toHaveLength(1)
  })

  test('says nothing to the server where the last item does not fit: that has stopped by itself', async () => {
    const { client, reply, cancels } = await open({ requests: { ticks: { output: z.number() } } })
    const reading = readAll(client.stream('ticks' as never))
    reply('no number', false)
    expect(await reading).toMatchObject({ items: [], error: { code: 'HF_INVALID' } })
    expect(cancels()).toEqual([])
  })

  test('may take its time: items keep their order, and the end and errors come after them', async () => {
    const answers: (() => void)[] = []
    const slow: StandardSchema<unknown, unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => new Promise((resolve) => answers.push(() => resolve({ value }))),
      },
    }
    const { client, reply, fake, settle } = await open({ requests: { ticks: { output: slow } } })
    const ended = readAll(client.stream('ticks' as never))
    const failed = readAll(client.stream('ticks' as never))
    for (const at of [0, 1]) for (const n of [1, 2, 3]) reply(n, true, at)
    reply(undefined, false, 0)
    const { id } = fake.link.written(1)
    fake.link.receive({ type: 'error', id, payload: { code: 'gone', message: '' } })
    for (const answer of answers.reverse()) {
      answer()
      await settle()
    }
    expect(await ended).toEqual({ items: [1, 2, 3] })
    expect(await failed).toEqual({ items: [1, 2, 3], error: expect.objectContaining({ code: 'HF_REMOTE' }) })
  })

  test('that never answers does not hold the stream for ever, nor more than 1000 replies', async () => {
    const never: StandardSchema<unknown, unknown> = {
      '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => {}) },
    }
    const { client, reply, clock, cancels } = await open({ requests: { ticks: { output: never } } })
    const mute = readAll(client.stream('ticks' as never, undefined as never, { timeoutMs: Infinity }))
    reply(1, true)
    clock.advance(10_000)
    expect(await mute).toMatchObject({ items: [], error: { code: 'HF_INVALID' } })
    const flooded = readAll(client.stream('ticks' as never))
    for (let n = 0; n <= 1_000; n++) reply(n, true, 1)
    expect(await flooded).toMatchObject({ items: [], error: { code: 'HF_LIMIT' } })
    expect(cancels()).toHaveLength(2)
  })

  test('checks what is asked too, where validateSends is set', async () => {
    const input = z.object({ of: z.string() })
    const { client, fake } = await open({ requests: { ticks: { input } }, validateSends: true })
    expect(await readAll(client.stream('ticks' as never, { of: 5 } as never))).toMatchObject({
      items: [],
      error: { code: 'HF_INVALID', message: expect.stringContaining('of') },
    })
    expect(fake.link.sent).toEqual([])
  })
})

describe('a loop over messages', () => {
  const send = (fake: ReturnType<typeof fakeClient>, ...payloads: unknown[]) => {
    for (const payload of payloads) fake.link.receive({ type: 'n', room: 'a', payload })
  }
  const payloadsOf = async (stream: AsyncIterable<{ payload: unknown }>) => {
    const { items, ...end } = await readAll(stream)
    return { items: items.map(({ payload }) => payload), ...end }
  }

  test('collects from its making on, and can be read by more than one reader at once', async () => {
    const { client, fake } = await open()
    const stream = client.messages('n')
    send(fake, 1)
    const [first, second, third] = [stream.next(), stream.next(), stream.next()]
    send(fake, 2)
    expect((await first).value.payload).toBe(1)
    expect((await second).value.payload).toBe(2)
    await fake.close()
    await expect(third).rejects.toMatchObject({ code: 'HF_CLOSED' })
  })

  test.each([
    ['drop-oldest', [4, 5], 3, undefined],
    ['drop-newest', [1, 2], 3, undefined],
    ['fail', [1, 2], 0, 'HF_LIMIT'],
  ] as const)('holds no more than its buffer: %s', async (overflow, kept, dropped, code) => {
    const { client, fake, events } = await open()
    const stream = client.messages('n', { buffer: { maxCount: 2, overflow } })
    send(fake, 1, 2, 3, 4, 5)
    const reading = payloadsOf(stream)
    await fake.close()
    expect(await reading).toEqual({
      items: kept,
      error: expect.objectContaining({ code: code ?? 'HF_CLOSED' }),
    })
    expect(stream.dropped).toBe(dropped)
    expect(events('overrun')).toEqual(Array(dropped).fill({ where: 'n' }))
  })

  test('drops the oldest beyond 1000 by default', async () => {
    const { client, fake } = await open()
    const stream = client.messages('n')
    send(fake, ...Array.from({ length: 1_003 }, (_, n) => n))
    expect(stream.dropped).toBe(3)
    expect((await stream.next()).value.payload).toBe(3)
  })

  test('that is left stops collecting: what comes later is unknown to it and to the client', async () => {
    const { client, fake, events } = await open()
    const stream = client.messages('n')
    send(fake, 1)
    for await (const _ of stream) break
    send(fake, 2)
    expect(events('unknown')).toHaveLength(1)
  })

  test('ends with the reason of its signal, after what waited was read', async () => {
    const { client, fake } = await open()
    const abort = new AbortController()
    const stream = client.messages('n', { signal: abort.signal })
    send(fake, 1)
    const reason = new Error('enough')
    abort.abort(reason)
    send(fake, 2)
    expect(await payloadsOf(stream)).toEqual({ items: [1], error: reason })
    expect(await payloadsOf(client.messages('n', { signal: abort.signal }))).toEqual({
      items: [],
      error: reason,
    })
  })

  test('ends with HF_CLOSED when the client is closed, and at once on one that is', async () => {
    const { client, fake } = await open()
    const reading = payloadsOf(client.messages('n'))
    await fake.close()
    expect(await reading).toMatchObject({ error: { code: 'HF_CLOSED' } })
    expect(await payloadsOf(client.messages('n'))).toMatchObject({ error: { code: 'HF_CLOSED' } })
    expect(await payloadsOf(client.binary(7).messages() as never)).toMatchObject({
      error: { code: 'HF_CLOSED' },
    })
  })

  test('ends with the error of the socket when that gives up', async () => {
    const fake = fakeClient({ retry: { maxAttempts: 1 } })
    const reading = payloadsOf(fake.client.messages('n'))
    await fake.settle()
    fake.link.cut()
    fake.clock.advance(60_000)
    expect(await reading).toMatchObject({ error: { code: 'HF_RETRY_LIMIT' } })
  })

  test('goes on over reconnects', async () => {
    const { client, fake } = await open()
    const stream = client.messages('n')
    send(fake, 1)
    fake.link.cut()
    await fake.connect()
    send(fake, 2)
    expect([(await stream.next()).value.payload, (await stream.next()).value.payload]).toEqual([1, 2])
  })

  test('of a room hears that room alone, and ends without an error when the room is left', async () => {
    const { client, fake } = await open()
    const room = client.room('a')
    const ofRoom = room.messages('n')
    const ofType = client.messages('n', { room: 'a' })
    send(fake, 1)
    fake.link.receive({ type: 'n', room: 'b', payload: 'other' })
    const reading = payloadsOf(ofRoom)
    room.leave()
    expect(await reading).toEqual({ items: [1] })
    expect((await ofType.next()).value.payload).toBe(1)
    expect(() => room.messages('n')).toThrow(expect.objectContaining({ code: 'HF_ROOM' }))
  })

  test('that ended leaves nothing behind in its room, its signal or its client, nor does a handler', async () => {
    const { client, fake } = await open()
    const room = client.room('a')
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const held: WeakRef<object>[] = []
    const use = async () => {
      const stream = room.messages('n', { signal })
      const loop = client.messages('n', { signal })
      const handlers = [() => {}, () => {}, () => {}]
      const abort = new AbortController()
      room.on('n', handlers[0] as () => void)()
      room.on('n', handlers[1] as () => void, { once: true })
      room.on('n', handlers[2] as () => void, { signal: abort.signal })
      send(fake, 1)
      abort.abort()
      await stream.return()
      await loop.return()
      held.push(...[stream, loop, ...handlers].map((object) => new WeakRef(object)))
    }
    await use()
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
    added.mockReset()
    removed.mockReset()
    await vi.waitFor(() => {
      collectGarbage()
      expect(held.filter((ref) => ref.deref())).toEqual([])
    })
    room.leave()
  })
})
