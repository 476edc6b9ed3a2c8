import * as z from 'zod/mini'
import { type EnvelopeOutput, type EnvelopeSchema, envelopeOf } from './envelope.ts'

/**
 * What a peer says went wrong. Only `message` is always there.
 *
 * @public
 */
export interface ErrorPayload {
  code?: string | undefined
  message: string
  /** Whether the same may succeed later. */
  retryable?: boolean | undefined
  /** The request that it answers, where the envelope does not say it. */
  ref?: string | undefined
  /** The room that it concerns, where the envelope does not say it. */
  room?: string | undefined
  retryAfterMs?: number | undefined
}

/**
 * One piece of a large message, in its text form.
 *
 * @public
 */
export interface FragmentPayload {
  /** 16 hexadecimal digits in lower case. */
  id: string
  /** Counted from 0. */
  index: number
  total: number
  /** The length of the whole message. */
  bytes: number
  /** Whether the message is binary; else it is text in UTF-8. */
  binary?: boolean | undefined
  /** The bytes of the piece in base64. */
  data: string
}

/** @public */
export interface AbortPayload {
  id: string
}

/** @public */
export interface WelcomePayload {
  version?: number | undefined
  limits?: { maxMessageBytes?: number | undefined } | undefined
  features?: string[] | undefined
}

/**
 * An envelope that must name its room.
 *
 * @public
 */
export type RoomMessage<Type extends string> = EnvelopeSchema<Type>

/**
 * `$reply`, whose `ref` names the request.
 *
 * @public
 */
export type ReplyMessage = z.ZodMiniType<EnvelopeOutput<'$reply'> & { ref: string }>

/**
 * `$cancel`, whose `ref` names the request.
 *
 * @public
 */
export type CancelMessage = z.ZodMiniType<EnvelopeOutput<'$cancel'> & { ref: string }>

const anything = /* @__PURE__ */ z.optional(z.unknown())
const roomName = /* @__PURE__ */ z.string().check(z.minLength(1))
const count = /* @__PURE__ */ z.int().check(z.minimum(0))
const positive = /* @__PURE__ */ z.int().check(z.minimum(1))
const pieceId = /* @__PURE__ */ z.string().check(z.regex(/^[0-9a-f]{16}$/))

/** The client wants to be in a room. The payload is whatever the server wants to know for it. @public */
export const joinMessage: RoomMessage<'join'> = /* @__PURE__ */ envelopeOf('join', anything, roomName)

/** The client leaves a room. @public */
export const leaveMessage: RoomMessage<'leave'> = /* @__PURE__ */ envelopeOf('leave', anything, roomName)

/** To all in a room. The payload is usually an envelope itself. @public */
export const broadcastMessage: RoomMessage<'broadcast'> = /* @__PURE__ */ envelopeOf(
  'broadcast',
  anything,
  roomName,
)

/** @public */
export const pingMessage: EnvelopeSchema<'ping'> = /* @__PURE__ */ envelopeOf('ping', anything)

/** @public */
export const pongMessage: EnvelopeSchema<'pong'> = /* @__PURE__ */ envelopeOf('pong', anything)

/** Something went wrong. The payload may be the mere message. @public */
export const errorMessage: EnvelopeSchema<'error', ErrorPayload | string> = /* @__PURE__ */ envelopeOf(
  'error',
  z.union([
    z.string(),
    z.object({
      code: z.optional(z.string()),
      message: z.string(),
      retryable: z.optional(z.boolean()),
      ref: z.optional(z.string()),
      room: z.optional(z.string()),
      retryAfterMs: z.optional(z.number().check(z.minimum(0))),
    }),
  ]),
)

/** Refuses what does not name a request. */
const hasRef = (message: EnvelopeOutput): boolean => message.ref !== undefined

/** The client's answer to a request of the server's. @public */
export const replyMessage: ReplyMessage = /* @__PURE__ */ envelopeOf('$reply', anything).check(
  z.refine(hasRef, { path: ['ref'], error: 'names the request' }),
) as unknown as ReplyMessage

/** The reply to a request is not wanted any more. @public */
export const cancelMessage: CancelMessage = /* @__PURE__ */ envelopeOf('$cancel', anything).check(
  z.refine(hasRef, { path: ['ref'], error: 'names the request' }),
) as unknown as CancelMessage

/** One piece of a large message. @public */
export const fragmentMessage: EnvelopeSchema<'$fragment', FragmentPayload> = /* @__PURE__ */ envelopeOf(
  '$fragment',
  z.object({
    id: pieceId,
    index: count,
    total: positive,
    bytes: positive,
    binary: z.optional(z.boolean()),
    data: z.base64(),
  }),
)

/** The rest of a message in pieces will not come, or is not wanted. @public */
export const abortMessage: EnvelopeSchema<'$abort', AbortPayload> = /* @__PURE__ */ envelopeOf(
  '$abort',
  z.object({ id: pieceId }),
)

/** The server's first message, where it is one that announces itself. @public */
export const welcomeMessage: EnvelopeSchema<'$welcome', WelcomePayload> = /* @__PURE__ */ envelopeOf(
  '$welcome',
  z.object({
    version: z.optional(positive),
    limits: z.optional(z.object({ maxMessageBytes: z.optional(positive) })),
    features: z.optional(z.array(z.string())),
  }),
)

/**
 * Every reserved message by its type.
 *
 * @public
 */
export const reservedMessages: {
  readonly join: RoomMessage<'join'>
  readonly leave: RoomMessage<'leave'>
  readonly broadcast: RoomMessage<'broadcast'>
  readonly ping: EnvelopeSchema<'ping'>
  readonly pong: EnvelopeSchema<'pong'>
  readonly error: EnvelopeSchema<'error', ErrorPayload | string>
  readonly $reply: ReplyMessage
  readonly $cancel: CancelMessage
  readonly $fragment: EnvelopeSchema<'$fragment', FragmentPayload>
  readonly $abort: EnvelopeSchema<'$abort', AbortPayload>
  readonly $welcome: EnvelopeSchema<'$welcome', WelcomePayload>
} = {
  join: joinMessage,
  leave: leaveMessage,
  broadcast: broadcastMessage,
  ping: pingMessage,
  pong: pongMessage,
  error: errorMessage,
  $reply: replyMessage,
  $cancel: cancelMessage,
  $fragment: fragmentMessage,
  $abort: abortMessage,
  $welcome: welcomeMessage,
}
