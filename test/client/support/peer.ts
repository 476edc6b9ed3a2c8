import type { HoldfastError } from '../../../src/base/errors.ts'
import type { InboundMessage, Inbox, PeerError } from '../../../src/wire/dialect.ts'
import { envelopeDialect } from '../../../src/wire/envelope-dialect.ts'
import type { EnvelopeDialectOptions } from '../../../src/wire/envelope-options.ts'
import type { Piece } from '../../../src/wire/piece.ts'
import { Reassembler } from '../../../src/wire/reassembler.ts'
import type { FakeLink } from './fake-client.ts'

/** What a peer made of what was written to it. */
export type Heard =
  | { readonly is: 'join' | 'leave'; readonly room: string; readonly payload?: unknown }
  | {
      readonly is: 'message'
      readonly type: string
      readonly room: string | undefined
      readonly payload: unknown
    }
  | { readonly is: 'frame'; readonly type: number; readonly bytes: Uint8Array }
  | { readonly is: 'piece'; readonly id: string; readonly index: number; readonly total: number }
  | { readonly is: 'abort'; readonly id: string }
  /** Its own word: a room is refused. */
  | { readonly is: 'refused'; readonly room: string }

/** Reads what a client writes on one link, as a server that knows the whole protocol would. */
export class Peer implements Inbox {
  readonly heard: Heard[] = []
  readonly link: FakeLink
  readonly #dialect: EnvelopeDialectOptions
  readonly #reassembler = new Reassembler()
  #read = 0

  constructor(link: FakeLink, dialect: EnvelopeDialectOptions = {}) {
    this.link = link
    this.#dialect = dialect
  }

  /** Tells that a room is refused; whoever was in it is not any more. */
  refuse(room: string, payload: object): void {
    this.listen().push({ is: 'refused', room })
    this.link.receive({ type: 'error', room, payload })
  }

  /** Reads on; answers all that was heard so far. */
  listen(): Heard[] {
    const decoder = envelopeDialect(this.#dialect).decoder(this)
    for (; this.#read < this.link.sent.length; this.#read++) {
      const data = this.link.sent[this.#read]
      if (typeof data === 'string') decoder.text(data)
      else if (data instanceof Uint8Array) decoder.binary(data)
      else if (data instanceof ArrayBuffer) decoder.binary(new Uint8Array(data))
      else throw new Error('A blob cannot be read at once')
    }
    return this.heard
  }

  message({ type, room, payload }: InboundMessage): void {
    if (type === 'join' || type === 'leave') this.heard.push({ is: type, room: String(room), payload })
    else this.heard.push({ is: 'message', type, room, payload })
  }

  frame(type: number, payload: Uint8Array): void {
    this.heard.push({ is: 'frame', type, bytes: payload })
  }

  piece(piece: Piece): void {
    const { id, index, total } = piece
    this.heard.push({ is: 'piece', id, index, total })
    const added = this.#reassembler.add(piece, 0)
    if (added.is === 'refused') throw added.error
    if (added.is === 'duplicate') throw new Error(`Piece ${index} of ${id} was written twice on one link`)
    if (added.is !== 'complete') return
    const decoder = envelopeDialect(this.#dialect).decoder(this)
    if (added.isText) decoder.text(new TextDecoder('utf-8', { fatal: true }).decode(added.data))
    else decoder.binary(added.data)
  }

  abort(id: string): void {
    this.heard.push({ is: 'abort', id })
    this.#reassembler.abort(id)
  }

  error(error: PeerError): void {
    throw new Error(`The client wrote an error: ${error.message}`)
  }

  cancel(ref: string): void {
    throw new Error(`The client cancelled ${ref}`)
  }

  announce(): void {
    throw new Error('The client wrote a welcome')
  }

  ping(): void {}

  raw(text: string): void {
    throw new Error(`The client wrote what is no envelope: ${text}`)
  }

  malformed(_data: unknown, error: HoldfastError): void {
    throw error
  }
}
