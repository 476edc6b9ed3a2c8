import type { SocketData } from '../base/data.ts'
import type { HoldfastError } from '../base/errors.ts'
import type { HeartbeatStatus } from './heartbeat.ts'
import type { LossCause } from './loss.ts'
import type { DropReason } from './send-queue.ts'
import type { SocketStatus } from './state.ts'

/**
 * What listeners get: one light object an event. `target` is the lasting socket.
 *
 * @public
 */
export interface SocketEvent<Type extends string = string, Target = unknown> {
  readonly type: Type
  readonly target: Target
  readonly currentTarget: Target
}

/** @public */
export interface SocketMessageEvent<Target = unknown> extends SocketEvent<'message', Target> {
  /** Text as a string, bytes as `binaryType` says. */
  // biome-ignore lint/suspicious/noExplicitAny: as in the W3C MessageEvent
  readonly data: any
  readonly origin: string
  readonly lastEventId: string
}

/** @public */
export interface SocketErrorEvent<Target = unknown> extends SocketEvent<'error', Target> {
  readonly cause: LossCause
  /** The error behind it, where there is one. */
  readonly error: unknown
  readonly message: string
}

/** @public */
export interface SocketCloseEvent<Target = unknown> extends SocketEvent<'close', Target> {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  /** What ended the link or attempt. */
  readonly cause: LossCause
}

/**
 * One change of status.
 *
 * @public
 */
export interface StatusDetail {
  readonly status: SocketStatus
  readonly previous: SocketStatus
  /** Attempts since the last stable link. */
  readonly attempt: number
  /** What ended the last attempt or link. */
  readonly cause: LossCause | undefined
  /** The wait before the next attempt, in milliseconds, and when it ends by the socket's clock; where one is planned. */
  readonly delayMs: number | undefined
  readonly nextAttemptAt: number | undefined
}

/** @public */
export interface ReconnectingDetail {
  /** The number of the attempt to come. */
  readonly attempt: number
  readonly delayMs: number
  readonly nextAttemptAt: number
  readonly cause: LossCause
}

/** @public */
export interface ReconnectedDetail {
  /** How long there was no link, in milliseconds. */
  readonly downtimeMs: number
  readonly attempt: number
}

/** @public */
export interface FailedDetail {
  readonly cause: LossCause
  readonly error: HoldfastError
}

/** @public */
export interface DropDetail {
  readonly data: SocketData
  readonly reason: DropReason
  readonly error: unknown
}

/**
 * What was written on a lost link and never proven to have arrived.
 *
 * @public
 */
export interface InDoubtDetail {
  readonly count: number
  /** Text counts one for each UTF-16 unit: exact for ASCII, else a lower bound. */
  readonly bytes: number
  /** The last `keepInDoubt` messages of them, oldest first. */
  readonly messages: readonly SocketData[]
}

/** @public */
export interface HeartbeatDetail {
  readonly status: HeartbeatStatus
}

/**
 * An event with the fields of its detail.
 *
 * @public
 */
export type SocketDetailEvent<Type extends string, Target, Detail> = SocketEvent<Type, Target> & Detail

/**
 * The events of a socket by name: the four of the W3C standard, and what only a lasting socket can tell.
 *
 * @public
 */
export interface SocketEventMap<Target = unknown> {
  /** A link is open. Once for each link. */
  open: SocketEvent<'open', Target>
  message: SocketMessageEvent<Target>
  /** An attempt failed, or a link ended without a closing handshake. A `close` follows. */
  error: SocketErrorEvent<Target>
  /** A link or an attempt ended. Once for each. */
  close: SocketCloseEvent<Target>
  /** The status changed. */
  status: SocketDetailEvent<'status', Target, StatusDetail>
  /** The next attempt is planned. */
  reconnecting: SocketDetailEvent<'reconnecting', Target, ReconnectingDetail>
  /** A link is open again. */
  reconnected: SocketDetailEvent<'reconnected', Target, ReconnectedDetail>
  /** The socket gave up; `open()` or `reconnect()` start anew. */
  failed: SocketDetailEvent<'failed', Target, FailedDetail>
  /** A message will not be sent. */
  drop: SocketDetailEvent<'drop', Target, DropDetail>
  /** A link was lost, and with it the certainty about what was written last. */
  indoubt: SocketDetailEvent<'indoubt', Target, InDoubtDetail>
  /** Everything that waited has been handed to the network. */
  drain: SocketEvent<'drain', Target>
  /** The peer answered its first ping, or is silent although it was asked. */
  heartbeat: SocketDetailEvent<'heartbeat', Target, HeartbeatDetail>
}

/**
 * What the events of all `on…` handlers have.
 *
 * @public
 */
export interface HandlerEvent {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: the standard's `EventTarget | null` must fit here, and so must our socket
  readonly target: any
  // biome-ignore lint/suspicious/noExplicitAny: as for target
  readonly currentTarget: any
}

/**
 * What the `on…` handlers get: the same objects as listeners, in types that the standard's events fit too. So the
 * socket is assignable to `WebSocket`, and handlers written for `MessageEvent` and `CloseEvent` are to it.
 *
 * @public
 */
export interface SocketHandlerEventMap {
  open: HandlerEvent
  message: HandlerEvent & Pick<SocketMessageEvent, 'data' | 'origin' | 'lastEventId'>
  error: HandlerEvent & Partial<Pick<SocketErrorEvent, 'cause' | 'error' | 'message'>>
  close: HandlerEvent &
    Pick<SocketCloseEvent, 'code' | 'reason' | 'wasClean'> &
    Partial<Pick<SocketCloseEvent, 'cause'>>
}

/**
 * An `on…` attribute. Its parameter is bivariant, so that a handler may ask for the standard's event.
 *
 * @public
 */
export type SocketEventHandler<Type extends keyof SocketHandlerEventMap> =
  | { bivarianceHack(event: SocketHandlerEventMap[Type]): unknown }['bivarianceHack']
  | null
