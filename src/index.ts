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
