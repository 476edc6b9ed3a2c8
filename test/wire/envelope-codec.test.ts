import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isHoldfastError } from '../../src/base/errors.ts'
import type { Envelope } from '../../src/wire/envelope.ts'
import { envelopeCodec } from '../../src/wire/envelope-codec.ts'
import { jsonValue } from './near-envelopes.ts'

const name = fc.string({ minLength: 1, unit: 'binary' })

test('what is written is read back the same', () => {
  const envelope = fc.record(
    { type: name, room: name, payload: jsonValue, timestamp: name, id: name, ref: name, more: fc.boolean() },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(envelope, (given) => {
      const text = envelopeCodec.encode(given)
      expect(envelopeCodec.decode(text)).toEqual(given)
      // The same JSON as any other writer would make of it, whatever the names are.
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(given)))
    }),
    { numRuns: 500 },
  )
})

test('only the fields of an envelope go out', () => {
  const given = { type: 'a', op: 'message', position: 1, payload: 2 } as Envelope
  expect(envelopeCodec.encode(given)).toBe('{"type":"a","payload":2}')
})

test('a payload may say itself how it is written', () => {
  expect(envelopeCodec.encode({ type: 'a', payload: new Date(0) })).toBe(
    '{"type":"a","payload":"1970-01-01T00:00:00.000Z"}',
  )
  expect(envelopeCodec.encode({ type: 'a', payload: { toJSON: () => undefined } })).toBe('{"type":"a"}')
})

describe('a payload that JSON cannot say is refused with HF_INVALID', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  test.each<[string, unknown]>([
    ['a BigInt', 5n],
    ['a BigInt within', { a: [5n] }],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a circle', circle],
    ['a toJSON that throws', { toJSON: () => expect.unreachable() }],
  ])('%s', (_, payload) => {
    let error: unknown
    try {
      envelopeCodec.encode({ type: 'a', payload })
    } catch (thrown) {
      error = thrown
    }
    expect(isHoldfastError(error) && error.code).toBe('HF_INVALID')
  })
})

test('text that is no envelope is undefined; a wrong field is an error that names it', () => {
  for (const text of ['', 'x', '{', '5', 'null', '[]', '{}', '{"type":5}'])
    expect(envelopeCodec.decode(text)).toBeUndefined()
  expect(() => envelopeCodec.decode('{"type":"a","room":5}')).toThrow(
    /HF_INVALID: The field room .* not a number/,
  )
})
