/** As much of RFC 6455 as a bench server needs: short unfragmented frames. */
import { createHash } from 'node:crypto'

export const TEXT = 1
export const CLOSE = 8
export const PING = 9
export const PONG = 10

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The answer to a handshake. @param {string} key the client's Sec-WebSocket-Key */
export function upgradeResponse(key) {
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
}

/** A frame as a server sends it. @param {number} opcode @param {Buffer | string} payload @returns {Buffer} */
export function serverFrame(opcode, payload) {
  const bytes = Buffer.from(payload)
  const { length } = bytes
  if (length > 0xffff) throw new RangeError(`${length} bytes are too long for a bench frame`)
  const head = length < 126 ? [length] : [126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(0x80 | opcode, ...head), bytes])
}

/** Cuts a client's stream into frames. Payloads stay masked: most are only counted. */
export class FrameReader {
  /** @type {Buffer | undefined} */
  #rest
  #onFrame

  /** @param {(opcode: number, bytes: Buffer, maskAt: number, end: number) => void} onFrame */
  constructor(onFrame) {
    this.#onFrame = onFrame
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (at + 2 <= bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 0x7f
      if (short === 127) throw new RangeError('A frame is too long for a bench server')
      const maskAt = at + (short === 126 ? 4 : 2)
      if (maskAt > bytes.length) break
      const end = maskAt + 4 + (short === 126 ? bytes.readUInt16BE(at + 2) : short)
      if (end > bytes.length) break
      this.#onFrame((bytes[at] ?? 0) & 0x0f, bytes, maskAt, end)
      at = end
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
  }
}

/** The payload of a frame. @param {Buffer} bytes @param {number} maskAt @param {number} end @returns {Buffer} */
export function unmask(bytes, maskAt, end) {
  const payload = Buffer.from(bytes.subarray(maskAt + 4, end))
  for (let index = 0; index < payload.length; index++) {
    payload[index] = (payload[index] ?? 0) ^ (bytes[maskAt + (index & 3)] ?? 0)
  }
  return payload
}
