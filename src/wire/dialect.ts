import type { HoldfastError } from '../base/errors.ts'
import type { Envelope } from './envelope.ts'
import type { PeerLimits } from './limits.ts'
import type { Piece } from './piece.ts'
import type { Position } from './position.ts'

/** What goes over the wire as one WebSocket message. @public */
export type WireMessage = string | Uint8Array

/**
 * What a client wants said.
 *
 * @public
 */
export type Operation =
  /** To the server; with an `id` it is a request. */
  | ({ readonly op: 'message' } & Envelope)
  /** To all in a room. */
  | ({ readonly op: 'broadcast'; readonly room: string } & Envelope)
  | { readonly op: 'join'; readonly room: string; readonly params?: unknown; readonly position?: Position }
  | { readonly op: 'leave'; readonly room: string }
  /** The answer to a request of the peer's. */
  | { readonly op: 'reply'; readonly ref: string; readonly payload?: unknown; readonly more?: boolean }
  | { readonly op: 'refuse'; readonly ref: string; readonly error: PeerError }
  /** The reply to our request `ref` is not wanted any more. */
  | { readonly op: 'cancel'; readonly ref: string }
  /** Bytes under a uint32 type. What is `transient` is written before the next call, so that a buffer can be used again. */
  | {
      readonly op: 'frame'
      readonly type: number
      readonly payload: Uint8Array
      readonly transient?: boolean
    }
  | { readonly op: 'piece'; readonly piece: Piece; readonly room?: string | undefined }
  /** The answer to a ping of the peer's. */
  | { readonly op: 'pong' }
  /** The rest of a message in pieces will not come, or is not wanted. */
  | {
      readonly op: 'abort'
      readonly id: string
      readonly room?: string | undefined
      /** Whether the message is text, as its pieces said. */
      readonly isText: boolean
    }

/** A message as it arrived, its payload not yet checked. @public */
export interface InboundMessage extends Envelope {
  readonly position?: Position | undefined
}

/**
 * What a peer says went wrong.
 *
 * @public
 */
export interface PeerError {
  /** The peer's own name for it. */
  readonly code: string
  readonly message: string
  /** Whether the same may succeed later. */
  readonly retryable: boolean
  /** The request it answers. */
  readonly ref?: string | undefined
  /** The room it concerns. */
  readonly room?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** What a decoder makes of what arrives: it calls one of these for each thing said. @public */
export interface Inbox {
  message(message: InboundMessage): void
  error(error: PeerError): void
  /** The peer does not want the reply to its request `ref` any more. */
  cancel(ref: string): void
  /** `payload` is a view of what was received. */
  frame(type: number, payload: Uint8Array): void
  /** `isRelayed` where another client sent it, through the server. */
  piece(piece: Piece, isRelayed?: boolean): void
  abort(id: string): void
  /** The peer wants a sign of life. */
  ping(): void
  /** The peer tells what it takes. */
  announce(limits: PeerLimits): void
  /** Text that is no message of this dialect. */
  raw(text: string): void
  /** What should have been a message, and is not: too long, too short, or a lie. */
  malformed(data: string | Uint8Array, error: HoldfastError): void
}

/** Reads what arrives on one link. Never throws: what cannot be read is `raw` or `malformed`. @public */
export interface Decoder {
  /** What is `relayed` comes from another client: it can be a message, but never speak for the server. */
  text(text: string, isRelayed?: boolean): void
  binary(bytes: Uint8Array): void
}

/**
 * The pure translation between what a client wants said and heard, and one wire convention.
 *
 * @public
 */
export interface Dialect {
  /** What to write for an operation: one message, or several that must follow each other directly. */
  encode(operation: Operation): WireMessage | readonly WireMessage[]
  /** A new link: a fresh decoder, because half a message from a lost link is worth nothing. */
  decoder(inbox: Inbox): Decoder
  /**
   * The most data, in bytes, that one piece may hold so that its message takes at most `limitBytes`; 0 where not even an
   * empty one fits. A dialect without it has no pieces.
   */
  largestPiece?(limitBytes: number, isText: boolean, room?: string): number
  /** Several encoded texts as one. A dialect without it has no batches. */
  encodeBatch?(texts: readonly string[]): string
}
