/**
 * Bytes in any of the forms that a program may have them in: a buffer, shared or not, or a view of one, with its offset
 * and length (Node's `Buffer` is one too).
 *
 * @public
 */
export type BytesLike = ArrayBufferLike | ArrayBufferView

/**
 * The same bytes as a `Uint8Array`: a view, nothing is copied.
 *
 * Throws a TypeError that says what was given where it is no bytes. A `Blob` is none: its bytes must be read first.
 */
export function toBytes(data: BytesLike): Uint8Array {
  if (data instanceof Uint8Array) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  // By its tag a buffer of another realm, or a shared one where that class is hidden, is known too. It is slower.
  const tag = data instanceof ArrayBuffer ? 'ArrayBuffer]' : Object.prototype.toString.call(data)
  if (/ArrayBuffer]/.test(tag)) return new Uint8Array(data)
  throw new TypeError(`${tag} is no bytes; a Blob must be read first`)
}

let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

/** Text as UTF-8; a lone surrogate becomes U+FFFD, as `WebSocket.send` makes it. */
export function encodeUtf8(text: string): Uint8Array {
  encoder ??= new TextEncoder()
  return encoder.encode(text)
}

/** The text that these bytes are in UTF-8, a byte order mark included; `undefined` where they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Reads an unsigned integer of four bytes. Shifting is cheaper than a `DataView`, which would have to be made first. */
export function readUint32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  const a = bytes[at] as number
  const b = bytes[at + 1] as number
  const c = bytes[at + 2] as number
  const d = bytes[at + 3] as number
  return (littleEndian ? a | (b << 8) | (c << 16) | (d << 24) : d | (c << 8) | (b << 16) | (a << 24)) >>> 0
}

/** Writes an unsigned integer of four bytes. */
export function writeUint32(bytes: Uint8Array, at: number, value: number, littleEndian: boolean): void {
  for (let index = 0; index < 4; index++)
    bytes[at + (littleEndian ? index : 3 - index)] = value >>> (8 * index)
}
