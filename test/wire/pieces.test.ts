import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameCodec } from '../../src/wire/frame-codec.ts'
import {
  ABORT,
  BINARY_PIECE,
  cutMessage,
  decodeAbort,
  decodePiece,
  drawId,
  encodeAbort,
  encodePiece,
  isPieceId,
  PIECE_HEADER_BYTES,
  pieceOf,
  TEXT_PIECE,
} from '../../src/wire/pieces.ts'
import { seededRandom } from '../core/seeded-random.ts'
import { anId, piecesOf } from './cut.ts'

const ID = '00112233aabbccff'
const orders = [false, true]

describe('a cut', () => {
  test('has pieces of at most the given length, all alike but the last, and together they are the message', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 500 }),
        fc.integer({ min: 1, max: 600 }),
        (data, most) => {
          const cut = cutMessage(ID, data, true, most)
          const pieces = piecesOf(cut)
          expect(cut.total).toBe(pieces.length)
          expect(pieces.flatMap((piece) => [...piece.data])).toEqual([...data])
          for (const [index, piece] of pieces.entries()) {
            expect(piece).toMatchObject({ id: ID, index, total: cut.total, bytes: data.length, isText: true })
            expect(piece.data.length).toBeLessThanOrEqual(most)
            expect(piece.data.length).toBeGreaterThan(0)
            if (index < cut.total - 1) expect(piece.data.length).toBe(cut.size)
          }
        },
      ),
    )
  })

  test('can be told from the length and the number of pieces alone, up to 4 GiB', () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 0xffffffff }), fc.integer({ min: 1, max: 5_000 }))
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 0xffffffff }), (bytes, most) => {
        const { total, size } = cutMessage(ID, { length: bytes } as Uint8Array, false, most)
        expect(size).toBeLessThanOrEqual(most)
        expect(size).toBe(Math.ceil(bytes / total))
        expect(total).toBe(Math.ceil(bytes / size))
      }),
      { numRuns: 2_000 },
    )
  })

  test('copies nothing', () => {
    const data = new Uint8Array(10)
    const cut = cutMessage(ID, data, false, 4)
    data[5] = 7
    expect(pieceOf(cut, 1).data).toEqual(new Uint8Array([0, 7, 0, 0]))
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity])('into pieces of %d bytes is an error', (most) => {
    expect(() => cutMessage(ID, new Uint8Array(5), false, most)).toThrow(
      new RangeError(`The length of a piece must be a whole number of at least 1, not ${most}`),
    )
  })

  test('of nothing, or of more than pieces can tell, is an error', () => {
    expect(() => cutMessage(ID, new Uint8Array(0), false, 5)).toThrow(RangeError)
    expect(() => cutMessage(ID, { length: 2 ** 32 } as Uint8Array, false, 5)).toThrow(
      expect.objectContaining({ code: 'HF_TOO_LARGE' }),
    )
  })

  test.each([-1, 3, 0.5, Number.NaN])('has no piece %d of 3', (index) => {
    const cut = cutMessage(ID, new Uint8Array(9), false, 3)
    expect(() => pieceOf(cut, index)).toThrow(new RangeError(`There is no piece ${index} of 3`))
  })
})

describe('as a binary message', () => {
  test('a piece has the documented bytes', () => {
    const piece = { id: ID, index: 1, total: 3, bytes: 7, isText: true, data: new Uint8Array([8, 9, 10]) }
    const id = [0x00, 0x11, 0x22, 0x33, 0xaa, 0xbb, 0xcc, 0xff]
    const big = [...[0xff, 0xff, 0xff, 2], ...id, ...[0, 0, 0, 1], ...[0, 0, 0, 3], ...[0, 0, 0, 7], 8, 9, 10]
    const little = [
      ...[2, 0xff, 0xff, 0xff],
      ...id,
      ...[1, 0, 0, 0],
      ...[3, 0, 0, 0],
      ...[7, 0, 0, 0],
      8,
      9,
      10,
    ]
    expect([...encodePiece(piece)]).toEqual(big)
    expect([...encodePiece(piece, true)]).toEqual(little)
    expect(big.length).toBe(PIECE_HEADER_BYTES + 3)
    expect([...encodeAbort(ID)]).toEqual([0xff, 0xff, 0xff, 3, ...id])
    expect([...encodeAbort(ID, true)]).toEqual([3, 0xff, 0xff, 0xff, ...id])
  })

  test.each(orders)('any piece comes back, with littleEndian %s', (littleEndian) => {
    const codec = new FrameCodec({ littleEndian })
    const uint32 = fc.nat({ max: 0xffffffff })
    const any = fc.record({
      id: anId,
      index: uint32,
      total: uint32,
      bytes: uint32,
      isText: fc.boolean(),
      data: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(any, (piece) => {
        const { type, payload } = codec.decode(encodePiece(piece, littleEndian))
        expect(type).toBe(piece.isText ? TEXT_PIECE : BINARY_PIECE)
        expect(decodePiece(type, payload, littleEndian)).toEqual(piece)
      }),
    )
  })

  test('ids are never mixed up, in whatever order they come', () => {
    const few = fc.constantFrom('0000000000000000', ID, '0011223300000000', '00000000aabbccff')
    fc.assert(
      fc.property(fc.array(few), (ids) => {
        expect(ids.map((id) => decodeAbort(encodeAbort(id).subarray(4)))).toEqual(ids)
      }),
    )
  })

  test('a header that is cut off is an error that says how long it is', () => {
    for (let length = 0; length < 20; length++) {
      const message = `HF_BAD_FRAGMENT: A piece has ${4 + length} bytes, less than the 24 of its header`
      const error = expect.objectContaining({ code: 'HF_BAD_FRAGMENT', message })
      expect(() => decodePiece(BINARY_PIECE, new Uint8Array(length))).toThrow(error)
    }
    expect(() => decodeAbort(new Uint8Array(7))).toThrow(
      'A piece has 11 bytes, less than the 12 of its header',
    )
    expect(decodePiece(BINARY_PIECE, new Uint8Array(20)).data.length).toBe(0)
  })

  test('what stands behind the id of an abort is passed over', () => {
    const longer = new Uint8Array(20)
    longer.set(encodeAbort(ID).subarray(4))
    expect(decodeAbort(longer)).toBe(ID)
  })

  test('the three types are reserved ones, which no application may use', () => {
    const codec = new FrameCodec()
    for (const type of [BINARY_PIECE, TEXT_PIECE, ABORT]) {
      expect(() => codec.encode(type, new Uint8Array(1))).toThrow('HF_BAD_TYPE')
    }
  })
})

describe('an id', () => {
  test('is drawn as 16 digits, another one each time', () => {
    const random = seededRandom(5)
    const ids = Array.from({ length: 1_000 }, () => drawId(random))
    expect(ids.every(isPieceId)).toBe(true)
    expect(new Set(ids).size).toBe(1_000)
    expect(drawId(() => 0)).toBe('0000000000000000')
    expect(drawId(() => 1 - 2 ** -53)).toBe('ffffffffffffffff')
  })

  test.each(['', '123', `${ID}0`, `${ID}\n`, 'AABBCCDDEEFF0011', 'g'.repeat(16), 5, undefined])(
    '%j is refused',
    (id) => {
      expect(isPieceId(id)).toBe(false)
      expect(() => encodeAbort(id as string)).toThrow(TypeError)
      const piece = { id: id as string, index: 0, total: 1, bytes: 1, isText: true, data: new Uint8Array(1) }
      expect(() => encodePiece(piece)).toThrow('must be 16 hexadecimal digits')
    },
  )
})
