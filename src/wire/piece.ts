/**
 * One piece of a message that is larger than the peer takes at once. Every piece says enough to place it: with
 * `size = ceil(bytes / total)`, piece `index` holds the bytes from `index * size` up to, at most, `bytes`. So pieces
 * may come in any order, and a length that does not fit is a lie that shows at once.
 *
 * @public
 */
export interface Piece {
  /** Names the message: 16 hexadecimal digits, unique among all whose pieces one receiver may see. */
  readonly id: string
  /** Counted from 0. */
  readonly index: number
  readonly total: number
  /** The length of the whole message. */
  readonly bytes: number
  /** Whether the message is text, in UTF-8. */
  readonly isText: boolean
  readonly data: Uint8Array
}
