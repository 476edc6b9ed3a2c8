import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8, readUint32, toBytes, writeUint32 } from '../../src/wire/bytes.ts'
import { holders } from './holders.ts'

describe('toBytes', () => {
  test.each(Object.entries(holders))('sees just the bytes that %s holds, without a copy', (_, hold) => {
    const held = hold([1, 2, 3, 4, 5, 6, 7, 8])
    const bytes = toBytes(held)
    expect(bytes).toBeInstanceOf(Uint8Array)
    expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    bytes[0] = 9
    expect(toBytes(held)[0]).toBe(9)
  })

  test('takes a buffer of another realm', () => {
    expect([...toBytes(runInNewContext('new Uint8Array([1, 2]).buffer') as ArrayBuffer)]).toEqual([1, 2])
    expect([...toBytes(runInNewContext('new Uint8Array([1, 2])') as Uint8Array)]).toEqual([1, 2])
  })

  test.each([
    ['a Blob', new Blob(['x']), 'Blob'],
    ['text', 'x', 'String'],
    ['an array', [1], 'Array'],
    ['nothing', undefined, 'Undefined'],
    ['null', null, 'Null'],
    ['a number', 4, 'Number'],
  ])('refuses %s with a TypeError that names it', (_, value, name) => {
    expect(() => toBytes(value as never)).toThrow(TypeError)
    expect(() => toBytes(value as never)).toThrow(`${name}] is no bytes; a Blob must be read first`)
  })
})

describe('UTF-8', () => {
  test('any text comes back, with U+FFFD in the place of each lone surrogate', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          const asSent = new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text))
          expect(decodeUtf8(encodeUtf8(text))).toBe(asSent)
        },
      ),
    )
  })

  test('a byte order mark is part of the text', () => {
    expect(decodeUtf8(encodeUtf8('\ufefftext'))).toBe('\ufefftext')
  })

  test.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]]])('%j is no text', (bytes) => {
    expect(decodeUtf8(new Uint8Array(bytes))).toBeUndefined()
    expect(decodeUtf8(encodeUtf8('and the next text is read'))).toBe('and the next text is read')
  })
})

test('an unsigned integer is written and read as a DataView does it', () => {
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), fc.nat({ max: 4 }), fc.boolean(), (value, at, littleEndian) => {
      const bytes = new Uint8Array(8)
      writeUint32(bytes, at, value, littleEndian)
      expect(new DataView(bytes.buffer).getUint32(at, littleEndian)).toBe(value)
      expect(readUint32(bytes, at, littleEndian)).toBe(value)
      expect(bytes.filter((_, index) => index < at || index >= at + 4)).toEqual(new Uint8Array(4))
    }),
  )
})
