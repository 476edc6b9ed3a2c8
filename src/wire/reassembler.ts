import { HoldfastError } from '../base/errors.ts'
import { defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import type { Piece } from './piece.ts'
import { isPieceId } from './pieces.ts'

/**
 * How much may wait for the rest of its pieces. A message that does not fit is refused and told; what waits already is
 * never dropped for it, or else whoever sends pieces could make others' messages vanish.
 *
 * @public
 */
export interface ReassemblerOptions {
  /**
   * The most bytes of all messages that wait, each with its full length from its first piece on. The record of the
   * pieces that came takes up to an eighth more. @defaultValue 67108864 (64 MiB)
   */
  readonly maxBytes?: number
  /** The most messages that wait. @defaultValue 64 */
  readonly maxMessages?: number
  /** How long a message waits for another new piece, in milliseconds, before it is given up. @defaultValue 30000 */
  readonly maxAgeMs?: number
  /** How many of the last messages are remembered after their end, so that none is delivered twice. @defaultValue 256 */
  readonly rememberIds?: number
}

export type ResolvedReassemblerOptions = Required<ReassemblerOptions>

const rules: Rules<ResolvedReassemblerOptions> = {
  maxBytes: [67_108_864],
  maxMessages: [64],
  maxAgeMs: [30_000],
  rememberIds: [256],
}

export const reassemblerDefaults: ResolvedReassemblerOptions = /* @__PURE__ */ defaultsOf(rules)

export const resolveReassembler = (given: unknown, path = ''): ResolvedReassemblerOptions =>
  resolveOptions(rules, reassemblerDefaults, given, path)

/** How far a message is. */
export interface Progress {
  readonly id: string
  readonly isText: boolean
  readonly receivedBytes: number
  /** The length of the whole message. */
  readonly bytes: number
}

/** What a piece led to. */
export type Added =
  /** That was the last one. `data` is memory of its own; text is in UTF-8, not yet checked. */
  | { readonly is: 'complete'; readonly id: string; readonly isText: boolean; readonly data: Uint8Array }
  /** It has its place, others are missing. */
  | ({ readonly is: 'pending' } & Progress)
  /** It was there already, or its message is over: complete, or aborted. */
  | { readonly is: 'duplicate' }
  /** It lies, or there is no room for its message. */
  | { readonly is: 'refused'; readonly error: HoldfastError }

const DUPLICATE: Added = { is: 'duplicate' }

/** A message, some of whose pieces are here. */
interface Waiting {
  readonly id: string
  readonly isText: boolean
  readonly bytes: number
  readonly total: number
  readonly size: number
  readonly data: Uint8Array
  /** One bit for each piece that is here. */
  readonly bits: Uint8Array
  missing: number
  receivedBytes: number
  /** When the last new piece came. */
  at: number
}

/**
 * Puts messages together whose pieces come in any order, more than once, and between those of others. Holds no timer:
 * it says when something is due.
 *
 * The first piece of an id fixes what the others must agree with. Who of two that disagree lies cannot be known; but as
 * the first one stands, nobody who comes later can harm a message that is on its way. A liar would have to
 * know an id and be there before its owner's first piece: ids are drawn at random, and what a liar occupies is bounded,
 * and given up when it gets no new pieces.
 */
export class Reassembler {
  readonly #options: ResolvedReassemblerOptions
  readonly #waiting = new Map<string, Waiting>()
  /** The ids that are over, oldest first. */
  readonly #over = new Set<string>()
  /** Whose piece came last: most often the next one belongs to it too. */
  #last: Waiting | undefined
  #pendingBytes = 0
  /** Not later than the first of those that wait becomes too old: a new piece puts its message off, but not this. */
  #deadline = Infinity

  constructor(options: ResolvedReassemblerOptions = reassemblerDefaults) {
    this.#options = options
  }

  /** What the messages that wait take, each with its full length. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** How many messages wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** When to call `expire`; Infinity where nothing waits. It may come early, and is then put off by that call. */
  get deadline(): number {
    return this.#deadline
  }

  /** Takes one piece; `now` is in milliseconds. Throws nothing, whatever the piece says. The data is copied. */
  add(piece: Piece, now: number): Added {
    const { id, data } = piece
    const last = this.#last
    const known = last !== undefined && last.id === id ? last : this.#waiting.get(id)
    if (!known && this.#over.has(id)) return DUPLICATE
    const fault = known ? disagreement(piece, known) : this.#objection(piece)
    if (fault !== undefined) return refused(fault)
    const message = known ?? this.#begin(piece, now)
    if (!message) return refused('there is no memory for its message')
    this.#last = message
    return this.#place(message, piece.index, data, now)
  }

  /** Lets go of a message; the rest of its pieces are told as duplicates. Answers how far it was, if it waited. */
  abort(id: string): Progress | undefined {
    const message = this.#waiting.get(id)
    if (!message) return undefined
    this.#remove(message)
    this.#remember(id)
    return progressOf(message)
  }

  /** Gives up what got no new piece for too long, and answers how far each was. Such a message may begin anew. */
  expire(now: number): Progress[] {
    if (now < this.#deadline) return []
    const { maxAgeMs } = this.#options
    const expired: Progress[] = []
    let deadline = Infinity
    for (const message of this.#waiting.values()) {
      const due = message.at + maxAgeMs
      if (due > now) {
        deadline = Math.min(deadline, due)
        continue
      }
      this.#remove(message)
      expired.push(progressOf(message))
    }
    this.#deadline = deadline
    return expired
  }

  /** Forgets everything, also which messages were complete. */
  clear(): void {
    this.#waiting.clear()
    this.#over.clear()
    this.#last = undefined
    this.#pendingBytes = 0
    this.#deadline = Infinity
  }

  /** What speaks against the first piece of a message, if anything. */
  #objection(piece: Piece): string | undefined {
    const { maxMessages, maxBytes } = this.#options
    const lie = lieOf(piece)
    if (lie !== undefined) return lie
    if (this.#waiting.size >= maxMessages) return `${this.#waiting.size} messages wait already`
    if (this.#pendingBytes + piece.bytes > maxBytes) {
      return `its message of ${piece.bytes} bytes does not fit: ${this.#pendingBytes} of ${maxBytes} are taken`
    }
    return undefined
  }

  /** Makes room for the whole message at once, so that each piece is copied once. */
  #begin({ id, isText, bytes, total }: Piece, now: number): Waiting | undefined {
    let data: Uint8Array
    let bits: Uint8Array
    try {
      data = new Uint8Array(bytes)
      bits = new Uint8Array((total + 7) >>> 3)
    } catch {
      return undefined
    }
    const size = Math.ceil(bytes / total)
    const message = { id, isText, bytes, total, size, data, bits, missing: total, receivedBytes: 0, at: now }
    this.#waiting.set(id, message)
    this.#pendingBytes += bytes
    this.#deadline = Math.min(this.#deadline, now + this.#options.maxAgeMs)
    return message
  }

  #place(message: Waiting, index: number, data: Uint8Array, now: number): Added {
    const { bits, id, isText, bytes } = message
    const slot = index >>> 3
    const bit = 1 << (index & 7)
    const before = bits[slot] as number
    if (before & bit) return DUPLICATE
    bits[slot] = before | bit
    message.data.set(data, index * message.size)
    message.receivedBytes += data.length
    message.at = now
    if (--message.missing > 0) {
      return { is: 'pending', id, isText, receivedBytes: message.receivedBytes, bytes }
    }
    this.#remove(message)
    this.#remember(id)
    return { is: 'complete', id, isText, data: message.data }
  }

  #remove(message: Waiting): void {
    this.#waiting.delete(message.id)
    this.#pendingBytes -= message.bytes
    if (this.#last === message) this.#last = undefined
    if (this.#waiting.size === 0) this.#deadline = Infinity
  }

  #remember(id: string): void {
    this.#over.add(id)
    if (this.#over.size <= this.#options.rememberIds) return
    const [oldest] = this.#over
    this.#over.delete(oldest as string)
  }
}

function progressOf({ id, isText, receivedBytes, bytes }: Waiting): Progress {
  return { id, isText, receivedBytes, bytes }
}

/** What cannot be true of a piece, whatever its message is. */
function lieOf({ id, index, total, bytes, isText, data }: Piece): string | undefined {
  if (!isPieceId(id)) return 'its id is not 16 hexadecimal digits'
  if (typeof isText !== 'boolean') return 'it does not say whether it is text'
  if (!isCount(bytes)) return `its message cannot have ${show(bytes)} bytes`
  if (!isCount(total) || total > bytes) return `${bytes} bytes cannot be in ${show(total)} pieces`
  const size = Math.ceil(bytes / total)
  if (Math.ceil(bytes / size) !== total) return `${bytes} bytes are never cut into ${total} pieces`
  return misplacement(index, data, total, bytes, size)
}

/** What a piece says otherwise than the first piece of its message. */
function disagreement({ index, total, bytes, isText, data }: Piece, known: Waiting): string | undefined {
  if (total !== known.total) return `it says ${show(total)} pieces, the first one said ${known.total}`
  if (bytes !== known.bytes) return `it says ${show(bytes)} bytes, the first piece said ${known.bytes}`
  if (isText !== known.isText) return `it is ${isText ? '' : 'not '}text, unlike the first piece`
  return misplacement(index, data, total, bytes, known.size)
}

function misplacement(
  index: number,
  data: Uint8Array,
  total: number,
  bytes: number,
  size: number,
): string | undefined {
  if (!(Number.isInteger(index) && index >= 0 && index < total)) {
    return `there is no piece ${show(index)} of ${total}`
  }
  if (!(data instanceof Uint8Array)) return 'it has no bytes'
  const length = index === total - 1 ? bytes - index * size : size
  return data.length === length ? undefined : `it has ${data.length} bytes, its place has ${length}`
}

/** Lengths and counts go over the wire as uint32. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >>> 0 === value && value > 0
}

/** What a peer wrote is of any type and length. */
function show(value: unknown): string {
  return typeof value === 'number' ? `${value}` : typeof value
}

function refused(fault: string): Added {
  return { is: 'refused', error: new HoldfastError('HF_BAD_FRAGMENT', `A piece is refused: ${fault}`) }
}
