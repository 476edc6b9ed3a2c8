import { type } from 'arktype'
import fc from 'fast-check'
import type { SchemaResult, StandardSchema } from 'holdfast'
import * as v from 'valibot'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import * as m from 'zod/mini'
import { fakeClient } from './support/fake-client.ts'

/** A schema by hand, that answers what it is told to. */
function schemaOf<Output>(validate: (value: unknown) => unknown): StandardSchema<unknown, Output> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: validate as (value: unknown) => SchemaResult<Output>,
    },
  }
}

/** The same members list, as each library writes it. It makes numbers of what is text. */
const libraries = {
  'zod 4': z.object({ members: z.array(z.object({ age: z.string().transform(Number) })) }),
  'zod/mini': m.object({ members: m.array(m.object({ age: m.pipe(m.string(), m.transform(Number)) })) }),
  valibot: v.object({ members: v.array(v.object({ age: v.pipe(v.string(), v.transform(Number)) })) }),
  arktype: type({ members: type({ age: type('string').pipe(Number) }).array() }),
  'a schema by hand': schemaOf<{ members: { age: number }[] }>((value) => {
    const { members } = value as { members: { age: unknown }[] }
    const wrong = members.findIndex(({ age }) => typeof age !== 'string')
    if (wrong >= 0) return { issues: [{ message: 'no text', path: ['members', { key: wrong }, 'age'] }] }
    return { value: { members: members.map(({ age }) => ({ age: Number(age) })) } }
  }),
}

describe.each(Object.entries(libraries))('a schema of %s', (_name, schema) => {
  test('brings what it makes of the payload to the handlers, and what it refuses to invalid, with the path', async () => {
    const fake = fakeClient({ messages: { list: schema as StandardSchema<never, unknown> } })
    const { client, told } = fake
    const handler = vi.fn()
    client.on('list', handler)
    await fake.connect()
    const { link } = fake
    link.receive({ type: 'list', room: 'a', payload: { members: [{ age: '7' }] } })
    link.receive({ type: 'list', room: 'a', payload: { members: [{ age: '7' }, { age: 8 }] } })
    link.receive({ type: 'list', payload: { members: [{ age: '9' }] } })
    await fake.settle()
    expect(handler.mock.calls.map(([message]) => message)).toEqual([
      { type: 'list', room: 'a', payload: { members: [{ age: 7 }] } },
      { type: 'list', payload: { members: [{ age: 9 }] } },
    ])
    expect(told.map(([name]) => name)).toEqual(['invalid'])
    const [invalid] = fake.events('invalid')
    expect(invalid).toMatchObject({ paths: ['members.1.age'], message: { type: 'list', room: 'a' } })
    expect(invalid?.issues).toHaveLength(1)
  })

  test('checks what is sent, where validateSends says so: HF_INVALID with the path, and nothing is written', async () => {
    const fake = fakeClient({
      messages: { list: schema as StandardSchema<{ members: unknown[] }, unknown> },
      validateSends: true,
    })
    await fake.connect()
    fake.client.send('list', { members: [{ age: '7' }] })
    const wrong = () => fake.client.send('list', { members: [{ age: 7 }] })
    expect(wrong).toThrow(expect.objectContaining({ code: 'HF_INVALID' }))
    expect(wrong).toThrow('members.0.age')
    // What is sent is what was given: a transform is for those who receive it.
    expect(fake.link.envelopes).toEqual([{ type: 'list', payload: { members: [{ age: '7' }] } }])
  })
})

describe('a map of messages', () => {
  test('may hold schemas of several libraries at once, and each types its handlers and sends', async () => {
    const fake = fakeClient({
      messages: {
        ark: type({ n: 'number' }),
        list: type({ members: type({ age: 'string' }).array() }),
        zod: z.object({ n: z.number() }),
        mini: m.object({ n: m.number() }),
        val: v.object({ n: v.number() }),
      },
      validateSends: true,
    })
    const heard: number[] = []
    for (const name of ['ark', 'zod', 'mini', 'val'] as const) {
      fake.client.on(name, ({ payload }) => heard.push(payload.n satisfies number))
    }
    fake.client.on('list', ({ payload }) => payload.members[0]?.age satisfies string | undefined)
    await fake.connect()
    for (const type of ['ark', 'zod', 'mini', 'val']) fake.link.receive({ type, payload: { n: 1 } })
    expect(heard).toEqual([1, 1, 1, 1])
    fake.client.send('ark', { n: 2 })
    // @ts-expect-error: n is a number
    expect(() => fake.client.send('ark', { n: '2' })).toThrow('HF_INVALID')
  })

  test('sends every type that is not in it to unknown, whoever listens, and those of Object.prototype too', async () => {
    const fake = fakeClient({ messages: { known: z.any() } })
    const handler = vi.fn()
    fake.client.on('other' as never, handler)
    await fake.connect()
    const types = ['other', 'constructor', 'toString', '__proto__', 'hasOwnProperty']
    for (const type of types) fake.link.receive(`{"type":"${type}","payload":1}`)
    expect(fake.events('unknown').map(({ type }) => type)).toEqual(types)
    expect(handler).not.toHaveBeenCalled()
  })

  test('leaves a type of it that nobody listens to alone: it was checked, and is not unknown', async () => {
    const fake = fakeClient({ messages: { known: z.number() } })
    await fake.connect()
    fake.link.receive({ type: 'known', payload: 1 })
    expect(fake.told).toEqual([])
    fake.link.receive({ type: 'known', payload: 'x' })
    expect(fake.events('invalid')).toHaveLength(1)
  })

  test('of what is sent may differ from that of what is received', async () => {
    const fake = fakeClient({
      messages: { in: z.string() },
      sends: { out: z.number() },
      validateSends: true,
    })
    await fake.connect()
    fake.client.send('out', 5)
    expect(() => fake.client.send('out', 'x' as never)).toThrow(
      expect.objectContaining({ code: 'HF_INVALID' }),
    )
    expect(() => fake.client.send('in' as never, 'x' as never)).toThrow(
      expect.objectContaining({ code: 'HF_BAD_TYPE' }),
    )
    expect(fake.link.envelopes).toEqual([{ type: 'out', payload: 5 }])
  })

  test('does not check raw text, nor bytes', async () => {
    const fake = fakeClient({ messages: { known: z.number() } })
    const bytes = vi.fn()
    fake.client.binary(7).on(bytes)
    await fake.connect()
    fake.link.receive('text')
    fake.link.receive(new Uint8Array([0, 0, 0, 7, 1]).buffer)
    expect(fake.told).toEqual([['raw', { text: 'text' }]])
    expect(bytes).toHaveBeenCalledOnce()
  })
})

describe('a schema that misbehaves', () => {
  const nothing = Object.create(null) as object
  const none = undefined as unknown
  const misdeeds: [string, (value: unknown) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('Kaboom')
      },
    ],
    [
      'throws no error',
      () => {
        throw nothing
      },
    ],
    [
      'throws undefined',
      () => {
        throw none
      },
    ],
    ['rejects', () => Promise.reject(new Error('Kaboom'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers a number', () => 5],
    ['resolves to nothing', () => Promise.resolve()],
    ['resolves to null', () => Promise.resolve(null)],
    ['answers issues that are no list', () => ({ issues: 5 })],
    ['resolves to issues that are no list', () => Promise.resolve({ issues: {} })],
    ['answers an issue that is null', () => ({ issues: [null] })],
    ['answers a path that is no list', () => ({ issues: [{ message: 'x', path: 5 }] })],
    ['resolves to a path of null', () => Promise.resolve({ issues: [{ message: 'x', path: [null] }] })],
    ['answers an empty list of issues', () => ({ issues: [] })],
    [
      'answers a thenable whose then throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: that is the misdeed
        then() {
          throw new Error('Kaboom')
        },
      }),
    ],
  ]

  test.each(misdeeds)('and %s reaches invalid, and stops no other message', async (_title, validate) => {
    const fake = fakeClient({ messages: { bad: schemaOf(validate), good: z.number() } })
    const handler = vi.fn()
    fake.client.on('bad', handler)
    fake.client.on('good', handler)
    await fake.connect()
    fake.link.receive({ type: 'good', payload: 1 })
    fake.link.receive({ type: 'bad', payload: 2 })
    fake.link.receive({ type: 'good', payload: 3 })
    await fake.settle()
    expect(handler.mock.calls.map(([{ payload }]) => payload)).toEqual([1, 3])
    expect(fake.told.map(([name]) => name)).toEqual(['invalid'])
    expect(fake.reported).toEqual([])
    expect(fake.client.status).toBe('open')
  })

  test.each(misdeeds)(
    'and %s when something is sent drops that alone, as invalid',
    async (_title, validate) => {
      const fake = fakeClient({ sends: { bad: schemaOf(validate), good: z.number() }, validateSends: true })
      await fake.connect()
      fake.client.send('good', 1)
      let outcome: unknown
      try {
        const receipt = fake.client.send('bad', 2)
        outcome = [await receipt.written, receipt.reason]
      } catch (error) {
        outcome = (error as { code: string }).code
      }
      fake.client.send('good', 3)
      fake.clock.advance(0)
      expect(['HF_INVALID', ['dropped', 'invalid']]).toContainEqual(outcome)
      expect(fake.link.envelopes.map(({ payload }) => payload)).toEqual([1, 3])
    },
  )

  test('and never answers is told as invalid after its time, and what waited behind it goes on', async () => {
    const fake = fakeClient({
      messages: { mute: schemaOf(() => new Promise(() => {})), good: z.number() },
    })
    const handler = vi.fn()
    fake.client.on('good', handler)
    await fake.connect()
    fake.clock.advance(10)
    fake.link.receive({ type: 'mute' })
    fake.link.receive({ type: 'good', payload: 1 })
    fake.clock.advance(9_999)
    await fake.settle()
    expect(handler).not.toHaveBeenCalled()
    fake.clock.advance(1)
    await fake.settle()
    expect(handler).toHaveBeenCalledOnce()
    expect(fake.events('invalid')).toMatchObject([
      { message: { type: 'mute' }, issues: [{ message: expect.stringContaining('10000 ms') }], paths: [''] },
    ])
    expect(fake.clock.pending).toBe(0)
  })

  test('and never answers when something is sent does not hold up the rest for ever', async () => {
    const fake = fakeClient({
      sends: { mute: schemaOf(() => new Promise(() => {})), good: z.number() },
      validateSends: true,
    })
    await fake.connect()
    const mute = fake.client.send('mute')
    const good = fake.client.send('good', 1)
    fake.clock.advance(10_000)
    await fake.settle()
    fake.clock.advance(0)
    expect([mute.status, mute.reason, good.status]).toEqual(['dropped', 'invalid', 'written'])
    expect(fake.events('drop')).toEqual([{ type: 'mute', room: undefined, reason: 'invalid' }])
  })
})

/** A schema that answers when the test says so, or at once. */
function slowSchema() {
  const waiting: (() => void)[] = []
  const schema = schemaOf<{ n: number; ok: boolean; wait: boolean }>((value) => {
    const { ok, wait } = value as { ok: boolean; wait: boolean }
    const result = ok ? { value } : { issues: [{ message: 'no', path: ['ok'] }] }
    return wait ? new Promise((resolve) => waiting.push(() => resolve(result))) : result
  })
  return { schema, waiting }
}

const messages = fc.array(fc.record({ ok: fc.boolean(), wait: fc.boolean() }), {
  minLength: 1,
  maxLength: 20,
})
/** In which order those that wait are answered. */
const answers = fc.array(fc.nat(), { minLength: 20, maxLength: 20 })

describe('schemas that take their time', () => {
  test('keep the order of all that arrived, whatever they answer and when', async () => {
    await fc.assert(
      fc.asyncProperty(messages, answers, async (list, order) => {
        const { schema, waiting } = slowSchema()
        const fake = fakeClient({ messages: { n: schema } })
        const heard: number[] = []
        fake.client.on('n', ({ payload }) => heard.push(payload.n))
        fake.client.events.on('invalid', ({ message }) => heard.push((message.payload as { n: number }).n))
        fake.client.events.on('raw', ({ text }) => heard.push(Number(text)))
        fake.client.binary(7).on((bytes) => heard.push(bytes[0] as number))
        fake.client.events.on('unknown', ({ payload }) => heard.push(payload as number))
        await fake.connect()
        fake.clock.advance(10)
        const idle = fake.clock.pending
        let n = 0
        for (const message of list) {
          fake.link.receive({ type: 'n', payload: { ...message, n: n++ } })
          fake.link.receive(`${n++}`)
          fake.link.receive(new Uint8Array([0, 0, 0, 7, n++]).buffer)
          fake.link.receive({ type: 'other', payload: n++ })
        }
        for (const at of order) {
          if (waiting.length > 0) waiting.splice(at % waiting.length, 1)[0]?.()
          await fake.settle()
        }
        expect(fake.clock.pending).toBe(idle)
        expect(heard).toEqual(Array.from({ length: n }, (_, index) => index))
      }),
      { numRuns: 60 },
    )
  })

  test('keep the order of what is sent, and drop what they refuse, told', async () => {
    await fc.assert(
      fc.asyncProperty(messages, answers, async (list, order) => {
        const { schema, waiting } = slowSchema()
        const fake = fakeClient({ sends: { n: schema }, validateSends: true })
        await fake.connect()
        const refused: number[] = []
        const receipts = list.map((message, n) => {
          try {
            return fake.client.send('n', { ...message, n })
          } catch (error) {
            expect(error).toMatchObject({ code: 'HF_INVALID' })
            refused.push(n)
            return undefined
          }
        })
        for (const at of order) {
          if (waiting.length > 0) waiting.splice(at % waiting.length, 1)[0]?.()
          await fake.settle()
          fake.clock.advance(0)
        }
        const good = [...list.keys()].filter((n) => list[n]?.ok)
        expect(fake.link.envelopes.map(({ payload }) => payload.n)).toEqual(good)
        expect(refused).toEqual([...list.keys()].filter((n) => !list[n]?.ok && !list[n]?.wait))
        const statuses = receipts.map(
          (receipt, n) => receipt?.status === (list[n]?.ok ? 'written' : 'dropped'),
        )
        expect(statuses.filter((fits, n) => !fits && receipts[n])).toEqual([])
        expect(fake.events('drop').map(({ reason }) => reason)).toEqual(
          list.filter(({ ok, wait }) => !ok && wait).map(() => 'invalid'),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('hold up no more than 10,000 messages: what comes then is dropped, and told as overrun', async () => {
    const mute = schemaOf(() => new Promise(() => {}))
    const fake = fakeClient({ messages: { mute, n: schemaOf((value) => ({ value })) } })
    const heard: unknown[] = []
    fake.client.on('n', ({ payload }) => heard.push(payload))
    await fake.connect()
    fake.link.receive({ type: 'mute' })
    for (let n = 0; n < 10_002; n++) fake.link.receive({ type: 'n', payload: n })
    expect(fake.events('overrun')).toEqual(Array(3).fill({ where: 'delivery' }))
    fake.clock.advance(10_000)
    await fake.settle()
    expect(heard).toEqual(Array.from({ length: 9_999 }, (_, n) => n))
  })

  test('do not hold up replies: a request is answered while a message is still being checked', async () => {
    const fake = fakeClient({ messages: { mute: schemaOf(() => new Promise(() => {})) } })
    await fake.connect()
    fake.link.receive({ type: 'mute' })
    const reply = fake.client.request('ask')
    fake.link.receive({ type: 'x', id: fake.link.written().id, payload: 1 })
    expect(await reply).toBe(1)
  })
})
