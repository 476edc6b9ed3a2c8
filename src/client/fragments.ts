import type { SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import { type Rules, resolveOptions } from '../base/options.ts'
import { encodeUtf8 } from '../wire/bytes.ts'
import type { Dialect, WireMessage } from '../wire/dialect.ts'
import type { Piece } from '../wire/piece.ts'
import { cutMessage, drawId, pieceOf } from '../wire/pieces.ts'
import {
  type Added,
  Reassembler,
  type ReassemblerOptions,
  reassemblerDefaults,
  resolveReassembler,
} from '../wire/reassembler.ts'
import type { Parts } from './outgoing.ts'

/**
 * How large messages go in pieces, and how many may wait to be put together.
 *
 * @public
 */
export interface FragmentOptions extends ReassemblerOptions {
  /** The most bytes of one wire message that carries a piece; less where the peer takes less. @defaultValue 16384 (16 KiB) */
  readonly maxPieceBytes?: number
  /** Messages of more bytes go in pieces; so do all that are larger than the peer takes. @defaultValue 65536 (64 KiB) */
  readonly aboveBytes?: number
}

/**
 * Pieces for large messages, to give as the option `fragments`. It is imported, so that a page that sends no large
 * messages loads none of it.
 *
 * @public
 */
export interface FragmentSource {
  /** Called once by each client; what goes in and out is internal. */
  start(): unknown
}

type Resolved = Required<FragmentOptions>

const rules: Rules<Omit<Resolved, keyof ReassemblerOptions>> = {
  maxPieceBytes: [16_384, 256],
  aboveBytes: [65_536],
}

const defaults: Omit<Resolved, keyof ReassemblerOptions> = { maxPieceBytes: 16_384, aboveBytes: 65_536 }

/**
 * Lets messages that are larger than the peer takes, or than `aboveBytes`, go in pieces, so that others pass between
 * them; and puts together what arrives in pieces. The peer, or whoever a plain server relays to, must know pieces too.
 *
 * @throws TypeError or RangeError that names the option that is wrong.
 *
 * @public
 */
export function fragments(options: FragmentOptions = {}): FragmentSource {
  const { maxPieceBytes, aboveBytes, ...rest } = options
  const cutting = resolveOptions(rules, defaults, { maxPieceBytes, aboveBytes }, 'fragments.')
  const joining = Object.assign({}, reassemblerDefaults, resolveReassembler(rest, 'fragments.'))
  return { start: () => new Fragmenter({ ...defaults, ...cutting, ...joining }) }
}

/** Cuts what is too large, and joins what comes in pieces. */
export class Fragmenter {
  readonly #options: Resolved
  readonly #reassembler: Reassembler
  /** Messages of which another client sent pieces: it must not speak for the server. */
  readonly #relayed = new Set<string>()

  constructor(options: Resolved) {
    this.#options = options
    this.#reassembler = new Reassembler(options)
  }

  get aboveBytes(): number {
    return this.#options.aboveBytes
  }

  get deadline(): number {
    return this.#reassembler.deadline
  }

  /** The pieces of a message, made as they are written. */
  cut(
    data: string | Uint8Array,
    dialect: Dialect,
    limitBytes: number,
    room: string | undefined,
    random: () => number,
  ): Parts {
    const isText = typeof data === 'string'
    const limit = Math.min(limitBytes, this.#options.maxPieceBytes)
    const largest = dialect.largestPiece?.(limit, isText, room) ?? 0
    if (largest <= 0) {
      throw new HoldfastError('HF_TOO_LARGE', `No piece of a message fits into ${limit} bytes`)
    }
    const bytes = isText ? encodeUtf8(data) : data
    const message = cutMessage(drawId(random), bytes, isText, largest)
    return {
      largestBytes: limit,
      // Receivers hold pieces of one name to one cut.
      recut: (smaller) => this.cut(data, dialect, smaller, room, random),
      total: message.total,
      bytes: bytes.length,
      id: message.id,
      part: (index) => one(dialect.encode({ op: 'piece', piece: pieceOf(message, index), room })),
      abort: () => one(dialect.encode({ op: 'abort', id: message.id, room, isText })),
    }
  }

  add(piece: Piece, isRelayed: boolean, now: number): Added {
    const added = this.#reassembler.add(piece, now)
    if (isRelayed && added.is === 'pending') this.#relayed.add(piece.id)
    return added
  }

  /** Whether any piece of a message came from another client. Forgets it. */
  wasRelayed(id: string): boolean {
    return this.#relayed.delete(id)
  }

  abort(id: string): ReturnType<Reassembler['abort']> {
    this.#relayed.delete(id)
    return this.#reassembler.abort(id)
  }

  expire(now: number): ReturnType<Reassembler['expire']> {
    const expired = this.#reassembler.expire(now)
    for (const { id } of expired) this.#relayed.delete(id)
    return expired
  }
}

/** What is one wire message in every dialect that has it. */
export function one(encoded: WireMessage | readonly WireMessage[]): SocketData {
  if (typeof encoded === 'string' || encoded instanceof Uint8Array) return encoded as SocketData
  throw new TypeError('A dialect must write a piece, an abort and an empty frame as one message')
}
