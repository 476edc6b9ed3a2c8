/**
 * What ended a link or an attempt:
 *
 * - `url`: the URL or protocol provider threw, rejected, or gave something that is no URL.
 * - `setup`: no WebSocket implementation could be had, or it refused its arguments.
 * - `timeout`: the attempt took longer than the connect timeout.
 * - `refused`: the link never opened, and the platform does not say why (a browser cannot tell 401 from refused).
 * - `http`: the server answered the handshake with an HTTP status; only `ws` can tell.
 * - `close`: the link was open, and the peer or the network ended it; `code` says which.
 * - `protocol`: the link was open, and the peer broke the WebSocket protocol or a limit of `ws`; only `ws` can tell.
 * - `heartbeat`: the link was open, and the peer stopped answering.
 * - `wake`: as `heartbeat`, found by the probe after a sleep, a frozen page or a change of network.
 * - `offline`: as `refused`, `timeout`, `heartbeat`, `wake`, or `close` with 1006, while the network was said to be gone.
 * - `gate`: `beforeFlush` threw, rejected, or took longer than the connect timeout.
 * - `user`: `reconnect()`, `suspend()` or `close()` ended it.
 *
 * @public
 */
export type LossKind =
  | 'url'
  | 'setup'
  | 'timeout'
  | 'refused'
  | 'http'
  | 'close'
  | 'protocol'
  | 'heartbeat'
  | 'wake'
  | 'offline'
  | 'gate'
  | 'user'

/**
 * The structured cause of a loss. `code`, `reason` and `wasClean` are what the `close` event says: the peer's own
 * where it sent a close frame, else 1006, empty and `false`, as the W3C standard has it.
 *
 * @public
 */
export interface LossCause {
  readonly kind: LossKind
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  /** The HTTP status that refused the handshake, where the platform tells (`kind` is then `http`). */
  readonly status?: number
  /** The server's `Retry-After`, in milliseconds, where the platform tells. */
  readonly retryAfterMs?: number
  /** The error that was thrown or told, where there is one. */
  readonly error?: unknown
}

/** A loss for which no close frame came: the standard's 1006. */
export function unclean(kind: LossKind, error?: unknown): LossCause {
  return { kind, code: 1006, reason: '', wasClean: false, error }
}
