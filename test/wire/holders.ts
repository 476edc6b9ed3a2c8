import type { BytesLike } from '../../src/wire/bytes.ts'

/** Eight strange bytes on either side of those that are meant. */
function amid(bytes: readonly number[], buffer: ArrayBufferLike = new ArrayBuffer(bytes.length + 16)) {
  const all = new Uint8Array(buffer).fill(0xee)
  all.set(bytes, 8)
  return all.buffer
}

/** Every kind of thing that can hold bytes, by its name. Eight bytes, or a multiple of eight, fit all of them. */
export const holders: Record<string, (bytes: readonly number[]) => BytesLike> = {
  'a Uint8Array': (bytes) => new Uint8Array(bytes),
  'a Uint8Array with an offset': (bytes) => new Uint8Array(amid(bytes), 8, bytes.length),
  'an ArrayBuffer': (bytes) => new Uint8Array(bytes).buffer,
  'a SharedArrayBuffer': (bytes) => {
    const shared = new SharedArrayBuffer(bytes.length)
    new Uint8Array(shared).set(bytes)
    return shared
  },
  'a view of a SharedArrayBuffer': (bytes) =>
    new Uint8Array(amid(bytes, new SharedArrayBuffer(bytes.length + 16)), 8, bytes.length),
  'a DataView with an offset': (bytes) => new DataView(amid(bytes), 8, bytes.length),
  'a Uint16Array with an offset': (bytes) => new Uint16Array(amid(bytes), 8, bytes.length / 2),
  'a Float64Array with an offset': (bytes) => new Float64Array(amid(bytes), 8, bytes.length / 8),
  'a Uint8ClampedArray with an offset': (bytes) => new Uint8ClampedArray(amid(bytes), 8, bytes.length),
  'a Buffer with an offset': (bytes) => Buffer.from(amid(bytes) as ArrayBuffer, 8, bytes.length),
}
