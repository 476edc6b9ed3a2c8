import { HoldfastError } from '../base/errors.ts'
import { type BytesLike, readUint32, toBytes, writeUint32 } from './bytes.ts'

/** The bytes before the payload: the type. */
const HEADER_BYTES = 4

/** The upper three bytes of the types that are the protocol's own, 0xFFFFFF00 to 0xFFFFFFFF. */
const RESERVED = 0xffffff

/**
 * One binary message, read.
 *
 * @public
 */
export interface Frame {
  /** What kind of message it is: a whole number from 0 to 4294967295. */
  readonly type: number
  /** A view of what was received, valid for as long as that is; of a `Buffer` it is a `Buffer`. */
  readonly payload: Uint8Array
}

/** @public */
export interface FrameCodecOptions {
  /** Whether the type's lowest byte comes first, as .NET's `BitConverter` writes it. @defaultValue false */
  readonly littleEndian?: boolean
  /**
   * The longest frame, in bytes with its header, that `encodeScratch` writes into the reused buffer. A longer one gets
   * a buffer of its own, so that one large message does not hold memory for ever. @defaultValue 65536
   */
  readonly scratchBytes?: number
}

/** A frame without a check of its type: the pieces of large messages have types that applications may not use. */
export function encodeFrame(type: number, payload: Uint8Array, littleEndian: boolean): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + payload.length)
  frame.set(payload, HEADER_BYTES)
  writeUint32(frame, 0, type, littleEndian)
  return frame
}

function checkType(type: number): void {
  if (type >>> 0 !== type || type >>> 8 === RESERVED) {
    throw new HoldfastError('HF_BAD_TYPE', `${type} is no uint32 below 0xFFFFFF00`)
  }
}

/** The checks of options are made by hand here: the table that others use is as large as the rest of this codec. */
function wrong(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`Option ${name} must be ${expected}, not ${String(value)}`)
}

/**
 * Writes and reads binary messages: four bytes of type, then the payload as it is.
 *
 * @public
 */
export class FrameCodec {
  readonly #littleEndian: boolean
  readonly #scratchBytes: number
  /** The reused buffer. It grows with the frames that it is used for. */
  #scratch = new DataView(new ArrayBuffer(0))
  /** The part of it that the last frame took: frames of one length, the usual case, share one view. */
  #view = new Uint8Array(0)

  /** Throws a TypeError for an option that is unknown or wrong. */
  constructor(options: FrameCodecOptions = {}) {
    const { littleEndian = false, scratchBytes = 65_536, ...unknown } = options
    for (const name in unknown) throw new TypeError(`Unknown option ${name}`)
    if (typeof littleEndian !== 'boolean') throw wrong('littleEndian', 'a boolean', littleEndian)
    if (typeof scratchBytes !== 'number' || !(scratchBytes >= 0)) {
      throw wrong('scratchBytes', 'a number of at least 0', scratchBytes)
    }
    this.#littleEndian = littleEndian
    this.#scratchBytes = scratchBytes
  }

  /**
   * A frame in memory of its own.
   *
   * Throws a {@link HoldfastError} with `HF_BAD_TYPE` for a type that is no uint32 or that is reserved (from 0xFFFFFF00
   * up), and a TypeError for a payload that is no bytes.
   */
  encode(type: number, payload: BytesLike): Uint8Array {
    checkType(type)
    return encodeFrame(type, toBytes(payload), this.#littleEndian)
  }

  /**
   * As `encode`, but the frame is a view of a buffer that the next call writes over: several times as fast for small
   * frames. Only where the frame is read before that; `ws` with permessage-deflate, for one, reads it later.
   */
  encodeScratch(type: number, payload: BytesLike): Uint8Array {
    checkType(type)
    const bytes = toBytes(payload)
    const length = HEADER_BYTES + bytes.length
    let view = this.#view
    if (length !== view.length) {
      if (length > this.#scratchBytes) return encodeFrame(type, bytes, this.#littleEndian)
      view = this.#room(length)
    }
    // The payload goes first: it may be a view of this very scratch, even of the place where the header comes.
    view.set(bytes, HEADER_BYTES)
    this.#scratch.setUint32(0, type, this.#littleEndian)
    return view
  }

  /**
   * Reads a binary message, of any type. The payload is a view: nothing is copied.
   *
   * Throws a {@link HoldfastError} with `HF_BAD_FRAME` for a message that is shorter than its header, and a TypeError
   * for what is no bytes.
   */
  decode(data: BytesLike): Frame {
    const bytes = toBytes(data)
    if (bytes.length < HEADER_BYTES) {
      throw new HoldfastError('HF_BAD_FRAME', `A frame of ${bytes.length} bytes has no type`)
    }
    return { type: readUint32(bytes, 0, this.#littleEndian), payload: bytes.subarray(HEADER_BYTES) }
  }

  #room(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#scratch.byteLength) {
      this.#scratch = new DataView(new ArrayBuffer(Math.min(this.#scratchBytes, 2 * length)))
    }
    this.#view = new Uint8Array(this.#scratch.buffer, 0, length)
    return this.#view
  }
}
