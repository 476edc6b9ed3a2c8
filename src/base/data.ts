/**
 * What can be sent: text, or bytes in any of the forms that a W3C `WebSocket` takes.
 *
 * @public
 */
export type SocketData = string | ArrayBufferLike | ArrayBufferView | Blob

/**
 * How binary messages arrive, as in the W3C standard.
 *
 * @public
 */
export type BinaryType = 'blob' | 'arraybuffer'

/** The length in UTF-8, with a lone surrogate as the three bytes of U+FFFD, as `WebSocket.send` encodes it. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
    const leads = (unit & 0xfc00) === 0xd800
    if (leads && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      bytes++
      index++
    }
  }
  return bytes
}

/** The size of a message on the wire, without the frame around it. */
export function byteLength(data: SocketData): number {
  return typeof data === 'string' ? utf8Length(data) : quickLength(data)
}

/** As `byteLength`, but text counts one for each UTF-16 unit: exact for ASCII, never too much, and free. */
export function quickLength(data: SocketData): number {
  if (typeof data === 'string') return data.length
  return 'size' in data ? data.size : data.byteLength
}

/** The most that it can have, at no cost: a UTF-16 unit has at most three bytes in UTF-8; of bytes the count is exact. */
export function mostBytes(data: SocketData): number {
  return (typeof data === 'string' ? 3 : 1) * quickLength(data)
}

/** The data as it is now: bytes that the caller may change later are copied, text and blobs cannot change. */
export function copyData(data: SocketData): SocketData {
  if (typeof data === 'string' || 'size' in data) return data
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
  return bytes.slice().buffer
}

/** What WebIDL makes of an argument of `send`: bytes stay, everything else becomes text. */
export function toSocketData(value: unknown): SocketData {
  if (typeof value === 'string') return value
  if (ArrayBuffer.isView(value)) return value
  const tag = Object.prototype.toString.call(value)
  if (/ ((Shared)?ArrayBuffer|Blob|File)\]$/.test(tag)) return value as SocketData
  return `${value as string}`
}

/** What was received, in the form that `binaryType` asks for, whatever the platform made of it. */
export function toBinaryType(data: unknown, binaryType: BinaryType): unknown {
  const isView = ArrayBuffer.isView(data)
  if (!isView && !(data instanceof ArrayBuffer)) return data
  if (binaryType === 'blob') return new Blob([data as ArrayBuffer])
  return isView ? copyData(data) : data
}
