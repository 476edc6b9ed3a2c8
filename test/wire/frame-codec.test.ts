import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, FrameCodec, type FrameCodecOptions } from '../../src/wire/frame-codec.ts'
import { holders } from './holders.ts'

const orders = [false, true]
const aType = fc.nat({ max: 0xfffffeff })
const ways = ['encode', 'encodeScratch'] as const

describe.each(orders)('with littleEndian %s', (littleEndian) => {
  const codec = new FrameCodec({ littleEndian })

  test.each(Object.entries(holders))('%s is a payload, and what was received', (_, hold) => {
    const payload = [1, 2, 3, 4, 5, 6, 7, 8]
    for (const way of ways) {
      const frame = codec[way](0x01020304, hold(payload))
      expect([...frame]).toEqual([...(littleEndian ? [4, 3, 2, 1] : [1, 2, 3, 4]), ...payload])
    }
    const { type, payload: read } = codec.decode(hold(payload))
    expect(type).toBe(littleEndian ? 0x04030201 : 0x01020304)
    expect([...read]).toEqual([5, 6, 7, 8])
  })

  test('any type and payload come back', () => {
    fc.assert(
      fc.property(aType, fc.uint8Array({ maxLength: 300 }), (type, payload) => {
        for (const way of ways) expect(codec.decode(codec[way](type, payload))).toEqual({ type, payload })
      }),
    )
  })

  test('types of the protocol itself are read, too', () => {
    for (const type of [0xffffff00, 0xffffff01, 0xffffffff]) {
      expect(codec.decode(encodeFrame(type, new Uint8Array([7]), littleEndian))).toEqual({
        type,
        payload: new Uint8Array([7]),
      })
    }
  })
})

test('network byte order is the default', () => {
  expect([...new FrameCodec().encode(1, new Uint8Array(0))]).toEqual([0, 0, 0, 1])
})

test('the payload that was read is a view of what was received', () => {
  const received = new Uint8Array([0, 0, 0, 7, 1])
  const { payload } = new FrameCodec().decode(received)
  received[4] = 2
  expect([...payload]).toEqual([2])
})

test.each([0, 1, 2, 3])('a frame of %i bytes is an error that says its length', (length) => {
  expect(() => new FrameCodec().decode(new Uint8Array(length))).toThrow(
    expect.objectContaining({
      code: 'HF_BAD_FRAME',
      retryable: false,
      message: `HF_BAD_FRAME: A frame of ${length} bytes has no type`,
    }),
  )
})

test('a frame of a type alone has an empty payload', () => {
  expect(new FrameCodec().decode(new Uint8Array(4))).toEqual({ type: 0, payload: new Uint8Array(0) })
})

test.each([-1, 1.5, 0xffffff00, 0xffffff01, 0xffffffff, 2 ** 32, Number.NaN, Infinity, '7', null, undefined])(
  '%s is refused as a type, and named',
  (type) => {
    const codec = new FrameCodec()
    for (const way of ways) {
      expect(() => codec[way](type as number, new Uint8Array(1))).toThrow(
        expect.objectContaining({
          code: 'HF_BAD_TYPE',
          message: `HF_BAD_TYPE: ${type} is no uint32 below 0xFFFFFF00`,
        }),
      )
    }
  },
)

test('the least and the greatest type of an application are taken', () => {
  const codec = new FrameCodec()
  for (const type of [0, 0xfffffeff])
    expect(codec.decode(codec.encode(type, new Uint8Array(1))).type).toBe(type)
})

test.each([
  ['a Blob', new Blob(['x'])],
  ['text', 'x'],
])('%s is neither a payload nor a frame', (_, value) => {
  const codec = new FrameCodec()
  for (const way of ways) expect(() => codec[way](1, value as never)).toThrow('a Blob must be read first')
  expect(() => codec.decode(value as never)).toThrow(TypeError)
})

describe('scratch', () => {
  test('encode never shares memory with any other frame', () => {
    const codec = new FrameCodec()
    const first = codec.encode(1, new Uint8Array([1]))
    codec.encode(2, new Uint8Array([2]))
    codec.encodeScratch(3, new Uint8Array([3]))
    expect([...first]).toEqual([0, 0, 0, 1, 1])
  })

  test('frames of any lengths in any order are right until the next one', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 64 }),
        fc.array(fc.tuple(aType, fc.uint8Array({ maxLength: 100 })), { maxLength: 20 }),
        (scratchBytes, frames) => {
          const codec = new FrameCodec({ scratchBytes })
          const plain = new FrameCodec()
          for (const [type, payload] of frames) {
            expect(codec.encodeScratch(type, payload)).toEqual(plain.encode(type, payload))
          }
        },
      ),
    )
  })

  test('the buffer is reused, up to its bound, and no larger one is kept', () => {
    const codec = new FrameCodec({ scratchBytes: 100 })
    const small = codec.encodeScratch(1, new Uint8Array(90))
    expect(codec.encodeScratch(1, new Uint8Array(60)).buffer).toBe(small.buffer)
    expect(small.buffer.byteLength).toBe(100)
    expect(codec.encodeScratch(1, new Uint8Array(96)).buffer).toBe(small.buffer)
    const large = codec.encodeScratch(1, new Uint8Array(97))
    expect(large.length).toBe(101)
    expect(large.buffer).not.toBe(small.buffer)
    expect(codec.encodeScratch(1, new Uint8Array(97)).buffer).not.toBe(large.buffer)
    expect(codec.encodeScratch(1, new Uint8Array(60)).buffer).toBe(small.buffer)
  })

  test('what was read from the scratch may be written into it again', () => {
    const codec = new FrameCodec()
    const frame = codec.encodeScratch(1, new Uint8Array([1, 2, 3, 4, 5]))
    expect([...codec.encodeScratch(2, codec.decode(frame).payload)]).toEqual([0, 0, 0, 2, 1, 2, 3, 4, 5])
    expect([...codec.encodeScratch(3, frame)]).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5])
  })

  test('a frame that somebody wrote over does not spoil the next one', () => {
    const codec = new FrameCodec()
    codec.encodeScratch(7, new Uint8Array(8)).fill(0xee)
    expect([...codec.encodeScratch(7, new Uint8Array(2))]).toEqual([0, 0, 0, 7, 0, 0])
  })
})

test.each([
  [{ bigEndian: true }, 'Unknown option bigEndian'],
  [{ littleEndian: 'yes' }, 'Option littleEndian must be a boolean, not yes'],
  [{ scratchBytes: -1 }, 'Option scratchBytes must be a number of at least 0, not -1'],
  [{ scratchBytes: Number.NaN }, 'Option scratchBytes must be a number of at least 0, not NaN'],
  [{ scratchBytes: '10' }, 'Option scratchBytes must be a number of at least 0, not 10'],
])('%j is refused as options', (options, message) => {
  expect(() => new FrameCodec(options as unknown as FrameCodecOptions)).toThrow(new TypeError(message))
})
