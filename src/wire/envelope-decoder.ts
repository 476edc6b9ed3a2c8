import { HoldfastError, isHoldfastError } from '../base/errors.ts'
import type { Decoder, InboundMessage, Inbox } from './dialect.ts'
import type { Envelope, EnvelopeCodec } from './envelope.ts'
import { envelopeCodec } from './envelope-codec.ts'
import { fieldOf, toEnvelope } from './envelope-guard.ts'
import type { ResolvedEnvelopeOptions } from './envelope-options.ts'
import { FrameReader, tellPiece } from './frame-reader.ts'
import { asName, readPeerError } from './peer-error.ts'
import { readAbort, readPiece } from './text-pieces.ts'
import { readWelcome } from './welcome.ts'

const DOLLAR = 36
const BRACKET = 91

/** What cannot be told from anything that JSON has. */
const NOTHING = Symbol('nothing')

/** Reads envelopes and frames. A message that is in order is handed on as `JSON.parse` made it. */
export class EnvelopeDecoder implements Decoder {
  readonly #codec: EnvelopeCodec
  readonly #inbox: Inbox
  readonly #frames: FrameReader
  readonly #isStandard: boolean
  // Options that each message asks for: resolved options inherit their defaults, and to look those up takes time.
  readonly #maxTextLength: number
  readonly #isBatching: boolean
  readonly #hasStrings: boolean
  readonly #replyField: string

  constructor(options: ResolvedEnvelopeOptions, inbox: Inbox) {
    this.#codec = options.codec
    this.#inbox = inbox
    this.#frames = new FrameReader(options.littleEndian, inbox)
    this.#isStandard = options.codec === envelopeCodec
    this.#maxTextLength = options.maxTextLength
    this.#isBatching = options.batch
    this.#hasStrings = options.payload === 'string'
    this.#replyField = options.replyField
  }

  text(text: string, isRelayed = false): void {
    if (text.length > this.#maxTextLength) {
      const message = `A text of ${text.length} UTF-16 units is longer than maxTextLength (${this.#maxTextLength})`
      this.#inbox.malformed(text, new HoldfastError('HF_TOO_LARGE', message))
    } else if (this.#isBatching && text.charCodeAt(0) === BRACKET) this.#batch(text)
    else this.#read(text, isRelayed)
  }

  binary(bytes: Uint8Array): void {
    this.#frames.read(bytes)
  }

  #read(text: string, isRelayed: boolean): void {
    if (this.#isStandard) {
      const source = parse(text)
      if (source === NOTHING) this.#inbox.raw(text)
      else this.#accept(source, text, isRelayed)
    } else this.#decode(text, isRelayed)
  }

  /** By a codec of the application's. */
  #decode(text: string, isRelayed: boolean): void {
    let source: unknown
    try {
      source = this.#codec.decode(text)
    } catch (error) {
      if (isHoldfastError(error)) this.#inbox.malformed(text, error)
      else this.#inbox.raw(text)
      return
    }
    this.#accept(source, text, isRelayed)
  }

  /** Several envelopes in a JSON array. Each is read as if it had come alone. */
  #batch(text: string): void {
    const items = parse(text)
    if (!Array.isArray(items) || items.length === 0) this.#inbox.raw(text)
    else if (this.#isStandard) for (const item of items as unknown[]) this.#accept(item, undefined, false)
    else for (const item of items as unknown[]) this.#read(textOf(item), false)
  }

  /** `text` is what was read; one of a batch has none of its own, and gets it where it must be shown. */
  #accept(source: unknown, text: string | undefined, isRelayed: boolean): void {
    const envelope = guarded(source)
    if (envelope === undefined) this.#inbox.raw(text ?? textOf(source))
    else if (envelope instanceof HoldfastError) this.#inbox.malformed(text ?? textOf(source), envelope)
    else if (isRelayed && envelope.type !== 'broadcast')
      this.#relay(envelope, undefined, source as object, text)
    else this.#take(envelope, source as object, text)
  }

  #take(envelope: Envelope, source: object, text: string | undefined): void {
    const { type } = envelope
    const opened = typeof envelope.payload === 'string' ? this.#opened(envelope) : envelope
    if (type.charCodeAt(0) === DOLLAR) this.#control(opened, source, text)
    else if (type === 'broadcast') this.#broadcast(opened, source, text)
    else if (type === 'error') this.#inbox.error(readPeerError(this.#named(opened, source), source))
    // A ping with an id is another client's, relayed.
    else if (type === 'ping' && envelope.id === undefined) this.#inbox.ping()
    else this.#inbox.message(this.#named(opened, source))
  }

  /** With a payload that was written as a string, as the option says. */
  #opened(envelope: Envelope): Envelope {
    if (!this.#hasStrings) return envelope
    const payload = parse(envelope.payload as string)
    return payload === NOTHING ? envelope : this.#with(envelope, 'payload', payload)
  }

  /** With the request that it may answer as its `ref`, whatever the field is called on the wire. */
  #named(envelope: Envelope, source: object): InboundMessage {
    if (envelope.ref !== undefined) return envelope
    const ref = this.#replyField === 'id' ? envelope.id : asName(fieldOf(source, this.#replyField))
    return ref === undefined ? envelope : this.#with(envelope, 'ref', ref)
  }

  /** What we parsed is ours to change, which takes a tenth of the time of a copy; what a codec made may be frozen. */
  #with(envelope: Envelope, name: 'payload' | 'ref', value: unknown): Envelope {
    if (!this.#isStandard) return { ...envelope, [name]: value }
    ;(envelope as unknown as { [name: string]: unknown })[name] = value
    return envelope
  }

  /** The types that are the protocol's own. One that is not known here is the application's to hear of. */
  #control(envelope: Envelope, source: object, text: string | undefined): void {
    const { type, payload, ref = envelope.id } = envelope
    if (type === '$fragment' || type === '$abort') this.#piece(envelope, source, text)
    else if (type === '$welcome') this.#inbox.announce(readWelcome(payload))
    else if (type !== '$cancel') this.#inbox.message(this.#named(envelope, source))
    else if (ref !== undefined) this.#inbox.cancel(ref)
    else {
      const error = new HoldfastError('HF_INVALID', 'A $cancel must have a ref')
      this.#inbox.malformed(text ?? textOf(source), error)
    }
  }

  /**
   * What is relayed comes from another client. It can be a message or a piece of one; it cannot speak for the server, so
   * an `error` or `$welcome` in it is a mere message, and it neither asks nor answers requests.
   */
  #broadcast(outer: Envelope, source: object, text: string | undefined): void {
    const found = guarded(outer.payload)
    if (found === undefined || found instanceof HoldfastError) {
      // A payload that is no envelope, or one that is not in order, is a payload like any other.
      this.#inbox.message(this.#named(outer, source))
      return
    }
    this.#relay(found, outer, source, text)
  }

  #relay(found: Envelope, outer: Envelope | undefined, source: object, text: string | undefined): void {
    const inner = typeof found.payload === 'string' ? this.#opened(found) : found
    const { type, room = outer?.room, payload, timestamp = outer?.timestamp } = inner
    if (type === '$fragment' || type === '$abort') this.#piece(inner, source, text, true)
    else this.#inbox.message({ type, room, payload, timestamp })
  }

  #piece({ type, payload }: Envelope, source: object, text: string | undefined, isRelayed = false): void {
    const read = () => (type === '$abort' ? readAbort(payload) : readPiece(payload))
    const fault = tellPiece(this.#inbox, read, isRelayed)
    if (fault) this.#inbox.malformed(text ?? textOf(source), fault)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return NOTHING
  }
}

/** The envelope, or what is wrong with it. */
function guarded(source: unknown): Envelope | HoldfastError | undefined {
  try {
    return toEnvelope(source)
  } catch (error) {
    return error as HoldfastError
  }
}

/** One message of a batch as text. What is nested deeper than the engine can write is cut short. */
function textOf(source: unknown): string {
  try {
    return JSON.stringify(source)
  } catch {
    return Array.isArray(source) ? '[…]' : '{…}'
  }
}
