import type { Random } from '../base/clock.ts'
import { HoldfastError } from '../base/errors.ts'
import { readUint32, writeUint32 } from './bytes.ts'
import type { Piece } from './piece.ts'

/** The types of the frames that carry pieces: of a binary message, of a text message, and the word that no more come. */
export const BINARY_PIECE = 0xffffff01
export const TEXT_PIECE = 0xffffff02
export const ABORT = 0xffffff03

/** What a piece takes beside its data: the frame's type, the id, index, total and bytes. */
export const PIECE_HEADER_BYTES = 24

const TYPE_BYTES = 4
const ID_BYTES = 8
/** What stands before the data in a frame's payload. */
const BODY_AT = 20
const MAX_UINT32 = 0xffffffff

/** A message that is to go in pieces. The pieces themselves are made when their turn comes. */
export interface CutMessage {
  readonly id: string
  readonly isText: boolean
  readonly data: Uint8Array
  /** How many pieces there are. */
  readonly total: number
  /** The length of each piece but the last, which may be shorter. */
  readonly size: number
}

/**
 * Cuts a message into equal pieces of at most `maxPieceBytes`, headers not counted. A message that is cut anew in
 * another way needs another id: receivers hold pieces of one id to one cut.
 *
 * Throws a RangeError for a piece length that is no whole number from 1 on and for an empty message, which needs no
 * pieces; a {@link HoldfastError} with `HF_TOO_LARGE` for a message of 4 GiB or more, whose length no piece can tell.
 */
export function cutMessage(id: string, data: Uint8Array, isText: boolean, maxPieceBytes: number): CutMessage {
  const bytes = data.length
  if (!Number.isInteger(maxPieceBytes) || maxPieceBytes < 1) {
    throw new RangeError(`The length of a piece must be a whole number of at least 1, not ${maxPieceBytes}`)
  }
  if (bytes === 0) throw new RangeError('An empty message cannot be cut')
  if (bytes > MAX_UINT32) throw new HoldfastError('HF_TOO_LARGE', `${bytes} bytes are too many for pieces`)
  const total = Math.ceil(bytes / maxPieceBytes)
  return { id, isText, data, total, size: Math.ceil(bytes / total) }
}

/** One piece, its data a view of the message. Throws a RangeError where there is no such piece. */
export function pieceOf({ id, isText, data, total, size }: CutMessage, index: number): Piece {
  if (!(Number.isInteger(index) && index >= 0 && index < total)) {
    throw new RangeError(`There is no piece ${index} of ${total}`)
  }
  const start = index * size
  return { id, index, total, bytes: data.length, isText, data: data.subarray(start, start + size) }
}

/** A piece as a binary message. */
export function encodePiece(piece: Piece, littleEndian = false): Uint8Array {
  const message = new Uint8Array(PIECE_HEADER_BYTES + piece.data.length)
  writeUint32(message, 0, piece.isText ? TEXT_PIECE : BINARY_PIECE, littleEndian)
  writeId(message, piece.id)
  writeUint32(message, 12, piece.index, littleEndian)
  writeUint32(message, 16, piece.total, littleEndian)
  writeUint32(message, 20, piece.bytes, littleEndian)
  message.set(piece.data, PIECE_HEADER_BYTES)
  return message
}

/** The word that no more pieces of a message come, or are wanted, as a binary message. */
export function encodeAbort(id: string, littleEndian = false): Uint8Array {
  const message = new Uint8Array(TYPE_BYTES + ID_BYTES)
  writeUint32(message, 0, ABORT, littleEndian)
  writeId(message, id)
  return message
}

/** An id for a message in pieces: 16 hexadecimal digits. */
export function drawId(random: Random): string {
  const half = () => hex(Math.floor(random() * 2 ** 32))
  return half() + half()
}

/** Whether this may name a message in pieces. */
export function isPieceId(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{16}$/.test(value)
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0')
}

/** An id is eight bytes in the order in which its digits stand, whatever the order of the numbers. */
function writeId(message: Uint8Array, id: string): void {
  if (!isPieceId(id))
    throw new TypeError(`The id of a piece must be 16 hexadecimal digits, not ${String(id)}`)
  writeUint32(message, TYPE_BYTES, Number.parseInt(id.slice(0, 8), 16), false)
  writeUint32(message, TYPE_BYTES + 4, Number.parseInt(id.slice(8), 16), false)
}

/**
 * The piece in a frame of type `BINARY_PIECE` or `TEXT_PIECE`, its data a view of the payload. Whether it is true is
 * for the `Reassembler` to find out. Throws a {@link HoldfastError} with `HF_BAD_FRAGMENT` where the header is cut off.
 */
export function decodePiece(type: number, payload: Uint8Array, littleEndian = false): Piece {
  checkLength(payload, BODY_AT)
  return {
    id: readId(payload),
    index: readUint32(payload, 8, littleEndian),
    total: readUint32(payload, 12, littleEndian),
    bytes: readUint32(payload, 16, littleEndian),
    isText: type === TEXT_PIECE,
    data: payload.subarray(BODY_AT),
  }
}

/** The id in a frame of type `ABORT`; what may stand after it is passed over. Throws as `decodePiece` does. */
export function decodeAbort(payload: Uint8Array): string {
  checkLength(payload, ID_BYTES)
  return readId(payload)
}

function checkLength(payload: Uint8Array, least: number): void {
  if (payload.length >= least) return
  const lengths = `${TYPE_BYTES + payload.length} bytes, less than the ${TYPE_BYTES + least} of its header`
  throw new HoldfastError('HF_BAD_FRAGMENT', `A piece has ${lengths}`)
}

/**
 * The id that was read last, as numbers and as text. The pieces of one message tend to follow each other, and to make the
 * same text again would cost more than all else that is done for a small piece. Nothing but speed depends on it.
 */
let lastHigh = 0
let lastLow = 0
let lastId = '0000000000000000'

function readId(payload: Uint8Array): string {
  const high = readUint32(payload, 0, false)
  const low = readUint32(payload, 4, false)
  if (high !== lastHigh || low !== lastLow) {
    lastHigh = high
    lastLow = low
    lastId = hex(high) + hex(low)
  }
  return lastId
}
