import { utf8Length } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { Operation, WireMessage } from './dialect.ts'
import type { Envelope } from './envelope.ts'
import { envelopeCodec, envelopeText, payloadText } from './envelope-codec.ts'
import type { ResolvedEnvelopeOptions } from './envelope-options.ts'
import { FrameCodec } from './frame-codec.ts'
import type { Piece } from './piece.ts'
import { encodeAbort, encodePiece, PIECE_HEADER_BYTES } from './pieces.ts'
import { abortEnvelope, pieceEnvelope } from './text-pieces.ts'

type PieceOperation = Extract<Operation, { op: 'piece' }>

/** The largest numbers that a piece may carry: what any piece needs beside its data is at most what this one needs. */
const widest = (isText: boolean): Piece => ({
  id: '0123456789abcdef',
  index: 0xffffffff,
  total: 0xffffffff,
  bytes: 0xffffffff,
  isText,
  data: new Uint8Array(0),
})

/** Turns operations into wire messages, as the options say. */
export class EnvelopeEncoder {
  readonly #options: ResolvedEnvelopeOptions
  readonly #frames: FrameCodec

  constructor(options: ResolvedEnvelopeOptions) {
    this.#options = options
    this.#frames = new FrameCodec({ littleEndian: options.littleEndian })
  }

  encode(operation: Operation): WireMessage {
    switch (operation.op) {
      case 'message':
        return this.#write(envelopeOf(operation))
      case 'broadcast':
        return this.#send(envelopeOf(operation))
      case 'join':
        return this.#write({ type: 'join', room: checkRoom(operation.room), payload: operation.params })
      case 'leave':
        return this.#write({ type: 'leave', room: checkRoom(operation.room) })
      case 'pong':
        return this.#write({ type: 'pong' })
      case 'frame':
        return operation.transient
          ? this.#frames.encodeScratch(operation.type, operation.payload)
          : this.#frames.encode(operation.type, operation.payload)
      case 'piece':
        return this.#piece(operation)
      case 'abort':
        return this.#abort(operation)
      default:
        return this.#answer(operation)
    }
  }

  #answer(operation: Extract<Operation, { op: 'reply' | 'refuse' | 'cancel' }>): string {
    const { ref } = operation
    switch (operation.op) {
      case 'reply': {
        const { payload, more } = operation
        return this.#write({ type: '$reply', payload, id: ref, ref, more: more || undefined })
      }
      case 'refuse': {
        const { code, message, retryable, retryAfterMs, room } = operation.error
        const payload = { code, message, retryable, retryAfterMs }
        return this.#write({ type: 'error', room, payload, id: ref, ref })
      }
      case 'cancel':
        return this.#write({ type: '$cancel', ref })
    }
  }

  /** To a room, or straight to the server where there is none. */
  #send(envelope: Envelope): string {
    const { room } = envelope
    if (room === undefined || this.#options.rooms === 'type') return this.#write(envelope)
    // By hand: what is left of an object by `...` costs as much as all else here.
    const { type, payload, timestamp, id, ref, more } = envelope
    const inner = { type, room, payload, timestamp }
    const outer = { type: 'broadcast', room, id, ref, more }
    if (this.#options.codec !== envelopeCodec) {
      return this.#write({ ...outer, payload: { ...inner, payload: this.#content(inner.payload) } })
    }
    return envelopeText(outer, this.#quote(this.#write(inner)))
  }

  #write(envelope: Envelope): string {
    const { codec } = this.#options
    if (codec === envelopeCodec) return envelopeText(envelope, this.#quote(payloadText(envelope.payload)))
    return writeBy(codec, { ...envelope, payload: this.#content(envelope.payload) })
  }

  /** A payload as another codec than ours gets it. */
  #content(payload: unknown): unknown {
    return this.#options.payload === 'string' ? payloadText(payload) : payload
  }

  /** JSON that is to stand as a payload. */
  #quote(json: string | undefined): string | undefined {
    return json !== undefined && this.#options.payload === 'string' ? JSON.stringify(json) : json
  }

  #isTextForm(isText: boolean, room: string | undefined): boolean {
    const { pieces } = this.#options
    return room !== undefined || pieces === 'text' || (pieces === 'auto' && isText)
  }

  #piece({ piece, room }: PieceOperation): WireMessage {
    if (this.#isTextForm(piece.isText, room)) return this.#send(pieceEnvelope(piece, room))
    return encodePiece(piece, this.#options.littleEndian)
  }

  #abort({ id, room, isText }: Extract<Operation, { op: 'abort' }>): WireMessage {
    if (this.#isTextForm(isText, room)) return this.#send(abortEnvelope(id, room))
    return encodeAbort(id, this.#options.littleEndian)
  }

  largestPiece(limitBytes: number, isText: boolean, room: string | undefined): number {
    if (!this.#isTextForm(isText, room)) return Math.max(0, limitBytes - PIECE_HEADER_BYTES)
    const empty = this.#send(pieceEnvelope(widest(isText), room))
    // Base64 makes four characters of three bytes.
    return Math.max(0, Math.floor((limitBytes - utf8Length(empty)) / 4) * 3)
  }
}

/** The envelope of an operation, without what else the operation says. */
function envelopeOf({ type, room, payload, timestamp, id, ref, more }: Envelope): Envelope {
  if (typeof type !== 'string' || !/^[^$]/.test(type)) {
    throw new HoldfastError(
      'HF_BAD_TYPE',
      `A type is a string that is not empty and has no $ in front, not ${show(type)}`,
    )
  }
  // A server relays what it is given: an error from one client would fail the room of another.
  if (/^(error|p[io]ng|join|leave)$/.test(type)) {
    throw new HoldfastError('HF_BAD_TYPE', `The type ${type} is one of the protocol's own`)
  }
  return { type, room: room === undefined ? room : checkRoom(room), payload, timestamp, id, ref, more }
}

function checkRoom(room: string): string {
  if (typeof room === 'string' && room !== '') return room
  throw new HoldfastError('HF_INVALID', `The name of a room is a string that is not empty, not ${show(room)}`)
}

const show = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : typeof value)

/** What a codec of the application's throws, or answers, is its error in what it was given. */
function writeBy(codec: ResolvedEnvelopeOptions['codec'], envelope: Envelope): string {
  let text: unknown
  try {
    text = codec.encode(envelope)
  } catch (cause) {
    throw new HoldfastError('HF_INVALID', `The codec could not write a message of type "${envelope.type}"`, {
      cause,
    })
  }
  if (typeof text === 'string') return text
  throw new HoldfastError('HF_INVALID', `The codec must answer a string, not ${show(text)}`)
}
