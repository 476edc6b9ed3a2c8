import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../../src/base/errors.ts'
import { isEnvelope, toEnvelope } from '../../src/wire/envelope-guard.ts'
import { jsonValue, nearEnvelope } from './near-envelopes.ts'

const ownNames = ['type', 'room', 'payload', 'timestamp', 'id', 'ref', 'more']

/** The envelope, `undefined`, or the code of the error. */
function read(value: unknown): unknown {
  try {
    return toEnvelope(value)
  } catch (error) {
    return (error as HoldfastError).code
  }
}

test('an envelope in order is handed on itself, not copied', () => {
  const envelope = {
    type: 'chat',
    room: 'a',
    payload: {},
    timestamp: 't',
    id: 'i',
    ref: 'r',
    more: false,
    x: 1,
  }
  expect(toEnvelope(envelope)).toBe(envelope)
})

test('whatever comes in, what comes out is an envelope in order, nothing, or an error that names a field', () => {
  fc.assert(
    fc.property(fc.oneof(nearEnvelope, jsonValue), (value) => {
      try {
        const envelope = toEnvelope(value)
        if (envelope !== undefined) expect(isEnvelope(envelope)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(HoldfastError)
        expect((error as HoldfastError).message).toMatch(
          /^HF_INVALID: The field (room|timestamp|id|ref|more) of/,
        )
      }
    }),
    { numRuns: 2_000 },
  )
})

test('only what has a type that is a string, and not empty, can be an envelope or malformed', () => {
  fc.assert(
    fc.property(nearEnvelope, (value) => {
      const hasType = typeof value['type'] === 'string' && value['type'] !== ''
      expect(read(value) !== undefined).toBe(hasType)
    }),
  )
})

test('names in any case mean the same, where the type’s name is in that case too', () => {
  const cases = fc.constantFrom<(name: string) => string>(
    (name) => name.toUpperCase(),
    (name) => name[0]?.toUpperCase() + name.slice(1),
  )
  const fields = fc.record(
    {
      type: fc.constant('t'),
      room: fc.string(),
      id: fc.oneof(fc.string(), fc.nat()),
      payload: fc.string(),
      more: fc.boolean(),
    },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(fields, cases, (envelope, written) => {
      const other = Object.fromEntries(
        Object.entries(envelope).map(([name, value]) => [written(name), value]),
      )
      expect(read(other)).toEqual(read({ ...envelope, position: 1 }))
    }),
  )
})

test('where the type is in lower case, so are the others: names are not looked for twice', () => {
  expect(toEnvelope({ type: 'a', Room: 'r' })?.room).toBeUndefined()
})

describe('what servers write for a field that is not there is nothing', () => {
  test.each(['room', 'timestamp', 'id', 'ref'])('%s', (name) => {
    for (const value of [null, '']) expect(toEnvelope({ type: 'a', [name]: value })).toEqual({ type: 'a' })
  })

  test('more', () => expect(toEnvelope({ type: 'a', more: null })).toEqual({ type: 'a' }))
})

test('a position that came over the wire is not believed', () => {
  expect(toEnvelope({ type: 'a', position: { epoch: 'x', seq: 9 } })).toEqual({ type: 'a' })
})

describe('numbers as ids', () => {
  test.each([
    [7, '7'],
    [0, '0'],
    [-3, '-3'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('%d', (id, text) => {
    expect(toEnvelope({ type: 'a', id, ref: id })).toEqual({ type: 'a', id: text, ref: text })
  })

  test('a number that JSON cannot keep exactly is refused, rather than taken for another request', () => {
    expect(() => toEnvelope({ type: 'a', id: 2 ** 53 })).toThrow(/id of an envelope/)
  })
})

describe('prototypes', () => {
  const hostile = [
    '{"type":"a","room":null,"__proto__":{"room":"b","polluted":true},"payload":{"__proto__":{"polluted":true}}}',
    '{"Type":"a","__proto__":{"room":"b","polluted":true},"__PROTO__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '{"__proto__":{"type":"a","polluted":true}}',
  ]

  test.each(hostile)('%s', (text) => {
    const envelope = read(JSON.parse(text)) as Record<string, unknown> | undefined
    expect(({} as { polluted?: true }).polluted).toBeUndefined()
    if (!envelope) return
    expect(envelope['room']).toBeUndefined()
    expect(envelope['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf(envelope)).toBe(Object.prototype)
    expect(Object.keys(envelope).filter((name) => !ownNames.includes(name))).toEqual([])
  })

  test('a type that only a prototype has is none', () => {
    expect(toEnvelope(JSON.parse(hostile[2] as string))).toBeUndefined()
  })
})

test('an array is no envelope, even with a type', () => {
  expect(toEnvelope(Object.assign([], { Type: 'a' }))).toBeUndefined()
})
