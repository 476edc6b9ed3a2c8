import { readFileSync } from 'node:fs'
import type { ServeContext } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { fakeClient } from './support/fake-client.ts'

async function open(options?: Parameters<typeof fakeClient>[0]) {
  const fake = fakeClient(options)
  await fake.connect()
  const ask = (id: string, payload?: unknown, type = 'get') => fake.link.receive({ type, id, payload })
  /** What was answered since the last look. */
  let seen = 0
  const answers = async () => {
    await fake.settle()
    const fresh = fake.link.envelopes.slice(seen)
    seen = fake.link.envelopes.length
    return fresh
  }
  return { client: fake.client, fake, ask, answers }
}

describe('a handler answers a request of the server', () => {
  test.each([
    ['a value', () => ({ a: 1 })],
    ['a promise', async () => ({ a: 1 })],
  ])('with %s', async (_title, handler) => {
    const { client, ask, answers } = await open()
    client.handle('get', handler)
    ask('7')
    expect(await answers()).toEqual([{ type: '$reply', id: '7', ref: '7', payload: { a: 1 } }])
  })

  test('with nothing, where it returns nothing', async () => {
    const { client, ask, answers } = await open()
    client.handle('get', () => undefined)
    ask('7')
    expect(await answers()).toEqual([{ type: '$reply', id: '7', ref: '7' }])
  })

  test.each([
    [
      'an async iterable',
      async function* () {
        yield* [1, 2]
      },
    ],
    [
      'a promise of one',
      async () =>
        (async function* () {
          yield* [1, 2]
        })(),
    ],
  ])('with the items of %s, each but the last saying that more follow', async (_title, handler) => {
    const { client, ask, answers } = await open()
    client.handle('get', handler as () => unknown)
    ask('7')
    expect(await answers()).toEqual([
      { type: '$reply', id: '7', ref: '7', payload: 1, more: true },
      { type: '$reply', id: '7', ref: '7', payload: 2, more: true },
      { type: '$reply', id: '7', ref: '7' },
    ])
  })

  test('and is told of payload, type and room', async () => {
    const { client, fake } = await open()
    const handler = vi.fn((_payload: unknown, _context: ServeContext) => 1)
    client.handle('get', handler)
    fake.link.receive({ type: 'get', id: '7', room: 'a', payload: 5 })
    expect(handler.mock.calls[0]?.[0]).toBe(5)
    expect(handler.mock.calls[0]?.[1]).toMatchObject({ type: 'get', room: 'a', signal: { aborted: false } })
  })

  test('and not a message without an id, nor one that was relayed: those reach the handlers of messages', async () => {
    const { client, fake, answers } = await open()
    const handler = vi.fn()
    const heard = vi.fn()
    client.handle('get', handler)
    client.on('get', heard)
    fake.link.receive({ type: 'get', payload: 1 })
    fake.link.receive({ type: 'broadcast', room: 'a', payload: { type: 'get', id: '7', payload: 2 } })
    expect(handler).not.toHaveBeenCalled()
    expect(heard).toHaveBeenCalledTimes(2)
    expect(await answers()).toEqual([])
  })

  test('until its undo is called; another may take its place then', async () => {
    const { client, ask, answers } = await open()
    const undo = client.handle('get', () => 1)
    expect(() => client.handle('get', () => 2)).toThrow(expect.objectContaining({ code: 'HF_BAD_TYPE' }))
    undo()
    ask('7')
    expect(await answers()).toEqual([])
    client.handle('get', () => 2)
    undo()
    ask('8')
    expect(await answers()).toMatchObject([{ ref: '8', payload: 2 }])
  })
})

describe('an error in a handler', () => {
  const secret = 'postgres://admin:hunter2@db/'
  const fileError = () => readFileSync('/no/such/secret')

  test.each<[string, () => unknown, object]>([
    [
      'that has a code is told, with its text and whether it may be retried',
      () => {
        throw Object.assign(new Error('No such user'), { code: 'not_found', retryable: true })
      },
      { code: 'not_found', message: 'No such user', retryable: true },
    ],
    [
      'may be a plain object with a code',
      () => Promise.reject({ code: 'busy' }),
      { code: 'busy', message: '', retryable: false },
    ],
    [
      'in a stream is told too',
      async function* () {
        yield* []
        throw Object.assign(new Error('Gone'), { code: 'gone' })
      },
      { code: 'gone', message: 'Gone', retryable: false },
    ],
  ])('%s', async (_title, handler, payload) => {
    const { client, fake, ask, answers } = await open()
    client.handle('get', handler)
    ask('7')
    expect(await answers()).toEqual([{ type: 'error', id: '7', ref: '7', payload }])
    expect(fake.reported).toEqual([])
  })

  test.each<[string, () => unknown]>([
    [
      'without a code',
      () => {
        throw new Error(secret)
      },
    ],
    ['of the file system', fileError],
    ['of Node', () => Promise.reject(Object.assign(new TypeError(secret), { code: 'ERR_INVALID_ARG_TYPE' }))],
    ['of this library', () => Promise.reject(Object.assign(new Error(secret), { code: 'HF_TIMEOUT' }))],
    ['that is undefined', () => Promise.reject(undefined)],
    ['that is null', () => Promise.reject(null)],
    ['that is a text', () => Promise.reject(secret)],
    ['in what it answers: JSON cannot say it', () => ({ secret: 5n })],
    [
      'in an iterator',
      () => ({
        [Symbol.asyncIterator]() {
          throw new Error(secret)
        },
      }),
    ],
  ])('%s is reported here, and the server learns nothing of its text', async (_title, handler) => {
    const { client, fake, ask, answers } = await open()
    client.handle('get', handler)
    ask('7')
    expect(await answers()).toEqual([
      {
        type: 'error',
        id: '7',
        ref: '7',
        payload: { code: 'internal', message: 'The request could not be answered', retryable: false },
      },
    ])
    expect(fake.reported).toHaveLength(1)
    ask('8')
    expect(await answers()).toHaveLength(1)
  })
})

describe('a request that is not wanted any more', () => {
  /** A handler that goes on until it is told to stop. */
  async function endless() {
    const bench = await open()
    const signals: AbortSignal[] = []
    const answered: ((value: unknown) => void)[] = []
    bench.client.handle('get', (_payload, { signal }) => {
      signals.push(signal)
      return new Promise((resolve) => answered.push(resolve))
    })
    return { ...bench, signals, answered }
  }

  test('aborts its signal when the server cancels it, and is not answered', async () => {
    const { fake, ask, answers, signals, answered } = await endless()
    ask('7')
    ask('8')
    fake.link.receive({ type: '$cancel', ref: '7' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    for (const answer of answered) answer('x')
    expect(await answers()).toMatchObject([{ ref: '8' }])
  })

  test('aborts its signal when the link is lost, and the next link hears nothing of it', async () => {
    const { fake, ask, signals, answered } = await endless()
    ask('7')
    fake.link.cut()
    expect(signals[0]?.aborted).toBe(true)
    await fake.connect()
    answered[0]?.('x')
    await fake.settle()
    expect(fake.link.sent).toEqual([])
  })

  test('is not refused either where its handler fails then', async () => {
    const { client, fake, ask, answers } = await open()
    client.handle(
      'get',
      (_payload, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    ask('7')
    fake.link.receive({ type: '$cancel', ref: '7' })
    expect(await answers()).toEqual([])
    expect(fake.reported).toEqual([])
  })

  test('stops a stream at its next item', async () => {
    const { client, fake, ask, answers } = await open()
    const left = vi.fn()
    const next: (() => void)[] = []
    client.handle('get', async function* () {
      try {
        for (let n = 0; ; n++) {
          yield n
          await new Promise<void>((resolve) => next.push(resolve))
        }
      } finally {
        left()
      }
    })
    ask('7')
    expect(await answers()).toMatchObject([{ payload: 0, more: true }])
    fake.link.receive({ type: '$cancel', ref: '7' })
    next[0]?.()
    expect(await answers()).toEqual([])
    expect(left).toHaveBeenCalledOnce()
  })

  test('does not take the name from another: an id that is used again after a cancel is answered', async () => {
    const { fake, ask, answers, answered, signals } = await endless()
    ask('7')
    fake.link.receive({ type: '$cancel', ref: '7' })
    ask('7')
    answered[0]?.('the first')
    expect(await answers()).toEqual([])
    fake.link.receive({ type: '$cancel', ref: '7' })
    expect(signals[1]?.aborted).toBe(true)
  })

  test('a cancel of what nobody asked harms nothing', async () => {
    const { fake, ask, answers, answered } = await endless()
    fake.link.receive({ type: '$cancel', ref: 'nobody' })
    ask('7')
    answered[0]?.('x')
    expect(await answers()).toMatchObject([{ ref: '7', payload: 'x' }])
    fake.link.receive({ type: '$cancel', ref: '7' })
    expect(fake.told).toEqual([])
  })

  test('a second one with the same id while the first is being answered is the same one', async () => {
    const { ask, answers, answered } = await endless()
    ask('7')
    ask('7')
    expect(answered).toHaveLength(1)
    answered[0]?.('x')
    expect(await answers()).toHaveLength(1)
  })

  test('no more than 256 are answered at once: the next is told that it may come again', async () => {
    const { ask, answers, answered } = await endless()
    for (let n = 0; n < 257; n++) ask(`${n}`)
    expect(await answers()).toMatchObject([
      { type: 'error', ref: '256', payload: { code: 'busy', retryable: true } },
    ])
    answered[0]?.('x')
    await answers()
    ask('257')
    expect(answered).toHaveLength(257)
  })
})

describe('the schema of a served request', () => {
  test('checks its input, transforms included; what does not fit is refused as invalid, with the path', async () => {
    const { client, ask, answers, fake } = await open({
      serves: { get: { input: z.object({ id: z.string().transform(Number) }) } },
    })
    const handler = vi.fn()
    client.handle('get' as never, handler)
    ask('7', { id: '5' })
    ask('8', { id: 5 })
    const [refusal, reply] = (await answers()).sort((a, b) => a.type.length - b.type.length)
    expect(reply).toMatchObject({ type: '$reply', ref: '7' })
    expect(refusal).toMatchObject({ type: 'error', ref: '8', payload: { code: 'invalid', retryable: false } })
    expect(refusal?.payload.message).toContain('id')
    expect(handler).toHaveBeenCalledExactlyOnceWith({ id: 5 }, expect.anything())
    expect(fake.reported).toEqual([])
  })

  test('that never answers is given up, told to the server, and the id is free again', async () => {
    const never = {
      '~standard': { version: 1 as const, vendor: 'test', validate: () => new Promise<never>(() => {}) },
    }
    const { client, ask, answers, fake } = await open({ serves: { get: { input: never } } })
    client.handle('get' as never, vi.fn())
    ask('7')
    fake.clock.advance(10_000)
    expect(await answers()).toMatchObject([{ type: 'error', ref: '7', payload: { code: 'invalid' } }])
    ask('7')
    fake.clock.advance(10_000)
    expect(await answers()).toHaveLength(1)
  })

  test('a type that is in no map cannot be asked: it is a message like any other', async () => {
    const { client, ask, answers } = await open({ serves: { get: {} } })
    const heard = vi.fn()
    client.on('constructor', heard)
    ask('7', 1, 'constructor')
    expect(heard).toHaveBeenCalledOnce()
    expect(await answers()).toEqual([])
  })
})
