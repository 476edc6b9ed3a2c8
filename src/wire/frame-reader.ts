import { HoldfastError } from '../base/errors.ts'
import { readUint32 } from './bytes.ts'
import type { Inbox } from './dialect.ts'
import type { Piece } from './piece.ts'
import { ABORT, BINARY_PIECE, decodeAbort, decodePiece, TEXT_PIECE } from './pieces.ts'

const HEADER_BYTES = 4

/** From here up the types are the protocol's own. */
const FIRST_RESERVED_TYPE = 0xffffff00

/** Reads binary messages. What it hands on are views of what was received. */
export class FrameReader {
  readonly #littleEndian: boolean
  readonly #inbox: Inbox

  constructor(littleEndian: boolean, inbox: Inbox) {
    this.#littleEndian = littleEndian
    this.#inbox = inbox
  }

  read(bytes: Uint8Array): void {
    if (bytes.length < HEADER_BYTES) {
      const message = `A frame has at least 4 bytes, this one has ${bytes.length}`
      this.#inbox.malformed(bytes, new HoldfastError('HF_BAD_FRAME', message))
      return
    }
    const type = readUint32(bytes, 0, this.#littleEndian)
    const payload = bytes.subarray(HEADER_BYTES)
    if (type < FIRST_RESERVED_TYPE) {
      this.#inbox.frame(type, payload)
      return
    }
    const fault = tellPiece(this.#inbox, () => this.#open(type, payload))
    if (fault) this.#inbox.malformed(bytes, fault)
  }

  /** A piece, or the id of an abort. */
  #open(type: number, payload: Uint8Array): Piece | string {
    if (type === BINARY_PIECE || type === TEXT_PIECE) return decodePiece(type, payload, this.#littleEndian)
    if (type === ABORT) return decodeAbort(payload)
    throw new HoldfastError('HF_BAD_TYPE', `The type 0x${type.toString(16)} is reserved, and not known here`)
  }
}

/** Reads a piece, or the id of an abort, and tells the inbox. Answers what is wrong where it could not be read. */
export function tellPiece(
  inbox: Inbox,
  read: () => Piece | string,
  isRelayed = false,
): HoldfastError | undefined {
  let found: Piece | string
  try {
    found = read()
  } catch (error) {
    return error as HoldfastError
  }
  if (typeof found === 'string') inbox.abort(found)
  else if (isRelayed) inbox.piece(found, true)
  else inbox.piece(found)
  return undefined
}
