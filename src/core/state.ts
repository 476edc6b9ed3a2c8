import type { LossCause } from './loss.ts'
import type { ResolvedRetryOptions } from './retry.ts'

/**
 * Where the socket stands. docs/SOCKET.md draws the transitions.
 *
 * @public
 */
export type SocketStatus =
  | 'idle'
  | 'connecting'
  | 'open'
  | 'backoff'
  | 'offline'
  | 'suspended'
  | 'closing'
  | 'closed'
  | 'failed'

/** The whole state of a lifecycle. Never changed in place: each transition makes a new one. */
export interface State {
  readonly status: SocketStatus
  /** When this status was entered. */
  readonly since: number
  /** When a `tick` is due. Each status waits for at most one moment: its timeout, its next try, its stability. */
  readonly deadline: number
  /** Grows with each attempt. What arrives from an older one is from a dead socket, and is ignored. */
  readonly generation: number
  /** Attempts since the last stable link, or since `open()`. */
  readonly attempt: number
  /** Waits since the last stable link. */
  readonly waits: number
  readonly delayMs: number
  /** Whether the server asked for this wait. */
  readonly hinted: boolean
  /** When the last link ended, as long as there is none. */
  readonly downSince: number | undefined
  /** When the outage began: the loss of a stable link, or the first failed attempt. */
  readonly lostAt: number | undefined
  readonly cause: LossCause | undefined
  /** Refreshes in a row without a stable link between. */
  readonly refreshed: number
  /** Whether the next attempt is to ask for new credentials. */
  readonly refresh: boolean
  /** What the environment says of the network. */
  readonly online: boolean
  /** The code that `close()` was called with; while closing. */
  readonly closeCode: number | undefined
  /** Whether a limit, rather than a refusal, ended in `failed`. */
  readonly exhausted: boolean
}

export const initialState: State = {
  status: 'idle',
  since: 0,
  deadline: Infinity,
  generation: 0,
  attempt: 0,
  waits: 0,
  delayMs: 0,
  hinted: false,
  downSince: undefined,
  lostAt: undefined,
  cause: undefined,
  refreshed: 0,
  refresh: false,
  online: true,
  closeCode: undefined,
  exhausted: false,
}

/** Whether an attempt is being made or a link is there: something that ends with a `close` event. */
export function isLive({ status }: State): boolean {
  return status === 'connecting' || status === 'open'
}

/** Whether a next attempt is planned. */
export function isWaiting({ status }: State): boolean {
  return status === 'backoff' || status === 'offline'
}

/** Whether so many attempts failed in a row that the server counts as unavailable. */
export function isUnavailable(state: State, retry: ResolvedRetryOptions | false): boolean {
  const failed = state.status === 'connecting' ? state.attempt - 1 : isWaiting(state) ? state.attempt : 0
  return retry !== false && failed >= retry.unavailableAfter
}

/** Whether what waits is to be given up, because the server is unavailable and the user asked for that. */
export function failsFast(state: State, retry: ResolvedRetryOptions | false): boolean {
  return retry !== false && retry.failFast && isUnavailable(state, retry)
}

/** Whether a socket stands where it stood: asked after listeners were called, which may have moved it on. */
export function isAt(state: State, { status, generation }: State): boolean {
  return state.status === status && state.generation === generation
}

/** Whether nothing happens any more until `open()` or `reconnect()`. */
export function isOver({ status }: State): boolean {
  return status === 'closed' || status === 'failed'
}
