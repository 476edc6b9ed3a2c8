import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../src/wire/bytes.ts'
import type { Piece } from '../../src/wire/piece.ts'
import { cutMessage } from '../../src/wire/pieces.ts'
import {
  type Added,
  Reassembler,
  type ReassemblerOptions,
  reassemblerDefaults,
  resolveReassembler,
} from '../../src/wire/reassembler.ts'
import { anId, piecesOf } from './cut.ts'

const ID = '00000000000000aa'
const OTHER = '00000000000000bb'

const idOf = (number: number) => number.toString(16).padStart(16, '0')
const reassemblerWith = (options: ReassemblerOptions = {}) => new Reassembler(resolveReassembler(options))

/** Bytes that tell by their value where they belong. */
const bytesOf = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => from + index)

const cutBytes = (id: string, length: number, most: number, from = 0) =>
  piecesOf(cutMessage(id, bytesOf(length, from), false, most))

/** One piece of three, 8 bytes in all: 3, 3 and 2. */
const pieceOfThree = (changes: Partial<Record<keyof Piece, unknown>> = {}): Piece => {
  const [first] = cutBytes(ID, 8, 3)
  return { ...(first as Piece), ...changes } as Piece
}

function completed(results: readonly Added[]) {
  return results.flatMap((result) => (result.is === 'complete' ? [result] : []))
}

function faultOf(result: Added): string | undefined {
  if (result.is !== 'refused') return undefined
  expect(result.error).toMatchObject({ name: 'HoldfastError', code: 'HF_BAD_FRAGMENT', retryable: false })
  return result.error.message.replace('HF_BAD_FRAGMENT: A piece is refused: ', '')
}

/** Some messages with different ids, and how each is cut. */
const someMessages = fc.uniqueArray(
  fc.record({
    id: anId,
    isText: fc.boolean(),
    data: fc.uint8Array({ minLength: 1, maxLength: 120 }),
    most: fc.integer({ min: 1, max: 150 }),
  }),
  { minLength: 1, maxLength: 5, selector: ({ id }) => id },
)

/** All their pieces, some of them more than once, in any order. */
const someTraffic = someMessages.chain((messages) => {
  const pieces = messages.flatMap(({ id, data, isText, most }) =>
    piecesOf(cutMessage(id, data, isText, most)),
  )
  const order = fc
    .array(fc.constantFrom(...pieces), { maxLength: 30 })
    .chain((again) => fc.shuffledSubarray([...pieces, ...again], { minLength: pieces.length + again.length }))
  return fc.record({ messages: fc.constant(messages), order })
})

describe('messages come back exact', () => {
  test('in any order, with any duplicates, between the pieces of others, and each once', () => {
    fc.assert(
      fc.property(someTraffic, ({ messages, order }) => {
        const reassembler = new Reassembler()
        const results = order.map((piece) => reassembler.add(piece, 0))
        const got = new Map(completed(results).map(({ id, isText, data }) => [id, { isText, data }]))
        expect(got).toEqual(new Map(messages.map(({ id, isText, data }) => [id, { isText, data }])))
        expect(completed(results).length).toBe(messages.length)
        expect(reassembler).toMatchObject({ size: 0, pendingBytes: 0, deadline: Infinity })
      }),
    )
  })

  test('text too, cut at any byte; lone surrogates as WebSocket.send treats them', () => {
    const unit = fc.oneof(
      fc.constantFrom('\ud83d', '\ude00', '😀', 'é', '漢', '\ufeff', 'a'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    )
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1 }), fc.integer({ min: 1, max: 9 }), (text, most) => {
        const reassembler = new Reassembler()
        const pieces = piecesOf(cutMessage(ID, encodeUtf8(text), true, most))
        const [whole] = completed(pieces.reverse().map((piece) => reassembler.add(piece, 0)))
        const asSent = new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text))
        expect(decodeUtf8(whole?.data as Uint8Array)).toBe(asSent)
        expect(whole?.isText).toBe(true)
      }),
    )
  })

  test('a large one, also where pieces are views of buffers that are used again', () => {
    const data = bytesOf(1_000_000)
    const scratch = new Uint8Array(70_000)
    const reassembler = new Reassembler()
    const results = piecesOf(cutMessage(ID, data, false, 65_536)).map((piece) => {
      scratch.set(piece.data, 3)
      return reassembler.add({ ...piece, data: scratch.subarray(3, 3 + piece.data.length) }, 0)
    })
    expect(Buffer.compare(completed(results)[0]?.data as Uint8Array, data)).toBe(0)
  })

  test('in one piece too, as memory of its own', () => {
    const piece = cutBytes(ID, 3, 10)[0] as Piece
    const result = new Reassembler().add(piece, 0)
    expect(result).toEqual({ is: 'complete', id: ID, isText: false, data: bytesOf(3) })
    expect(completed([result])[0]?.data.buffer).not.toBe(piece.data.buffer)
  })
})

test('each new piece tells how far its message is', () => {
  const reassembler = new Reassembler()
  const told = cutBytes(ID, 8, 3).map((piece) => reassembler.add(piece, 0))
  expect(told).toEqual([
    { is: 'pending', id: ID, isText: false, receivedBytes: 3, bytes: 8 },
    { is: 'pending', id: ID, isText: false, receivedBytes: 6, bytes: 8 },
    { is: 'complete', id: ID, isText: false, data: bytesOf(8) },
  ])
})

describe('what lies is refused by name', () => {
  test.each([
    [{ id: 'AA000000000000AA' }, 'its id is not 16 hexadecimal digits'],
    [{ id: 7 }, 'its id is not 16 hexadecimal digits'],
    [{ id: 'a'.repeat(1_000) }, 'its id is not 16 hexadecimal digits'],
    [{ isText: undefined }, 'it does not say whether it is text'],
    [{ bytes: 0 }, 'its message cannot have 0 bytes'],
    [{ bytes: 7.5 }, 'its message cannot have 7.5 bytes'],
    [{ bytes: 2 ** 32 }, 'its message cannot have 4294967296 bytes'],
    [{ bytes: '8' }, 'its message cannot have string bytes'],
    [{ total: 0 }, '8 bytes cannot be in 0 pieces'],
    [{ total: -3 }, '8 bytes cannot be in -3 pieces'],
    [{ total: 9 }, '8 bytes cannot be in 9 pieces'],
    [{ total: Number.NaN }, '8 bytes cannot be in NaN pieces'],
    [{ total: {} }, '8 bytes cannot be in object pieces'],
    [{ total: 5 }, '8 bytes are never cut into 5 pieces'],
    [{ index: 3 }, 'there is no piece 3 of 3'],
    [{ index: -1 }, 'there is no piece -1 of 3'],
    [{ index: 0.5 }, 'there is no piece 0.5 of 3'],
    [{ index: '1' }, 'there is no piece string of 3'],
    [{ index: 2 }, 'it has 3 bytes, its place has 2'],
    [{ data: new Uint8Array(0) }, 'it has 0 bytes, its place has 3'],
    [{ data: new Uint8Array(4) }, 'it has 4 bytes, its place has 3'],
    [{ data: undefined }, 'it has no bytes'],
    [{ data: 'abc' }, 'it has no bytes'],
  ])('%j', (changes, fault) => {
    const reassembler = new Reassembler()
    expect(faultOf(reassembler.add(pieceOfThree(changes), 0))).toBe(fault)
    expect(reassembler).toMatchObject({ size: 0, pendingBytes: 0, deadline: Infinity })
  })

  test.each([
    [{ total: 2 }, 'it says 2 pieces, the first one said 3'],
    [{ bytes: 9 }, 'it says 9 bytes, the first piece said 8'],
    [{ bytes: undefined }, 'it says undefined bytes, the first piece said 8'],
    [{ isText: true }, 'it is text, unlike the first piece'],
    [{ index: 7 }, 'there is no piece 7 of 3'],
    [{ index: 1, data: new Uint8Array(2) }, 'it has 2 bytes, its place has 3'],
  ])('%j, where its message waits, which is not harmed', (changes, fault) => {
    const reassembler = new Reassembler()
    const pieces = cutBytes(ID, 8, 3)
    reassembler.add(pieces[1] as Piece, 0)
    expect(faultOf(reassembler.add(pieceOfThree(changes), 0))).toBe(fault)
    expect(completed(pieces.map((piece) => reassembler.add(piece, 0)))[0]?.data).toEqual(bytesOf(8))
  })

  test('who comes later cannot change a piece that is there', () => {
    const reassembler = new Reassembler()
    const pieces = cutBytes(ID, 8, 3)
    reassembler.add(pieces[0] as Piece, 0)
    expect(reassembler.add(pieceOfThree({ data: new Uint8Array(3).fill(0xee) }), 0)).toEqual({
      is: 'duplicate',
    })
    expect(completed(pieces.map((piece) => reassembler.add(piece, 0)))[0]?.data).toEqual(bytesOf(8))
  })

  test('memory that the platform refuses is a refusal, no exception', () => {
    const reassembler = new Reassembler()
    const piece = pieceOfThree()
    const Real = globalThis.Uint8Array
    globalThis.Uint8Array = new Proxy(Real, {
      construct() {
        throw new RangeError('Array buffer allocation failed')
      },
    })
    let result: Added
    try {
      result = reassembler.add(piece, 0)
    } finally {
      globalThis.Uint8Array = Real
    }
    expect(faultOf(result)).toBe('there is no memory for its message')
    expect(reassembler).toMatchObject({ size: 0, pendingBytes: 0, deadline: Infinity })
  })
})

/** Numbers that are nearly right, or not at all. */
const aField = fc.oneof(
  fc.integer({ min: -1, max: 12 }),
  fc.constantFrom(0xffffffff, 2 ** 26, 2 ** 40, Number.NaN, Infinity, 0.5, '3', null, undefined, {}),
)

const aLie = (ids: readonly string[]) =>
  fc.record({
    id: fc.oneof(fc.constantFrom(...ids), anId, fc.constantFrom<unknown>('', 5, undefined, '__proto__')),
    index: aField,
    total: aField,
    bytes: aField,
    isText: fc.oneof(fc.boolean(), fc.constant(undefined)),
    data: fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.constantFrom(undefined, null, 'abc', [1, 2])),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<Piece>

describe('among liars', () => {
  test('nothing throws, no bound is passed, and honest messages that had begun come back exact', () => {
    const options = { maxBytes: 40, maxMessages: 4 }
    const hostile = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: aLie([ID, OTHER, idOf(1)]) },
        { weight: 1, arbitrary: fc.constant('honest' as const) },
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(hostile, (steps) => {
        const reassembler = reassemblerWith(options)
        const honest = [...cutBytes(ID, 10, 2, 100), ...cutBytes(OTHER, 7, 3, 200)]
        const [firstOfOne, firstOfOther] = [honest[0], honest[5]] as [Piece, Piece]
        const results = [reassembler.add(firstOfOne, 0), reassembler.add(firstOfOther, 0)]
        for (const step of steps) {
          const next = step === 'honest' ? (honest.shift() ?? firstOfOne) : withoutData(step)
          const result = reassembler.add(next, 0)
          if (step === 'honest') results.push(result)
          expect(reassembler.pendingBytes).toBeLessThanOrEqual(options.maxBytes)
          expect(reassembler.size).toBeLessThanOrEqual(options.maxMessages)
        }
        for (const piece of honest) results.push(reassembler.add(piece, 0))
        const got = completed(results).map(({ id, data }) => [id, data])
        expect(got.sort()).toEqual([
          [ID, bytesOf(10, 100)],
          [OTHER, bytesOf(7, 200)],
        ])
      }),
    )
  })

  /** A lie that looks just like a true piece cannot be told from one: the lies about honest ids are told apart here. */
  function withoutData(lie: Piece): Piece {
    const isHonestId = lie.id === ID || lie.id === OTHER
    const isConsistent = (lie.bytes === 10 && lie.total === 5) || (lie.bytes === 7 && lie.total === 3)
    return isHonestId && isConsistent ? { ...lie, data: new Uint8Array(9) } : lie
  }

  test('ten thousand who announce much and send little hold what the bounds allow, until it is too old', () => {
    const reassembler = reassemblerWith({ maxBytes: 1_000_000, maxMessages: 20 })
    const faults = new Set<string | undefined>()
    for (let liar = 0; liar < 10_000; liar++) {
      const bytes = 100_000 + (liar % 7)
      const lie = { id: idOf(liar), index: 0, total: bytes, bytes, isText: false, data: new Uint8Array(1) }
      faults.add(faultOf(reassembler.add(lie, liar / 1_000))?.replace(/\d+/g, 'n'))
      expect(reassembler.pendingBytes).toBeLessThanOrEqual(1_000_000)
    }
    expect(reassembler.size).toBe(9)
    expect(faults).toEqual(new Set([undefined, 'its message of n bytes does not fit: n of n are taken']))
    expect(reassembler.expire(30_010).length).toBe(9)
    expect(reassembler).toMatchObject({ size: 0, pendingBytes: 0, deadline: Infinity })
    expect(completed(cutBytes(ID, 8, 3).map((piece) => reassembler.add(piece, 30_010))).length).toBe(1)
  })

  test('what was complete stays delivered: the record of it is bounded, too', () => {
    const reassembler = reassemblerWith({ rememberIds: 3 })
    const send = (number: number) => reassembler.add(cutBytes(idOf(number), 1, 1)[0] as Piece, 0).is
    expect([1, 2, 3].map(send)).toEqual(['complete', 'complete', 'complete'])
    expect([1, 2, 3].map(send)).toEqual(['duplicate', 'duplicate', 'duplicate'])
    expect([4, 1, 4].map(send)).toEqual(['complete', 'complete', 'duplicate'])
  })
})

test('a message over the bound is refused before any memory is taken for it', () => {
  const piece = pieceOfThree({ bytes: 2 ** 32 - 1, total: 2 ** 32 - 1, data: new Uint8Array(1) })
  expect(faultOf(new Reassembler().add(piece, 0))).toBe(
    'its message of 4294967295 bytes does not fit: 0 of 67108864 are taken',
  )
})

describe('at the bounds the new message is refused, and those that wait go on', () => {
  test.each([
    [{ maxMessages: 1 }, '1 messages wait already'],
    [{ maxBytes: 15 }, 'its message of 8 bytes does not fit: 8 of 15 are taken'],
  ])('%j', (options, fault) => {
    const reassembler = reassemblerWith(options)
    const [first, ...rest] = cutBytes(ID, 8, 3) as [Piece, ...Piece[]]
    reassembler.add(first, 0)
    const others = cutBytes(OTHER, 8, 3)
    expect(faultOf(reassembler.add(others[0] as Piece, 0))).toBe(fault)
    expect(completed(rest.map((piece) => reassembler.add(piece, 0))).length).toBe(1)
    expect(completed(others.map((piece) => reassembler.add(piece, 0))).length).toBe(1)
  })

  test('a message of just the bound fits', () => {
    const reassembler = reassemblerWith({ maxBytes: 8 })
    expect(completed(cutBytes(ID, 8, 3).map((piece) => reassembler.add(piece, 0))).length).toBe(1)
  })
})

describe('age', () => {
  const [first, second, third] = cutBytes(ID, 8, 3) as [Piece, Piece, Piece]

  test('counts from the last new piece: duplicates and refused ones put nothing off', () => {
    const reassembler = reassemblerWith({ maxAgeMs: 100 })
    reassembler.add(first, 0)
    reassembler.add(second, 50)
    reassembler.add(second, 90)
    reassembler.add(pieceOfThree({ bytes: 9 }), 95)
    expect(reassembler.deadline).toBe(100)
    expect(reassembler.expire(100)).toEqual([])
    expect(reassembler.deadline).toBe(150)
    expect(reassembler.expire(149)).toEqual([])
    expect(reassembler.expire(150)).toEqual([{ id: ID, isText: false, receivedBytes: 6, bytes: 8 }])
    expect(reassembler).toMatchObject({ size: 0, pendingBytes: 0, deadline: Infinity })
  })

  test('what was given up may begin anew', () => {
    const reassembler = reassemblerWith({ maxAgeMs: 100 })
    reassembler.add(first, 0)
    reassembler.expire(100)
    const again = [second, third, first].map((piece) => reassembler.add(piece, 200))
    expect(completed(again)[0]?.data).toEqual(bytesOf(8))
  })

  test('whoever calls expire at each deadline finds nothing older than the limit, and everything else still there', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 2 }), fc.nat({ max: 80 })), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(steps, (all) => {
        const reassembler = reassemblerWith({ maxAgeMs: 100, rememberIds: 0 })
        const lastNew = new Map<string, number>()
        let now = 0
        for (const [message, index, wait] of all) {
          const until = now + wait
          while (reassembler.deadline <= until) {
            now = Math.max(now, reassembler.deadline)
            for (const { id } of reassembler.expire(now)) {
              expect(now - (lastNew.get(id) ?? Number.NaN)).toBe(100)
              lastNew.delete(id)
            }
            expect(reassembler.deadline).toBeGreaterThan(now)
          }
          now = until
          const piece = cutBytes(idOf(message), 8, 3)[index] as Piece
          const result = reassembler.add(piece, now)
          if (result.is === 'pending') lastNew.set(piece.id, now)
          if (result.is === 'complete') lastNew.delete(piece.id)
          expect(reassembler.size).toBe(lastNew.size)
          expect(reassembler.pendingBytes).toBe(8 * lastNew.size)
        }
      }),
    )
  })
})

describe('an abort', () => {
  test('frees what waits, tells how far it was, and what still comes of it is a duplicate', () => {
    const reassembler = new Reassembler()
    const [first, ...rest] = cutBytes(ID, 8, 3) as [Piece, ...Piece[]]
    const others = cutBytes(OTHER, 8, 3)
    reassembler.add(first, 0)
    reassembler.add(others[0] as Piece, 0)
    expect(reassembler.abort(ID)).toEqual({ id: ID, isText: false, receivedBytes: 3, bytes: 8 })
    expect(reassembler).toMatchObject({ size: 1, pendingBytes: 8 })
    expect(rest.map((piece) => reassembler.add(piece, 0).is)).toEqual(['duplicate', 'duplicate'])
    expect(completed(others.map((piece) => reassembler.add(piece, 0))).length).toBe(1)
  })

  test('of what does not wait does nothing, and does not bar a message that comes later', () => {
    const reassembler = new Reassembler()
    expect(reassembler.abort(ID)).toBeUndefined()
    expect(completed(cutBytes(ID, 8, 3).map((piece) => reassembler.add(piece, 0))).length).toBe(1)
    expect(reassembler.abort(ID)).toBeUndefined()
  })
})

test('clear forgets what waits and what was complete', () => {
  const reassembler = new Reassembler()
  const one = cutBytes(OTHER, 1, 1)[0] as Piece
  reassembler.add(one, 0)
  reassembler.add(pieceOfThree(), 0)
  reassembler.clear()
  expect(reassembler).toMatchObject({ size: 0, pendingBytes: 0, deadline: Infinity })
  expect(completed(cutBytes(ID, 8, 3, 50).map((piece) => reassembler.add(piece, 0)))[0]?.data).toEqual(
    bytesOf(8, 50),
  )
  expect(reassembler.add(one, 0).is).toBe('complete')
})

describe('options', () => {
  test('by default it holds 64 messages and 64 MiB for 30 s, and remembers 256', () => {
    expect({ ...reassemblerDefaults }).toEqual({
      maxBytes: 64 * 1024 * 1024,
      maxMessages: 64,
      maxAgeMs: 30_000,
      rememberIds: 256,
    })
  })

  test.each([
    [{ maxByte: 1 }, TypeError, 'Unknown option pieces.maxByte'],
    [{ maxBytes: -1 }, RangeError, 'Option pieces.maxBytes must be a number of at least 0, not -1'],
    [{ maxAgeMs: '1 s' }, TypeError, 'Option pieces.maxAgeMs must be a number, not "1 s"'],
  ])('%j is refused', (options, kind, message) => {
    expect(() => resolveReassembler(options, 'pieces.')).toThrow(kind)
    expect(() => resolveReassembler(options, 'pieces.')).toThrow(message)
  })
})
