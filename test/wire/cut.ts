import fc from 'fast-check'
import type { Piece } from '../../src/wire/piece.ts'
import { type CutMessage, pieceOf } from '../../src/wire/pieces.ts'

/** Any id of a message in pieces. */
export const anId: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

/** All pieces of a message, in order. */
export function piecesOf(cut: CutMessage): Piece[] {
  return Array.from({ length: cut.total }, (_, index) => pieceOf(cut, index))
}
