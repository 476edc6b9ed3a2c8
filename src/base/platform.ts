import type { Clock, Random } from './clock.ts'
import type { BinaryType, SocketData } from './data.ts'
import type { EnvironmentSignals } from './signals.ts'

/**
 * What the socket needs of a W3C `WebSocket`: any implementation fits that has these.
 *
 * @public
 */
export interface WebSocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  readonly protocol: string
  readonly extensions: string
  binaryType: string
  send(data: never): void
  close(code?: number, reason?: string): void
}

/**
 * A constructor of {@link WebSocketLike}. The third argument is `webSocketOptions`, for implementations that take one.
 *
 * @public
 */
export type WebSocketConstructor = new (url: string, protocols?: string[], options?: never) => WebSocketLike

/** A short-lived socket as the core uses it: the native one, or a platform's thin wrapper around it. */
export interface NativeSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  readonly protocol: string
  readonly extensions: string
  binaryType: string
  send(data: SocketData): void
  close(code?: number, reason?: string): void
  /** Sends a protocol ping frame, where the platform can. */
  ping?(payload: string): void
}

/** How a native socket ended. */
export interface NativeEnd {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** What a native socket tells. Each may come late, twice or never: the core holds the platform to nothing. */
export interface NativeEvents {
  opened(): void
  received(data: unknown): void
  /** An error without a close code; a `closed` with the true one may still follow. */
  errored(error: unknown): void
  closed(end: NativeEnd): void
  /** The handshake was answered with an HTTP status. */
  refused(status: number, retryAfterMs: number | undefined): void
  pinged(): void
  ponged(payload: string): void
}

export interface OpenRequest {
  readonly url: string
  readonly protocols: string[]
  readonly binaryType: BinaryType
  readonly WebSocket: WebSocketConstructor | undefined
  readonly webSocketOptions: object | undefined
}

/** What is different between browsers and Node. The only door to globals. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly signals: EnvironmentSignals | undefined
  /** The heartbeat of a socket that was given none. */
  readonly heartbeat?: { start(host: unknown, prefix: string): unknown }
  /** The absolute form of an address, relative to the page where there is one. Throws what `URL` throws. */
  resolveUrl(url: string): URL
  /** Loads what the platform's own WebSocket needs, where that takes time. */
  prepare?(): Promise<unknown>
  /** Opens a native socket; it calls nothing of `events` before it has answered. */
  open(request: OpenRequest, events: NativeEvents): NativeSocket
  /** Lets go of a native socket: nothing of it is heard again. `abort` does not wait for the peer. */
  release(native: NativeSocket, abort: boolean): void
  /** Whether a native socket has its own copy of the bytes it was given as soon as `send` returns. */
  copies?(native: NativeSocket): boolean
  /** Calls back before the next frame is painted. */
  nextFrame?: ((callback: () => void) => void) | undefined
  /** Tells of an error that no caller can catch. */
  report(error: unknown): void
}
