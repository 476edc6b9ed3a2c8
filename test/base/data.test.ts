import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  byteLength,
  copyData,
  quickLength,
  type SocketData,
  toBinaryType,
  toSocketData,
  utf8Length,
} from '../../src/base/data.ts'

const encoder = new TextEncoder()
/** Any UTF-16 at all, lone surrogates included. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd7f0, max: 0xe010 }),
      fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800),
    ),
  )
  .map((units) => String.fromCharCode(...units))

describe('the length of text', () => {
  test('is that of its UTF-8, with lone surrogates replaced as WebSocket.send does it', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(utf8Length(given)).toBe(encoder.encode(given).length)
        expect(byteLength(given)).toBe(utf8Length(given))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['', 0],
    ['a', 1],
    ['ä', 2],
    ['€', 3],
    ['😀', 4],
    ['\ud83d', 3],
    ['\ude00', 3],
    ['\ude00\ud83d', 6],
    ['\ud83d\ud83d\ude00', 7],
  ])('%j: %i', (given, length) => {
    expect(utf8Length(given)).toBe(length)
  })

  test('counted quickly it is never too much, and exact for ASCII', () => {
    fc.assert(
      fc.property(text, fc.string({ unit: 'binary-ascii' }), (given, ascii) => {
        expect(quickLength(given)).toBeLessThanOrEqual(utf8Length(given))
        expect(quickLength(ascii)).toBe(utf8Length(ascii))
      }),
    )
  })
})

const base = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
const fresh = () => base.slice()
const shared = () => {
  const buffer = new SharedArrayBuffer(4)
  new Uint8Array(buffer).set([1, 2, 3, 4])
  return buffer
}

const binary: [string, () => Exclude<SocketData, string | Blob>, number[]][] = [
  ['Uint8Array', fresh, [...base]],
  ['a part of a Uint8Array', () => fresh().subarray(3, 6), [3, 4, 5]],
  ['an empty part', () => fresh().subarray(4, 4), []],
  ['Uint16Array with an offset', () => new Uint16Array(fresh().buffer, 2, 2), [2, 3, 4, 5]],
  ['Float64Array', () => new Float64Array(fresh().buffer, 8), [8, 9, 10, 11, 12, 13, 14, 15]],
  ['DataView', () => new DataView(fresh().buffer, 1, 3), [1, 2, 3]],
  ['ArrayBuffer', () => fresh().buffer, [...base]],
  ['SharedArrayBuffer', shared, [1, 2, 3, 4]],
  ['a view on a SharedArrayBuffer', () => new Uint8Array(shared(), 1, 2), [2, 3]],
  ['Node’s Buffer', () => Buffer.from([7, 8, 9]).subarray(1), [8, 9]],
]

const bytesOf = (data: unknown) => [...new Uint8Array(data as ArrayBuffer)]
const viewOf = (data: ArrayBufferLike | ArrayBufferView) =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)

describe('binary data', () => {
  test.each(binary)('%s: its length is its bytes, not its elements', (_name, make, bytes) => {
    expect(byteLength(make())).toBe(bytes.length)
    expect(quickLength(make())).toBe(bytes.length)
  })

  test.each(binary)('%s: a copy has its bytes, and does not change with it', (_name, make, bytes) => {
    const given = make()
    const copy = copyData(given)
    expect(copy).toBeInstanceOf(ArrayBuffer)
    viewOf(given).fill(99)
    expect(bytesOf(copy)).toEqual(bytes)
  })

  test('text and blobs cannot change, so they are not copied', () => {
    const blob = new Blob(['abc'])
    expect(copyData(blob)).toBe(blob)
    expect(copyData('abc')).toBe('abc')
    expect(byteLength(blob)).toBe(3)
  })
})

describe('what send takes', () => {
  const bytes = new Uint8Array(2)
  const blob = new Blob(['x'])
  const file = new File(['x'], 'x.txt')
  test.each([
    ['text', 'x'],
    ['a view', bytes],
    ['a DataView', new DataView(bytes.buffer)],
    ['an ArrayBuffer', bytes.buffer],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1)],
    ['a Blob', blob],
    ['a File', file],
    ['a Buffer', Buffer.from('x')],
  ])('%s stays as it is', (_name, value) => {
    expect(toSocketData(value)).toBe(value)
  })

  class AudioBuffer {
    readonly [Symbol.toStringTag] = 'AudioBuffer'
  }
  test.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 5, '5'],
    ['a boolean', false, 'false'],
    ['a bigint', 5n, '5'],
    ['an object', {}, '[object Object]'],
    ['a list', [1, 'a'], '1,a'],
    ['an object with toString', { toString: () => 'told' }, 'told'],
    ['a String object', Object('boxed'), 'boxed'],
    ['an object that only sounds like bytes', new AudioBuffer(), '[object AudioBuffer]'],
  ])('%s becomes text, as in WebIDL', (_name, value, expected) => {
    expect(toSocketData(value)).toBe(expected)
  })

  test('a symbol is a TypeError', () => {
    expect(() => toSocketData(Symbol('x'))).toThrow(TypeError)
  })
})

describe('what was received', () => {
  test.each([
    ['an ArrayBuffer', () => fresh().buffer, [...base]],
    ['a Node Buffer from the pool', () => Buffer.from([1, 2, 3]), [1, 2, 3]],
    ['a view, as msw hands it on', () => fresh().subarray(2, 4), [2, 3]],
  ] as const)('%s comes in the form that was asked for', async (_name, make, bytes) => {
    const buffer = toBinaryType(make(), 'arraybuffer')
    expect(buffer).toBeInstanceOf(ArrayBuffer)
    expect(bytesOf(buffer)).toEqual(bytes)
    const blob = toBinaryType(make(), 'blob') as Blob
    expect(blob).toBeInstanceOf(Blob)
    expect(bytesOf(await blob.arrayBuffer())).toEqual(bytes)
  })

  test('text and blobs are passed on', () => {
    const blob = new Blob(['x'])
    for (const type of ['blob', 'arraybuffer'] as const) {
      expect(toBinaryType('x', type)).toBe('x')
      expect(toBinaryType(blob, type)).toBe(blob)
    }
  })
})
