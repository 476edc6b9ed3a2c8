import fc from 'fast-check'
import { envelopeDialect, type StandardSchema } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { fakeClient } from './support/fake-client.ts'

/** How a promise ended, as soon as it has. */
function outcomeOf(promise: Promise<unknown>) {
  const outcome: { value?: unknown; error?: unknown; count: number } = { count: 0 }
  const ended = (change: object) => Object.assign(outcome, change, { count: outcome.count + 1 })
  promise.then(
    (value) => ended({ value }),
    (error) => ended({ error }),
  )
  return outcome
}

const never: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => {}) },
}

async function open(options?: Parameters<typeof fakeClient>[0]) {
  // Waits in the middle of what chance allows.
  const fake = fakeClient(options, { random: () => 0.5 })
  await fake.connect()
  return fake
}

describe('a reply', () => {
  test('is what names the request in id or in ref, of any type, with any payload', async () => {
    const { client, link } = await open()
    const replies = [1, 2, 3].map((n) => client.request('get', { n }, { room: 'a' }))
    const [first, second, third] = [link.written(0), link.written(1), link.written(2)]
    expect(first).toEqual({ type: 'get', id: expect.any(String), room: 'a', payload: { n: 1 } })
    link.receive({ type: 'get', id: second.id, payload: 'two' })
    link.receive({ type: 'anything', ref: first.id, payload: 'one' })
    link.receive({ type: '$reply', id: third.id, ref: third.id })
    expect(await Promise.all(replies)).toEqual(['one', 'two', undefined])
  })

  test('is found by the field that the dialect names, and by no other', async () => {
    const fake = await open({ dialect: envelopeDialect({ replyField: 'correlationId' }) })
    const outcome = outcomeOf(fake.client.request('get'))
    const { id } = fake.link.written()
    fake.link.receive({ type: 'get', id, payload: 'an echo' })
    await fake.settle()
    expect(outcome.count).toBe(0)
    fake.link.receive({ type: 'got', CorrelationId: id, payload: 'the reply' })
    await fake.settle()
    expect(outcome).toEqual({ value: 'the reply', count: 1 })
  })

  test('reaches no handler; one that comes late or twice harms nothing', async () => {
    const fake = await open()
    const handler = vi.fn()
    fake.client.on('get', handler)
    const outcome = outcomeOf(fake.client.request('get'))
    const { id } = fake.link.written()
    fake.link.receive({ type: 'get', id, payload: 1 })
    expect(handler).not.toHaveBeenCalled()
    fake.link.receive({ type: 'get', id, payload: 2 })
    fake.link.receive({ type: 'error', id, payload: { code: 'late', message: 'x' } })
    await fake.settle()
    expect(outcome).toEqual({ value: 1, count: 1 })
    // Nobody waits for them: they are messages and errors like any other.
    expect(handler).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ payload: 2 }))
    expect(fake.events('error')).toHaveLength(1)
  })

  test('that comes twice while its schema thinks counts once: the first', async () => {
    const answers: (() => void)[] = []
    const slow: StandardSchema<unknown, unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => new Promise((resolve) => answers.push(() => resolve({ value }))),
      },
    }
    const fake = await open({ requests: { get: { output: slow } } })
    const outcome = outcomeOf(fake.client.request('get' as never))
    const { id } = fake.link.written()
    for (const payload of [1, 2]) fake.link.receive({ type: 'get', id, payload })
    fake.link.receive({ type: 'error', id, payload: { code: 'late', message: '' } })
    for (const answer of answers.reverse()) answer()
    await fake.settle()
    expect(outcome).toEqual({ value: 1, count: 1 })
    expect(answers).toHaveLength(1)
    expect(fake.told).toEqual([])
  })

  test('is checked by the schema of the output, transforms included', async () => {
    const fake = await open({ requests: { age: { output: z.string().transform(Number) } } })
    const good = outcomeOf(fake.client.request('age' as never))
    const bad = outcomeOf(fake.client.request('age' as never))
    const [first, second] = [fake.link.written(0), fake.link.written(1)]
    fake.link.receive({ type: 'age', id: first.id, payload: '7' })
    fake.link.receive({ type: 'age', id: second.id, payload: 7 })
    await fake.settle()
    expect(good.value).toBe(7)
    expect(bad.error).toMatchObject({ code: 'HF_INVALID', cause: [expect.anything()] })
  })
})

describe('an error of the server', () => {
  test.each([
    [{ payload: { code: 'not_found', message: 'No such user', retryable: false } }, 'not_found', false],
    [{ payload: { code: 404, message: 'No such user', retryable: true } }, '404', true],
    [{ payload: 'No such user' }, 'error', false],
  ])('rejects with HF_REMOTE and its code: %j', async (fields, code, retryable) => {
    const fake = await open()
    const outcome = outcomeOf(fake.client.request('get'))
    fake.link.receive({ type: 'error', id: fake.link.written().id, ...fields })
    await fake.settle()
    expect(outcome.error).toMatchObject({
      code: 'HF_REMOTE',
      retryable,
      cause: { code, message: 'No such user' },
      message: expect.stringContaining('No such user'),
    })
    expect(fake.events('error')).toEqual([])
  })

  test('that is retryable is asked again with the same id after a growing wait, as often as retry says', async () => {
    const fake = await open()
    const outcome = outcomeOf(fake.client.request('get', 1, { retry: 2 }))
    const { id } = fake.link.written()
    const busy = { type: 'error', id, payload: { code: 'busy', message: 'x', retryable: true } }
    const waits: number[] = []
    for (let round = 1; round <= 2; round++) {
      fake.link.receive(busy)
      // A second copy of the same complaint counts for nothing.
      fake.link.receive(busy)
      let waitedMs = 0
      for (; fake.link.envelopes.length === round && waitedMs < 2_000; waitedMs += 10) fake.clock.advance(10)
      waits.push(waitedMs)
      fake.clock.advance(10)
      expect(fake.link.envelopes).toHaveLength(round + 1)
    }
    expect(waits).toEqual([250, 500])
    expect(new Set(fake.link.envelopes.map((envelope) => envelope.id)).size).toBe(1)
    fake.link.receive(busy)
    await fake.settle()
    expect(outcome.error).toMatchObject({ code: 'HF_REMOTE', retryable: true })
  })

  test('that asks for a wait gets it, and none that would end after the deadline', async () => {
    const fake = await open()
    const outcome = outcomeOf(fake.client.request('get', 1, { retry: 5, timeoutMs: 5_000 }))
    const { id } = fake.link.written()
    const busy = (retryAfterMs: number) => ({
      type: 'error',
      id,
      payload: { code: 'busy', message: 'x', retryable: true, retryAfterMs },
    })
    fake.link.receive(busy(3_000))
    fake.clock.advance(2_999)
    expect(fake.link.envelopes).toHaveLength(1)
    fake.clock.advance(1)
    expect(fake.link.envelopes).toHaveLength(2)
    fake.link.receive(busy(2_000))
    await fake.settle()
    expect(outcome.error).toMatchObject({ code: 'HF_REMOTE' })
  })

  test('leaves no timer behind where the request is given up during the wait', async () => {
    const fake = await open()
    fake.clock.advance(10)
    const idle = fake.clock.pending
    const abort = new AbortController()
    const outcome = outcomeOf(fake.client.request('get', 1, { retry: 5, signal: abort.signal }))
    const payload = { code: 'busy', message: '', retryable: true }
    fake.link.receive({ type: 'error', id: fake.link.written().id, payload })
    expect(fake.clock.pending).toBe(idle + 2)
    abort.abort()
    await fake.settle()
    expect(outcome.count).toBe(1)
    expect(fake.clock.pending).toBe(idle)
  })

  test('that is not retryable is final, whatever retry says', async () => {
    const fake = await open()
    const outcome = outcomeOf(fake.client.request('get', 1, { retry: 5 }))
    fake.link.receive({ type: 'error', id: fake.link.written().id, payload: { code: 'no', message: '' } })
    await fake.settle()
    expect(outcome.error).toMatchObject({ code: 'HF_REMOTE' })
  })
})

describe('the deadline', () => {
  test('is there by default: 10 seconds from the call on, with a link or without', async () => {
    for (const connected of [true, false]) {
      const fake = fakeClient()
      if (connected) await fake.connect()
      const outcome = outcomeOf(fake.client.request('get'))
      fake.clock.advance(9_999)
      await fake.settle()
      expect(outcome.count).toBe(0)
      fake.clock.advance(1)
      await fake.settle()
      const where = connected ? 'It was written' : 'It was not written yet'
      expect(outcome.error).toMatchObject({ code: 'HF_TIMEOUT', retryable: true })
      expect((outcome.error as Error).message).toContain(where)
    }
  })

  test('takes what was not written back: it is never sent', async () => {
    const fake = fakeClient()
    const outcome = outcomeOf(fake.client.request('get', 1, { timeoutMs: 100 }))
    await fake.settle()
    fake.clock.advance(100)
    await fake.settle()
    expect(outcome.error).toMatchObject({ code: 'HF_TIMEOUT' })
    await fake.connect()
    expect(fake.link.sent).toEqual([])
  })

  test.each([
    ['input', { input: never }, true],
    ['output', { output: never }, false],
  ])('holds for a schema of the %s that never answers too', async (_name, schemas, before) => {
    const fake = await open({ requests: { get: schemas }, validateSends: true })
    const outcome = outcomeOf(fake.client.request('get' as never, 1 as never, { timeoutMs: 500 }))
    if (!before) fake.link.receive({ type: 'get', id: fake.link.written().id, payload: 1 })
    fake.clock.advance(500)
    await fake.settle()
    expect(outcome.error).toMatchObject({ code: 'HF_TIMEOUT' })
    if (before) expect(fake.link.sent).toEqual([])
  })
})

describe('an abort', () => {
  test('rejects with the reason of the signal, before the call, while it waits and after it was written', async () => {
    const fake = fakeClient()
    const reason = new Error('enough')
    await expect(fake.client.request('get', 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const waiting = fake.client.request('get', 2, { signal: abort.signal })
    abort.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await fake.connect()
    expect(fake.link.sent).toEqual([])
    const later = new AbortController()
    const written = fake.client.request('get', 3, { signal: later.signal })
    later.abort(reason)
    await expect(written).rejects.toBe(reason)
    expect(fake.link.envelopes.map(({ type }) => type)).toEqual(['get'])
  })

  test('leaves no listener on a signal that lives longer than the request', async () => {
    const fake = await open()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const replied = fake.client.request('get', 1, { signal })
    fake.link.receive({ type: 'get', id: fake.link.written().id })
    await replied
    fake.client.close()
    await expect(fake.client.request('get', 1, { signal })).rejects.toMatchObject({ code: 'HF_CLOSED' })
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
  })
})

describe('a lost link', () => {
  test('leaves a request that was not written waiting: it goes out on the next link', async () => {
    const fake = fakeClient()
    await fake.settle()
    const reply = fake.client.request('get', 1, { timeoutMs: 60_000 })
    fake.link.cut()
    await fake.connect()
    fake.link.receive({ type: 'get', id: fake.link.written().id, payload: 'late, but there' })
    expect(await reply).toBe('late, but there')
  })

  test('rejects one that was written with HF_IN_DOUBT', async () => {
    const fake = await open()
    const outcome = outcomeOf(fake.client.request('pay', 1))
    fake.link.cut()
    await fake.settle()
    expect(outcome.error).toMatchObject({ code: 'HF_IN_DOUBT', message: expect.stringContaining('pay') })
    await fake.connect()
    expect(fake.link.sent).toEqual([])
  })

  test('makes one that is idempotent go out again on the next link, with the same id', async () => {
    const fake = await open()
    const reply = fake.client.request('get', 1, { idempotent: true, timeoutMs: 60_000 })
    const first = fake.link.written()
    for (let round = 0; round < 3; round++) {
      fake.link.cut()
      await fake.connect()
      expect(fake.link.envelopes).toEqual([first])
    }
    fake.link.receive({ type: 'get', id: first.id, payload: 'yes' })
    expect(await reply).toBe('yes')
  })

  test('does not put in doubt what was answered and is still being checked', async () => {
    let answer = (_result: { value: unknown }) => {}
    const slow: StandardSchema<unknown, unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () =>
          new Promise((resolve) => {
            answer = resolve
          }),
      },
    }
    const fake = await open({ requests: { get: { output: slow } } })
    const outcome = outcomeOf(fake.client.request('get' as never))
    fake.link.receive({ type: 'get', id: fake.link.written().id, payload: 1 })
    fake.link.cut()
    answer({ value: 'checked' })
    await fake.settle()
    expect(outcome).toEqual({ value: 'checked', count: 1 })
  })

  test('a request to a room waits until that is joined again', async () => {
    const fake = await open()
    fake.client.room('a')
    fake.clock.advance(0)
    fake.link.cut()
    const outcome = outcomeOf(fake.client.request('get', 1, { room: 'a', timeoutMs: 60_000 }))
    await fake.connect()
    expect(fake.link.envelopes.map(({ type }) => type)).toEqual(['join', 'get'])
    expect(outcome.count).toBe(0)
  })
})

describe('bounds and ends', () => {
  test('more than maxPendingRequests at once are refused with HF_LIMIT, and there is room again after a reply', async () => {
    const fake = await open({ maxPendingRequests: 2 })
    const first = fake.client.request('get')
    void outcomeOf(fake.client.request('get'))
    await expect(fake.client.request('get')).rejects.toMatchObject({ code: 'HF_LIMIT', retryable: true })
    fake.link.receive({ type: 'get', id: fake.link.written().id })
    await first
    const third = outcomeOf(fake.client.request('get'))
    await fake.settle()
    expect(third.count).toBe(0)
    expect(fake.link.envelopes).toHaveLength(3)
  })

  test('what does not fit its schema is not asked, where validateSends is set', async () => {
    const fake = await open({
      requests: { get: { input: z.object({ id: z.number().refine(async (id) => id > 0) }) } },
      validateSends: true,
    })
    const ask = (id: unknown) => fake.client.request('get' as never, { id } as never)
    const wrong = outcomeOf(ask(-1))
    void outcomeOf(ask(1))
    await vi.waitFor(() => expect(wrong.error).toMatchObject({ code: 'HF_INVALID' }))
    expect((wrong.error as Error).message).toContain('id')
    await vi.waitFor(() => expect(fake.link.envelopes).toMatchObject([{ payload: { id: 1 } }]))
  })

  test('what is asked is not checked without validateSends', async () => {
    const fake = await open({ requests: { get: { input: z.number() } } })
    void outcomeOf(fake.client.request('get' as never, 'text' as never))
    expect(fake.link.envelopes).toMatchObject([{ type: 'get', payload: 'text' }])
  })

  test('one that is given up while its schema thinks is not asked', async () => {
    const slow = z.number().refine(async () => true)
    const fake = await open({ requests: { get: { input: slow } }, validateSends: true })
    const abort = new AbortController()
    const outcome = outcomeOf(fake.client.request('get' as never, 1 as never, { signal: abort.signal }))
    abort.abort()
    await vi.waitFor(() => expect(outcome.count).toBe(1))
    // As many turns as an answer takes that is wanted.
    const wanted = outcomeOf(fake.client.request('get' as never, 2 as never))
    await vi.waitFor(() => expect(fake.link.envelopes).not.toEqual([]))
    expect(fake.link.envelopes).toMatchObject([{ payload: 2 }])
    expect(wanted.count).toBe(0)
  })

  test('a full queue refuses with HF_QUEUE_FULL, and one that was dropped for others says so too', async () => {
    const fake = fakeClient({ queue: { maxCount: 1, overflow: 'drop-oldest' } })
    const first = outcomeOf(fake.client.request('get'))
    void outcomeOf(fake.client.request('get'))
    await fake.settle()
    expect(first.error).toMatchObject({ code: 'HF_QUEUE_FULL' })
    const full = fakeClient({ queue: { maxCount: 0 } })
    await expect(full.client.request('get')).rejects.toMatchObject({ code: 'HF_QUEUE_FULL' })
  })

  test('close ends all: what was written is in doubt, what was not is HF_CLOSED, and so is each later one', async () => {
    const fake = fakeClient()
    await fake.settle()
    const unwritten = outcomeOf(fake.client.request('get', 1))
    await fake.close()
    expect(unwritten.error).toMatchObject({ code: 'HF_CLOSED' })
    await expect(fake.client.request('get')).rejects.toMatchObject({ code: 'HF_CLOSED' })

    const open = fakeClient()
    await open.connect()
    const written = outcomeOf(open.client.request('get', 1))
    const idempotent = outcomeOf(open.client.request('get', 1, { idempotent: true }))
    const never = outcomeOf(open.client.request('get', 1, { timeoutMs: Infinity }))
    await open.close()
    expect(written.error).toMatchObject({ code: 'HF_IN_DOUBT' })
    expect(never.error).toMatchObject({ code: 'HF_IN_DOUBT' })
    expect(idempotent.error).toMatchObject({ code: 'HF_CLOSED' })
    expect(open.clock.pending).toBe(0)
  })

  test('a request to a room that is left, or that the server refuses for good, is rejected with HF_ROOM', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const left = outcomeOf(fake.client.request('get', 1, { room: 'a' }))
    room.leave()
    await fake.settle()
    expect(left.error).toMatchObject({ code: 'HF_ROOM' })
    await fake.connect()
    fake.client.room('b')
    fake.clock.advance(0)
    fake.link.receive({ type: 'error', room: 'b', payload: { code: 'forbidden', message: 'no' } })
    await expect(fake.client.request('get', 1, { room: 'b' })).rejects.toMatchObject({ code: 'HF_ROOM' })
  })
})

const reasons = ['HF_CLOSED', 'HF_TIMEOUT', 'HF_IN_DOUBT', 'HF_REMOTE', 'HF_LIMIT', 'AbortError']

const reasonOf = (error: unknown) => {
  const { code, name } = error as { code: unknown; name: string }
  return typeof code === 'string' ? code : name
}

/** What may happen to a link, and to the requests on it. */
const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      idempotent: fc.boolean(),
      retry: fc.nat(2),
      timeoutMs: fc.integer({ min: 1, max: 5_000 }),
      abortable: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('reply' as const, 'refuse' as const, 'duplicate' as const),
      at: fc.nat(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(...(['cut', 'connect', 'abort', 'close', 'open'] as const)),
      at: fc.nat(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 2_000 }) }),
  },
)

test('over any life of the link, every request settles exactly once, and none after its deadline', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 40 }), async (list) => {
      const fake = fakeClient({ maxPendingRequests: 5 })
      const asked: { outcome: ReturnType<typeof outcomeOf>; deadline: number; abort: AbortController }[] = []
      const ids: string[] = []
      const now = () => fake.clock.now()
      for (const step of list) {
        const link = fake.links.at(-1)
        if (step.do === 'ask') {
          const abort = new AbortController()
          const { idempotent, retry, timeoutMs } = step
          const promise = fake.client.request('get', asked.length, {
            idempotent,
            retry,
            timeoutMs,
            ...(step.abortable && { signal: abort.signal }),
          })
          asked.push({ outcome: outcomeOf(promise), deadline: now() + timeoutMs, abort })
        } else if (step.do === 'wait') {
          for (let ms = 0; ms < step.ms; ms += 100) {
            fake.clock.advance(100)
            await fake.settle()
          }
        } else if (step.do === 'connect') {
          if (link?.readyState === 0) await fake.connect()
        } else if (step.do === 'open') fake.client.open()
        else if (step.do === 'close') {
          fake.client.close()
          if (link?.closedWith && link.readyState === 2) link.answerClose()
        } else if (step.do === 'cut') {
          if (link && link.readyState < 2) link.cut()
        } else if (step.do === 'abort') asked[step.at % asked.length]?.abort.abort()
        else if (link?.readyState === 1) {
          for (const { id } of link.envelopes) if (id && !ids.includes(id)) ids.push(id)
          const id = ids[step.at % ids.length]
          const payload = { code: 'busy', message: '', retryable: true, retryAfterMs: 50 }
          if (step.do === 'refuse') link.receive({ type: 'error', id, payload })
          else if (id !== undefined) link.receive({ type: 'get', id, payload: step.at })
        }
        await fake.settle()
        for (const { outcome, deadline } of asked) {
          expect(outcome.count).toBeLessThanOrEqual(1)
          if (deadline <= now()) expect(outcome.count).toBe(1)
        }
      }
      fake.clock.advance(5_000)
      await fake.settle()
      expect(asked.filter(({ outcome }) => outcome.count !== 1)).toEqual([])
      const told = asked.flatMap(({ outcome: { error } }) => (error === undefined ? [] : [reasonOf(error)]))
      expect(reasons).toEqual(expect.arrayContaining(told))
      fake.client.close()
      if (fake.links.at(-1)?.closedWith) fake.link.answerClose()
      fake.clock.advance(10)
      expect(fake.clock.pending).toBe(0)
      expect(fake.reported).toEqual([])
    }),
    { numRuns: 150 },
  )
})
