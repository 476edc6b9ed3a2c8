import type { HoldfastError } from '../base/errors.ts'
import type { InDoubtDetail } from '../core/events.ts'
import type { InboundMessage, PeerError } from '../wire/dialect.ts'
import type { RoomStatus } from './membership.ts'
import type { SendDropReason } from './receipt.ts'
import type { GapDetail } from './rooms.ts'
import type { Message } from './schemas.ts'
import type { SchemaIssue } from './standard-schema.ts'

/** A message that its schema refused. No handler got it. @public */
export interface InvalidDetail {
  readonly message: InboundMessage
  readonly issues: readonly SchemaIssue[]
  /** Where in the payload, one for each issue: `members.0.name`; empty for the payload itself. */
  readonly paths: readonly string[]
}

/** A message that will not be sent, by its type, its room and the reason. @public */
export interface SendDropDetail {
  /** Empty for what was sent past the client, through its socket. */
  readonly type: string | number
  readonly room: string | undefined
  readonly reason: SendDropReason
}

/** Messages were dropped because nobody read them in time. @public */
export interface OverrunDetail {
  /** Whose buffer was full: that of `delivery`, or the type that a `messages` loop reads. */
  readonly where: string | number
}

/** How far a message in pieces has come. @public */
export interface PieceProgress {
  readonly id: string
  readonly receivedBytes: number
  readonly bytes: number
  /** Drops what came, and tells the sender that the rest is not wanted. */
  abort(): void
}

/** A message in pieces that will not be completed. @public */
export interface PieceLoss {
  readonly id: string
  readonly receivedBytes: number
  readonly bytes: number
  /** The sender gave it up, or its pieces stayed away for too long. */
  readonly reason: 'aborted' | 'expired'
}

/** @public */
export interface RoomStatusDetail {
  readonly room: string
  readonly status: RoomStatus
  /** What the server said, where the room failed. */
  readonly error: PeerError | undefined
}

/**
 * What happens to a conversation. Its messages come to `client.on`: the two have names of their own, so that a
 * server cannot say by the type of a message that something happened here.
 *
 * @public
 */
export interface ClientEventMap {
  /** A message did not fit its schema. */
  invalid: InvalidDetail
  /** A message of a type that is in no map or, without a map, that nobody listens to. */
  unknown: Message
  /** A binary message of a type that nobody listens to. */
  unknownframe: { readonly type: number; readonly payload: Uint8Array }
  /** Text that is no envelope. */
  raw: { readonly text: string }
  /** What should have been a message, and is not: too long, too short, or a lie. */
  malformed: { readonly data: string | Uint8Array; readonly error: HoldfastError }
  /** An error of the server's that names no request and no room of ours. */
  error: PeerError
  /** After a reconnect: what may have been missed. Once, when all rooms are joined again. */
  gap: GapDetail
  /** The status of a room changed. */
  room: RoomStatusDetail
  /** A message will not be sent. */
  drop: SendDropDetail
  /** A link was lost, and with it the certainty about what was written last. */
  indoubt: InDoubtDetail
  overrun: OverrunDetail
  /** A piece of a large message came. */
  progress: PieceProgress
  /** A large message will not be completed. */
  incomplete: PieceLoss
}
