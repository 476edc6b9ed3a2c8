import { HoldfastError } from '../base/errors.ts'
import { fromBase64, toBase64 } from './base64.ts'
import type { Envelope } from './envelope.ts'
import { fieldOf } from './envelope-guard.ts'
import type { Piece } from './piece.ts'
import { isPieceId } from './pieces.ts'

/** The envelope of a piece. What is said only of binary messages is left out for text, the usual case. */
export function pieceEnvelope(piece: Piece, room: string | undefined): Envelope {
  const { id, index, total, bytes, isText, data } = piece
  const payload = { id, index, total, bytes, binary: isText ? undefined : true, data: toBase64(data) }
  return { type: '$fragment', room, payload }
}

export const abortEnvelope = (id: string, room: string | undefined): Envelope => {
  return { type: '$abort', room, payload: { id } }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/**
 * The payload of a `$fragment`. Whether its numbers fit each other is for the reassembler to judge.
 *
 * Throws `HF_BAD_FRAGMENT` that names the field that is missing or wrong.
 */
export function readPiece(payload: unknown): Piece {
  const fields = objectOf(payload)
  const id = idOf(fields)
  const count = (name: string): number => {
    const value = fieldOf(fields, name)
    return isCount(value) ? value : wrong(name)
  }
  const encoded = fieldOf(fields, 'data')
  const data = (typeof encoded === 'string' ? fromBase64(encoded) : undefined) ?? wrong('data')
  const isText = fieldOf(fields, 'binary') !== true
  return { id, index: count('index'), total: count('total'), bytes: count('bytes'), isText, data }
}

/** The id in the payload of an `$abort`. Throws `HF_BAD_FRAGMENT` where there is none. */
export const readAbort = (payload: unknown): string => idOf(objectOf(payload))

const objectOf = (payload: unknown): object =>
  typeof payload === 'object' && payload !== null ? payload : wrong('payload')

function idOf(fields: object): string {
  const id = fieldOf(fields, 'id')
  return isPieceId(id) ? id : wrong('id')
}

function wrong(name: string): never {
  throw new HoldfastError('HF_BAD_FRAGMENT', `The ${name} of a piece is missing or wrong`)
}
