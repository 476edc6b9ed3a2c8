import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as classic from 'zod'
import * as z from 'zod/mini'
import { type EnvelopeOutput, envelope, envelopeOf } from '../../src/schema/index.ts'
import { toEnvelope } from '../../src/wire/envelope-guard.ts'
import { jsonValue, nearEnvelope } from '../wire/near-envelopes.ts'

const ownNames = ['type', 'room', 'payload', 'timestamp', 'id', 'ref', 'more'] as const

/** The fields that are there. */
function present(value: object | undefined): unknown {
  return (
    value &&
    Object.fromEntries(
      ownNames
        .map((name) => [name, (value as Record<string, unknown>)[name]])
        .filter(([, it]) => it !== undefined),
    )
  )
}

function byGuard(value: unknown): unknown {
  try {
    return present(toEnvelope(value))
  } catch {
    return undefined
  }
}

const bySchema = (value: unknown): unknown => present(envelope.safeParse(value).data)

describe('the schema and the guard of the client', () => {
  test('agree on every value whose names are in lower case', () => {
    const otherCase = (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      !Object.hasOwn(value, 'type') &&
      Object.keys(value).some((name) => name.toLowerCase() === 'type')
    let envelopes = 0
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: nearEnvelope }, jsonValue), (value) => {
        fc.pre(!otherCase(value))
        const guarded = byGuard(value)
        expect(bySchema(value)).toEqual(guarded)
        if (guarded !== undefined) envelopes++
      }),
      { numRuns: 3_000 },
    )
    // The values are no good if the two agree in refusing them all.
    expect(envelopes).toBeGreaterThan(300)
  })

  test('agree in a copy that has no field of a prototype', () => {
    const value = JSON.parse('{"type":"a","__proto__":{"room":"b"}}') as unknown
    expect(bySchema(value)).toEqual({ type: 'a' })
  })
})

describe('envelopeOf', () => {
  const chat = envelopeOf('chat', z.object({ text: z.string() }), z.literal('lobby'))

  test('gives type and payload their types', () => {
    const message = chat.parse({
      type: 'chat',
      room: 'lobby',
      payload: { text: 'hi' },
      id: 7,
      timestamp: null,
      x: 1,
    })
    expectTypeOf(message).toEqualTypeOf<EnvelopeOutput<'chat', { text: string }>>()
    expect(message).toEqual({ type: 'chat', room: 'lobby', payload: { text: 'hi' }, id: '7' })
    // @ts-expect-error the type is known
    expect(message.type === 'other').toBe(false)
  })

  test.each([
    [{ type: 'chat', room: 'lobby', payload: { text: 5 } }, ['payload', 'text']],
    [{ type: 'chat', room: 'lobby' }, ['payload']],
    [{ type: 'chat', room: 'other', payload: { text: 'hi' } }, ['room']],
    [{ type: 'chat', payload: { text: 'hi' } }, ['room']],
    [{ type: 'shout', room: 'lobby', payload: { text: 'hi' } }, ['type']],
    [{ type: 'chat', room: 'lobby', payload: { text: 'hi' }, more: 1 }, ['more']],
  ])('%j is refused, with the path', (value, path) => {
    expect(chat.safeParse(value).error?.issues[0]?.path).toEqual(path)
  })

  test('without a room schema any room, or none, is fine', () => {
    const tick = envelopeOf('tick', z.number())
    for (const room of [undefined, null, 'a'])
      expect(tick.safeParse({ type: 'tick', room, payload: 1 }).success).toBe(true)
  })

  test('a payload that may be missing may be missing', () => {
    expect(envelopeOf('tick', z.optional(z.number())).safeParse({ type: 'tick' }).success).toBe(true)
  })

  test('takes a schema of zod as well as of zod/mini, and what it transforms', () => {
    const at = envelopeOf('at', classic.object({ at: classic.string().transform((text) => new Date(text)) }))
    const { payload } = at.parse({ type: 'at', payload: { at: '2026-02-07T10:00:00Z' } })
    expectTypeOf(payload).toEqualTypeOf<{ at: Date }>()
    expect(payload.at.getTime()).toBe(Date.UTC(2026, 1, 7, 10))
  })

  test('is a Standard Schema', async () => {
    const standard = chat['~standard']
    expect(await standard.validate({ type: 'chat', room: 'lobby', payload: { text: 'hi' } })).toMatchObject({
      value: { payload: { text: 'hi' } },
    })
    expect((await standard.validate({ type: 'chat' })).issues).not.toHaveLength(0)
  })
})
