import { redactUrl } from '../base/errors.ts'
import type { Heartbeat, HeartbeatStatus } from './heartbeat.ts'
import type { LossCause } from './loss.ts'
import type { ResolvedRetryOptions } from './retry.ts'
import type { RttStats } from './rtt.ts'
import { isUnavailable, isWaiting, type SocketStatus, type State } from './state.ts'

/**
 * The socket at one moment. The same object as long as nothing in it changed, so it can be compared by reference.
 *
 * @public
 */
export interface SocketSnapshot {
  readonly status: SocketStatus
  /** When this status was entered, by the socket's clock. */
  readonly since: number
  /** The address of the last attempt, without credentials; empty before the first. */
  readonly url: string
  /** Attempts since the last stable link. */
  readonly attempt: number
  /** What ended the last link or attempt. */
  readonly cause: LossCause | undefined
  /** The wait that is under way, in milliseconds, and when it ends by the socket's clock. */
  readonly delayMs: number | undefined
  readonly nextAttemptAt: number | undefined
  /** Whether so many attempts failed in a row that the server counts as unavailable. */
  readonly unavailable: boolean
  readonly heartbeat: HeartbeatStatus
  readonly rtt: RttStats | undefined
}

export function snapshotOf(
  state: State,
  url: string,
  retry: ResolvedRetryOptions | false,
  heartbeat: Heartbeat | undefined,
): SocketSnapshot {
  const { status, since, attempt, cause } = state
  return {
    status,
    since,
    url: redactUrl(url),
    attempt,
    cause,
    ...plannedWait(state),
    unavailable: isUnavailable(state, retry),
    heartbeat: heartbeat ? (heartbeat.verified ? 'verified' : 'unverified') : 'off',
    rtt: heartbeat?.rtt.stats(),
  }
}

/** The wait that a state stands in, if it does. */
export function plannedWait(state: State): {
  delayMs: number | undefined
  nextAttemptAt: number | undefined
} {
  const waits = isWaiting(state)
  return { delayMs: waits ? state.delayMs : undefined, nextAttemptAt: waits ? state.deadline : undefined }
}
