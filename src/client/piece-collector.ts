import { HoldfastError } from '../base/errors.ts'
import { decodeUtf8 } from '../wire/bytes.ts'
import type { Decoder } from '../wire/dialect.ts'
import type { Piece } from '../wire/piece.ts'
import type { ClientEventMap } from './client-events.ts'
import type { Fragmenter } from './fragments.ts'

/** What collecting asks of the client around it. */
export interface CollectorHost {
  now(): number
  setTimer(callback: () => void, ms: number): unknown
  clearTimer(handle: unknown): void
  tell<Name extends keyof ClientEventMap>(name: Name, event: ClientEventMap[Name]): void
  /** What reads messages on this link. */
  readonly decoder: Decoder
  /** Tells the sender that the rest is not wanted. */
  refusePieces(piece: Piece): void
}

/** Puts large messages together, and tells of their progress and of those that come to nothing. */
export class PieceCollector {
  readonly #fragmenter: Fragmenter | undefined
  readonly #host: CollectorHost
  #timer: unknown
  /** Whether what is read was put together from pieces: a piece in it would be one within another, without end. */
  #isWithin = false

  constructor(fragmenter: Fragmenter | undefined, host: CollectorHost) {
    this.#fragmenter = fragmenter
    this.#host = host
  }

  take(piece: Piece, isRelayed: boolean): void {
    const fragmenter = this.#fragmenter
    if (!fragmenter || this.#isWithin) {
      const text = fragmenter
        ? 'A piece is no place for pieces'
        : 'A piece came, and the option fragments is not set'
      this.#malformed(piece.data, new HoldfastError('HF_BAD_FRAGMENT', text))
      return
    }
    const added = fragmenter.add(piece, isRelayed, this.#host.now())
    if (added.is === 'refused') this.#malformed(piece.data, added.error)
    if (added.is === 'pending') {
      this.#progress(piece, added.receivedBytes)
      this.#watch(fragmenter)
    }
    if (added.is !== 'complete') return
    this.#progress(piece, added.data.length)
    this.#read(added.data, added.isText, fragmenter.wasRelayed(added.id) || isRelayed)
  }

  #progress(piece: Piece, receivedBytes: number): void {
    const { id, bytes } = piece
    const abort = () => {
      if (this.#fragmenter?.abort(id)) this.#host.refusePieces(piece)
    }
    this.#host.tell('progress', { id, receivedBytes, bytes, abort })
  }

  #malformed(data: Uint8Array, error: HoldfastError): void {
    this.#host.tell('malformed', { data, error })
  }

  /** A whole message, as if it had come in one. */
  #read(data: Uint8Array, isText: boolean, isRelayed: boolean): void {
    const { decoder } = this.#host
    const text = isText ? decodeUtf8(data) : undefined
    this.#isWithin = true
    try {
      if (!isText) decoder.binary(data)
      else if (text !== undefined) decoder.text(text, isRelayed)
      else {
        const message = 'The pieces make no text: they are not UTF-8'
        this.#malformed(data, new HoldfastError('HF_BAD_FRAGMENT', message))
      }
    } finally {
      this.#isWithin = false
    }
  }

  /** The sender gives a message up. */
  abort(id: string): void {
    const lost = this.#fragmenter?.abort(id)
    if (lost) this.#host.tell('incomplete', { ...lost, reason: 'aborted' })
  }

  /** One timer gives up what nobody completes. */
  #watch(fragmenter: Fragmenter): void {
    this.#timer ??= this.#host.setTimer(
      () => {
        this.#timer = undefined
        this.#expire(fragmenter, this.#host.now())
        if (fragmenter.deadline < Infinity) this.#watch(fragmenter)
      },
      Math.max(fragmenter.deadline - this.#host.now(), 0),
    )
  }

  #expire(fragmenter: Fragmenter, now: number): void {
    for (const lost of fragmenter.expire(now)) this.#host.tell('incomplete', { ...lost, reason: 'expired' })
  }

  /** Nothing more will come. */
  close(): void {
    this.#host.clearTimer(this.#timer)
    this.#timer = undefined
    if (this.#fragmenter) this.#expire(this.#fragmenter, Infinity)
  }
}
