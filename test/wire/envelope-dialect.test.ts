import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8Length } from '../../src/base/data.ts'
import { HoldfastError, isHoldfastError } from '../../src/base/errors.ts'
import type { Operation } from '../../src/wire/dialect.ts'
import type { Envelope, EnvelopeCodec } from '../../src/wire/envelope.ts'
import { envelopeDialect } from '../../src/wire/envelope-dialect.ts'
import type { EnvelopeDialectOptions } from '../../src/wire/envelope-options.ts'
import { jsonValue, nearEnvelope } from './near-envelopes.ts'
import { type Call, recordingInbox } from './recording-inbox.ts'

function heard(text: string, options?: EnvelopeDialectOptions): readonly Call[] {
  const { inbox, calls } = recordingInbox()
  envelopeDialect(options).decoder(inbox).text(text)
  return calls
}

const write = (operation: Operation, options?: EnvelopeDialectOptions) =>
  envelopeDialect(options).encode(operation) as string

const optionSets = fc.record<EnvelopeDialectOptions>({
  rooms: fc.constantFrom('broadcast', 'type'),
  payload: fc.constantFrom('json', 'string'),
  batch: fc.boolean(),
})
const name = fc.string({ minLength: 1 })

describe('options', () => {
  test.each<[unknown, RegExp]>([
    [{ room: 'type' }, /Unknown option room/],
    [{ rooms: 'topic' }, /rooms must be one of broadcast, type, not "topic"/],
    [{ payload: 'xml' }, /payload must be one of json, string/],
    [{ pieces: 'none' }, /pieces must be one of auto, text, binary/],
    [{ replyField: '' }, /replyField must be a name/],
    [{ replyField: 5 }, /replyField must be a name, not 5/],
    [{ codec: {} }, /codec must be an object with encode, decode/],
    [{ codec: null }, /codec must be an object with encode, decode/],
    [{ littleEndian: 1 }, /littleEndian must be a boolean/],
    [{ maxTextLength: 0 }, /maxTextLength must be a number of at least 1/],
    ['fast', /options must be an object/],
  ])('%j is refused by name', (options, message) => {
    expect(() => envelopeDialect(options as EnvelopeDialectOptions)).toThrow(message)
  })
})

describe('what goes out comes back', () => {
  const type = name.filter((it) => !it.startsWith('$') && it !== 'broadcast' && it !== 'error')

  test('a message, by any options', () => {
    fc.assert(
      fc.property(
        optionSets,
        type,
        fc.option(name, { nil: undefined }),
        jsonValue,
        (options, type, room, payload) => {
          const text = write({ op: 'message', type, room, payload }, options)
          expect(heard(text, options)).toEqual([
            ['message', JSON.parse(JSON.stringify({ type, room, payload }))],
          ])
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a message to a room, wrapped, or bare as servers relay it', () => {
    fc.assert(
      fc.property(optionSets, type, name, jsonValue, (options, type, room, payload) => {
        const text = write({ op: 'broadcast', type, room, payload }, options)
        const expected = [['message', { type, room, payload }]]
        expect(heard(text, options)).toEqual(expected)
        if (options.rooms === 'type') return
        const { payload: inner } = JSON.parse(text) as { payload: unknown }
        expect(heard(typeof inner === 'string' ? inner : JSON.stringify(inner), options)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('a batch', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(type, jsonValue), { minLength: 1 }), (messages) => {
        const dialect = envelopeDialect({ batch: true })
        const texts = messages.map(
          ([type, payload]) => dialect.encode({ op: 'message', type, payload }) as string,
        )
        const calls = heard(dialect.encodeBatch(texts), { batch: true })
        expect(calls).toEqual(messages.map(([type, payload]) => ['message', { type, payload }]))
      }),
    )
  })
})

describe('whatever arrives', () => {
  test('nothing throws, and each text is told exactly once', () => {
    const types = fc.constantFrom(
      'broadcast',
      'error',
      '$fragment',
      '$abort',
      '$welcome',
      '$cancel',
      '$reply',
      'x',
    )
    const envelope = fc
      .tuple(nearEnvelope, types, jsonValue)
      .map(([it, type, payload]) => ({ ...it, type, payload }))
    const wrapped = envelope.map((payload) => ({ type: 'broadcast', room: 'a', payload }))
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.oneof(nearEnvelope, envelope, wrapped).map((it) => JSON.stringify(it)),
    )
    fc.assert(
      fc.property(optionSets, texts, (options, text) => {
        const calls = heard(text, { ...options, batch: false })
        expect(calls).toHaveLength(1)
        if (calls[0]?.[0] === 'raw' || calls[0]?.[0] === 'malformed') expect(calls[0][1]).toBe(text)
      }),
      { numRuns: 3_000 },
    )
  })

  test('any bytes', () => {
    const types = fc.constantFrom(
      [255, 255, 255, 1],
      [255, 255, 255, 2],
      [255, 255, 255, 3],
      [255, 255, 255, 9],
      [0, 0, 0, 1],
      [],
    )
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 40 }), (type, rest) => {
        const { inbox, calls } = recordingInbox()
        envelopeDialect()
          .decoder(inbox)
          .binary(new Uint8Array([...type, ...rest]))
        expect(calls).toHaveLength(1)
      }),
      { numRuns: 500 },
    )
  })

  test.each([false, true])('nesting as deep as it may be (batch: %s)', (batch) => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    const texts = [
      deep,
      `{"type":"a","payload":${deep}}`,
      `{"type":"a","room":${deep}}`,
      `[${deep}]`,
      `[{"x":${deep}}]`,
    ]
    for (const text of texts) {
      const names: string[] = []
      const { inbox } = recordingInbox()
      const note = (name: string) => () => names.push(name)
      const decoder = envelopeDialect({ batch }).decoder({
        ...inbox,
        message: note('message'),
        raw: note('raw'),
        malformed: note('malformed'),
      })
      decoder.text(text)
      expect(names).toHaveLength(1)
    }
  })

  test('a message in order is handed on as it was parsed, with what the application added to it', () => {
    expect(heard('{"type":"chat","payload":1,"extra":2}')).toEqual([
      ['message', { type: 'chat', payload: 1, extra: 2 }],
    ])
  })

  test('a message that looks like an error of ours is a message', () => {
    expect(heard('{"type":"a","code":"HF_INVALID"}')).toEqual([
      ['message', { type: 'a', code: 'HF_INVALID' }],
    ])
  })

  test('an error in the application’s inbox is not taken for one in the message', () => {
    const { inbox, calls } = recordingInbox()
    const failing = () => {
      throw new HoldfastError('HF_INVALID', 'mine')
    }
    const decoder = envelopeDialect().decoder({ ...inbox, message: failing, piece: failing })
    expect(() => decoder.text('{"type":"a"}')).toThrow('mine')
    expect(() => decoder.binary(new Uint8Array([255, 255, 255, 1, ...new Uint8Array(21)]))).toThrow('mine')
    expect(calls).toEqual([])
  })
})

describe('a server with flat messages', () => {
  /** `{ type: 'private', target, content }`: no payload. */
  const flatCodec: EnvelopeCodec = {
    encode({ type, room, payload }) {
      if (typeof payload === 'bigint') throw new TypeError('no bigints')
      return JSON.stringify({ type, target: room, content: payload })
    },
    decode(text) {
      const { type, target, content } = JSON.parse(text) as {
        type: string
        target?: string
        content?: unknown
      }
      if (type === 'forbidden') throw new HoldfastError('HF_INVALID', 'forbidden')
      return Object.freeze({ type, room: target, payload: content })
    },
  }
  const options: EnvelopeDialectOptions = { codec: flatCodec, rooms: 'type' }

  test('a private message goes out flat, and comes back', () => {
    const text = write({ op: 'broadcast', type: 'private', room: 'ann', payload: 'hi' }, options)
    expect(text).toBe('{"type":"private","target":"ann","content":"hi"}')
    expect(heard(text, options)).toEqual([['message', { type: 'private', room: 'ann', payload: 'hi' }]])
  })

  test('what it throws is raw, or malformed where it says so', () => {
    expect(heard('no JSON', options)).toEqual([['raw', 'no JSON']])
    expect(heard('{"type":"forbidden"}', options)).toEqual([
      ['malformed', '{"type":"forbidden"}', 'HF_INVALID'],
    ])
  })

  test('what it answers is checked like anything else from the network', () => {
    expect(heard('{"type":"a","target":5}', options)).toEqual([
      ['malformed', '{"type":"a","target":5}', 'HF_INVALID'],
    ])
    expect(heard('{"type":5}', options)).toEqual([['raw', '{"type":5}']])
  })

  test('what it cannot write is HF_INVALID, with its error as the cause', () => {
    let error: unknown
    try {
      write({ op: 'message', type: 'a', payload: 5n }, options)
    } catch (thrown) {
      error = thrown
    }
    expect(isHoldfastError(error) && [error.code, error.cause]).toEqual([
      'HF_INVALID',
      new TypeError('no bigints'),
    ])
    const silent = { ...flatCodec, encode: () => undefined as unknown as string }
    expect(() => write({ op: 'message', type: 'a' }, { codec: silent })).toThrow(
      /HF_INVALID: The codec must answer a string/,
    )
  })

  test('batches, payloads as strings and broadcasts work with it', () => {
    expect(heard('[{"type":"a","content":1},5]', { ...options, batch: true })).toEqual([
      ['message', { type: 'a', payload: 1 }],
      ['raw', '5'],
    ])
    const strings: EnvelopeDialectOptions = { codec: flatCodec, payload: 'string' }
    expect(write({ op: 'message', type: 'a', payload: { x: 1 } }, strings)).toBe(
      '{"type":"a","content":"{\\"x\\":1}"}',
    )
    expect(heard('{"type":"a","content":"{\\"x\\":1}"}', strings)).toEqual([
      ['message', { type: 'a', payload: { x: 1 } }],
    ])
    const text = write({ op: 'broadcast', type: 'a', room: 'r', payload: { x: 1 } }, strings)
    expect(heard(text, strings)).toEqual([['message', { type: 'a', room: 'r', payload: { x: 1 } }]])
    // The inner payload is a string as well: one that is a string by itself must not become anything else.
    const number = write({ op: 'broadcast', type: 'a', room: 'r', payload: '5' }, strings)
    expect(heard(number, strings)).toEqual([['message', { type: 'a', room: 'r', payload: '5' }]])
  })

  test('it gets the envelope, and nothing of the operation', () => {
    const seen: Envelope[] = []
    const spy = { ...flatCodec, encode: (it: Envelope) => `${seen.push(it)}` }
    write({ op: 'message', type: 'a', payload: 1 }, { codec: spy })
    expect(Object.keys(seen[0] as Envelope)).not.toContain('op')
  })
})

describe('the largest piece', () => {
  const id = '0123456789abcdef'
  const pieces = fc.constantFrom('auto' as const, 'text' as const, 'binary' as const)

  test('fits the limit with all around it, and not much more would', () => {
    fc.assert(
      fc.property(
        fc.record({
          pieces,
          payload: fc.constantFrom('json' as const, 'string' as const),
          rooms: fc.constantFrom('broadcast' as const, 'type' as const),
        }),
        fc.boolean(),
        fc.option(fc.string({ minLength: 1, unit: 'binary' }), { nil: undefined }),
        fc.integer({ min: 1, max: 5_000 }),
        (options, isText, room, limit) => {
          const dialect = envelopeDialect(options)
          const bytesWith = (length: number) => {
            const numbers = { index: 0xfffffffe, total: 0xffffffff, bytes: 0xffffffff }
            const piece = { id, ...numbers, isText, data: new Uint8Array(length) }
            const message = dialect.encode({ op: 'piece', piece, room }) as string | Uint8Array
            return typeof message === 'string' ? utf8Length(message) : message.length
          }
          const largest = dialect.largestPiece(limit, isText, room)
          if (largest > 0) expect(bytesWith(largest)).toBeLessThanOrEqual(limit)
          expect(bytesWith(largest + 3)).toBeGreaterThan(limit)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('to a room a piece is text in that room, so that plain servers relay it', () => {
    const piece = { id, index: 0, total: 1, bytes: 1, isText: false, data: new Uint8Array([7]) }
    const text = write({ op: 'piece', piece, room: 'a' }, { pieces: 'binary' })
    expect(JSON.parse(text)).toMatchObject({
      type: 'broadcast',
      room: 'a',
      payload: { type: '$fragment', room: 'a' },
    })
    expect(heard(text)).toEqual([['piece', { ...piece, data: '07' }, true]])
    expect(heard(write({ op: 'abort', id, room: 'a', isText: true }))).toEqual([['abort', id]])
  })

  test('by default text goes as text, and binary as binary', () => {
    const piece = { id, index: 0, total: 1, bytes: 1, data: new Uint8Array([7]) }
    const form = (isText: boolean) =>
      typeof envelopeDialect().encode({ op: 'piece', piece: { ...piece, isText } })
    expect([form(true), form(false)]).toEqual(['string', 'object'])
  })
})
