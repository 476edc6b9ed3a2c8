/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Holdfast: a WebSocket that holds on while the network under it breaks, and tells the truth about what happened.
 *
 * @packageDocumentation
 */
export type { Clock, Random } from './base/clock.ts'
export type { BinaryType, SocketData } from './base/data.ts'
export { type ErrorCode, type ErrorContext, HoldfastError, isHoldfastError } from './base/errors.ts'
export { type ListenOptions, type SocketEventListener, SocketEventTarget } from './base/event-target.ts'
export type { Logger } from './base/logger.ts'
export type { WebSocketConstructor, WebSocketLike } from './base/platform.ts'
export type { EnvironmentSignal, EnvironmentSignals } from './base/signals.ts'
export { type RateLimiter, type TokenBucketOptions, tokenBucket } from './base/token-bucket.ts'
export { BinaryChannel, type BinaryCodec } from './client/binary-channel.ts'
export { Client, type MessageHandler } from './client/client.ts'
export type * from './client/client-events.ts'
export type { BatchOptions, ClientOptions, RoomOptions } from './client/client-options.ts'
export type { ClientSnapshot } from './client/client-snapshot.ts'
export { createClient, type SchemasOf } from './client/create-client.ts'
export type { DeliveryOptions } from './client/delivery.ts'
export { type FragmentOptions, type FragmentSource, fragments } from './client/fragments.ts'
export type { RoomStatus } from './client/membership.ts'
export type { BufferOptions, MessageStream } from './client/message-stream.ts'
export type { OnceOptions } from './client/next-message.ts'
export type { ReadOptions } from './client/open-stream.ts'
export type { Receipt, ReceiptStatus, SendDropReason } from './client/receipt.ts'
export type { MessageListenOptions } from './client/registry.ts'
export type { RequestOptions, StreamOptions } from './client/requests.ts'
export { Room, type RoomCounts, type RoomEventMap, type RoomSnapshot } from './client/room.ts'
export { defaultRejoin, type GapDetail, type RejoinPolicy, type RoomFailure } from './client/rooms.ts'
export type {
  Anything,
  ClientSchemas,
  InputsOf,
  Message,
  OutputsOf,
  PayloadAndOptions,
  ReceivedPayloads,
  RequestSchemas,
  RequestTypes,
  SchemaMap,
  SentPayloads,
  ServedTypes,
} from './client/schemas.ts'
export type { ClientSendOptions, SendOptions } from './client/send-options.ts'
export type { ServeAnswer, ServeContext } from './client/serving.ts'
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from './client/standard-schema.ts'
export {
  type BackoffContext,
  type BackoffCurve,
  type BackoffPolicy,
  constantBackoff,
  decorrelatedJitter,
  defaultBackoff,
  equalJitter,
  fullJitter,
  listBackoff,
  proportionalJitter,
} from './core/backoff.ts'
export type { ClosePolicy, LossOutcome } from './core/close-policy.ts'
export type * from './core/events.ts'
export type { HeartbeatOptions, HeartbeatStatus } from './core/heartbeat.ts'
export {
  envelopeHeartbeat,
  type HeartbeatMessages,
  type HeartbeatSource,
  messageHeartbeat,
  pingFrames,
} from './core/heartbeat-sources.ts'
export type { LossCause, LossKind } from './core/loss.ts'
export type {
  AttemptContext,
  GateContext,
  ProtocolSource,
  SocketOptions,
  UrlSource,
} from './core/options.ts'
export { ReconnectingWebSocket } from './core/reconnecting-web-socket.ts'
export type { RetryOptions } from './core/retry.ts'
export type { RttStats } from './core/rtt.ts'
export type { DropReason, QueueOptions } from './core/send-queue.ts'
export type { SocketSnapshot } from './core/snapshot.ts'
export type { SocketStatus } from './core/state.ts'
export type { BytesLike } from './wire/bytes.ts'
export type {
  Decoder,
  Dialect,
  InboundMessage,
  Inbox,
  Operation,
  PeerError,
  WireMessage,
} from './wire/dialect.ts'
export type { Envelope, EnvelopeCodec } from './wire/envelope.ts'
export { envelopeCodec } from './wire/envelope-codec.ts'
export { type EnvelopeDialect, envelopeDialect } from './wire/envelope-dialect.ts'
export type { EnvelopeDialectOptions } from './wire/envelope-options.ts'
export { type Frame, FrameCodec, type FrameCodecOptions } from './wire/frame-codec.ts'
export type { PeerLimits } from './wire/limits.ts'
export type { Piece } from './wire/piece.ts'
export type { Position } from './wire/position.ts'
export type { ReassemblerOptions } from './wire/reassembler.ts'
