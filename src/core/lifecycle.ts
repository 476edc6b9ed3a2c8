import type { Random } from '../base/clock.ts'
import type { BackoffPolicy } from './backoff.ts'
import { type CloseRules, decideOutcome, readRetryHint } from './close-policy.ts'
import { type LossCause, type LossKind, unclean } from './loss.ts'
import type { ResolvedRetryOptions } from './retry.ts'
import { isLive, isUnavailable, isWaiting, type SocketStatus, type State } from './state.ts'

export type LifecycleEvent =
  | { readonly type: 'open' | 'reconnect' | 'suspend' | 'wake' | 'online' | 'offline' | 'tick' }
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  | { readonly type: 'opened'; readonly generation: number }
  | { readonly type: 'lost'; readonly generation: number; readonly cause: LossCause }

/** What the shell has to do, in this order. */
export type Effect =
  /** Begin the attempt of the new state's generation. */
  | { readonly do: 'connect' }
  /** Let go of the native socket; `abort` without waiting for a peer that does not answer. */
  | { readonly do: 'detach'; readonly abort: boolean }
  /** Start the closing handshake. */
  | { readonly do: 'close'; readonly code: number | undefined; readonly reason: string | undefined }
  /** The link is there. */
  | { readonly do: 'opened' }
  /** The link or attempt is over: tell it. `proven` when the peer's close proves that it received all that was written. */
  | { readonly do: 'ended'; readonly cause: LossCause; readonly failed: boolean; readonly proven: boolean }
  /** Ask the peer for a sign of life now. */
  | { readonly do: 'probe' }

export type Transition = readonly [State, readonly Effect[]]

/** What the transitions need to know of the options. */
export interface LifecycleRules extends CloseRules {
  readonly retry: ResolvedRetryOptions | false
  readonly backoff: BackoffPolicy
  readonly connectTimeoutMs: number
  readonly maxConnectTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly random: Random
}

/** The losses that a network which is gone explains: those with nothing from the server or the application in them. */
const NETWORK_LOSSES: readonly LossKind[] = ['close', 'refused', 'timeout', 'heartbeat', 'wake']

/** What a stable link, or a new start, forgets of the past. */
const fresh = { attempt: 0, waits: 0, delayMs: 0, lostAt: undefined, refreshed: 0, refresh: false } as const

/**
 * The connect timeout grows with the attempts: a browser may itself delay an attempt after several failures, and
 * a timeout that stays short would then waste every one.
 */
export function connectTimeout(attempt: number, rules: LifecycleRules): number {
  return Math.min(rules.connectTimeoutMs * 2 ** (attempt - 1), rules.maxConnectTimeoutMs)
}

/** The whole lifecycle: a fact goes in, the next state and what is to be done come out. */
export function transition(
  state: State,
  event: LifecycleEvent,
  now: number,
  rules: LifecycleRules,
): Transition {
  const { status } = state
  switch (event.type) {
    case 'open':
      return isLive(state) || isWaiting(state) ? [state, []] : restart(state, now, rules)
    case 'reconnect':
      return restart(state, now, rules)
    case 'close':
      return close(state, event.code, event.reason, now, rules)
    case 'suspend':
      return isLive(state) || isWaiting(state) ? halt(enter(state, 'suspended', now), state) : [state, []]
    case 'wake':
      return status === 'suspended' ? restart(state, now, rules) : nudge(state, now, rules)
    case 'online':
      return nudge(state.online ? state : { ...state, online: true }, now, rules)
    case 'offline':
      return goOffline(state.online ? { ...state, online: false } : state, now, rules)
    case 'tick':
      return now < state.deadline ? [state, []] : due(state, now, rules)
    case 'opened':
      return event.generation === state.generation && status === 'connecting'
        ? opened(state, now, rules)
        : [state, []]
    case 'lost':
      return event.generation === state.generation ? lost(state, event.cause, now, rules) : [state, []]
  }
}

function enter(state: State, status: SocketStatus, now: number, deadline = Infinity): State {
  const downSince = state.status === 'open' ? now : state.downSince
  return { ...state, status, since: now, deadline, downSince }
}

function connect(state: State, now: number, rules: LifecycleRules): State {
  // What fails without a network says nothing of the server: such attempts are not counted.
  const attempt = state.online ? state.attempt + 1 : Math.max(state.attempt, 1)
  const next = enter(state, 'connecting', now, now + connectTimeout(attempt, rules))
  return { ...next, attempt, generation: state.generation + 1 }
}

/** A new start: the past is forgotten, and whatever is there is replaced. */
function restart(state: State, now: number, rules: LifecycleRules): Transition {
  const [next, effects] = halt(connect({ ...state, ...fresh }, now, rules), state)
  return [next, [...effects, { do: 'connect' }]]
}

/** Goes to `next`, and ends what `state` has: a link, an attempt, or a closing that is under way. */
function halt(next: State, state: State): Transition {
  if (!isLive(state) && state.status !== 'closing') return [next, []]
  const cause = unclean('user')
  return [
    { ...next, cause },
    [
      { do: 'detach', abort: false },
      { do: 'ended', cause, failed: false, proven: false },
    ],
  ]
}

/** `close()` finds a link: closing handshake. It finds hope of one: the end is told in a macrotask. Else: closed. */
function close(
  state: State,
  code: number | undefined,
  reason: string | undefined,
  now: number,
  rules: LifecycleRules,
): Transition {
  const { status } = state
  if (status === 'open') {
    const next = { ...enter(state, 'closing', now, now + rules.closeTimeoutMs), closeCode: code }
    return [next, [{ do: 'close', code, reason }]]
  }
  if (status === 'connecting') return [enter(state, 'closing', now, now), [{ do: 'detach', abort: true }]]
  if (isWaiting(state)) return [enter(state, 'closing', now, now), []]
  return [status === 'closing' || status === 'closed' ? state : enter(state, 'closed', now), []]
}

/** Something says that a try may succeed now: a wait ends, a link is asked for a sign of life. */
function nudge(state: State, now: number, rules: LifecycleRules): Transition {
  // What the server asked for is waited for; only the user can end that.
  if (state.hinted && state.status === 'backoff') return [state, []]
  if (isWaiting(state)) return retryNow(state, now, rules)
  return [state, state.status === 'open' ? [{ do: 'probe' }] : []]
}

/** The wait is over. */
function retryNow(state: State, now: number, rules: LifecycleRules): Transition {
  // After the network was gone the waits start over: what failed without a network says nothing of the server.
  const past = state.status === 'offline' ? { waits: 0, delayMs: 0 } : {}
  return [connect({ ...state, ...past }, now, rules), [{ do: 'connect' }]]
}

function goOffline(state: State, now: number, rules: LifecycleRules): Transition {
  if (state.status === 'open') return [state, [{ do: 'probe' }]]
  if (state.status !== 'backoff' || state.hinted || !rules.retry) return [state, []]
  return [waitForNetwork(state, now, rules.retry), []]
}

/** The network is said to be gone: its return ends the wait, and now and then an attempt is made all the same. */
function waitForNetwork(state: State, now: number, { offlineProbeMs }: ResolvedRetryOptions): State {
  return { ...enter(state, 'offline', now, now + offlineProbeMs), delayMs: offlineProbeMs }
}

function due(state: State, now: number, rules: LifecycleRules): Transition {
  switch (state.status) {
    case 'connecting':
      return lost(state, unclean('timeout'), now, rules)
    case 'open':
      return [{ ...state, ...fresh, deadline: Infinity }, []]
    case 'closing':
      return lost(state, unclean('user'), now, rules)
    default:
      return retryNow(state, now, rules)
  }
}

function opened(state: State, now: number, rules: LifecycleRules): Transition {
  const next = enter(state, 'open', now, rules.retry ? now + rules.retry.stableMs : Infinity)
  return [{ ...next, downSince: undefined, refresh: false, online: true }, [{ do: 'opened' }]]
}

function lost(from: State, cause: LossCause, now: number, rules: LifecycleRules): Transition {
  const closing = from.status === 'closing'
  if (!closing && !isLive(from)) return [from, []]
  // The timer may be late, in a throttled tab for a minute: a link that was stable in time counts as stable.
  const state = from.status === 'open' && now >= from.deadline ? { ...from, ...fresh } : from
  const told = { ...cause, kind: closing ? ('user' as const) : kindOf(cause, state.online) }
  const effects: Effect[] = [
    { do: 'detach', abort: cause.kind !== 'close' },
    {
      do: 'ended',
      cause: told,
      failed: !closing && !told.wasClean,
      proven: closing && answersOurClose(cause, state),
    },
  ]
  if (closing || !rules.retry) return [{ ...enter(state, 'closed', now), cause: told }, effects]
  return [afterLoss(state, told, now, rules, rules.retry), effects]
}

/**
 * Whether a close frame of the peer's answers ours, and so proves that it received all before it. One with a code that
 * is not ours was sent before ours came: the two crossed, and the peer may have read nothing that was written last.
 */
function answersOurClose({ wasClean, code }: LossCause, { closeCode = 1005 }: State): boolean {
  return wasClean && code === closeCode
}

/** A loss without a word from the server, while the network is said to be gone, is the network's. */
function kindOf({ kind, code }: LossCause, online: boolean): LossKind {
  return !online && code === 1006 && NETWORK_LOSSES.includes(kind) ? 'offline' : kind
}

/** Decides where a loss leads: to a wait, to the wait for the network, or to the end. */
function afterLoss(
  state: State,
  cause: LossCause,
  now: number,
  rules: LifecycleRules,
  retry: ResolvedRetryOptions,
): State {
  const lostAt = state.lostAt ?? now
  const sinceLossMs = now - lostAt
  const outcome = decideOutcome(cause, rules, state.refreshed)
  const spent = cause.kind !== 'offline' && state.attempt >= retry.maxAttempts
  const exhausted = spent || sinceLossMs > retry.maxElapsedMs
  const known = { ...state, cause, lostAt, exhausted }
  if (outcome === 'stop' || exhausted) return enter(known, 'failed', now)
  const refreshes = outcome === 'refresh'
  const next = {
    ...known,
    refresh: refreshes,
    refreshed: refreshes ? state.refreshed + 1 : 0,
    waits: state.waits + 1,
  }
  if (!state.online) return waitForNetwork(next, now, retry)
  const hint = readRetryHint(cause, retry.maxRetryAfterMs)
  const atOnce = outcome === 'now' && state.waits === 0
  const delayMs = hint
    ? hint.retryAfterMs + rules.random() * hint.windowMs
    : atOnce
      ? 0
      : waitFor(next, cause, sinceLossMs, rules, retry)
  return { ...enter(next, 'backoff', now, now + delayMs), delayMs, hinted: hint !== undefined }
}

/** What the backoff says; and a slow wait at least, spread like all waits, while the server is unavailable. */
function waitFor(
  state: State,
  cause: LossCause,
  sinceLossMs: number,
  rules: LifecycleRules,
  retry: ResolvedRetryOptions,
): number {
  const { waits: attempt, delayMs: lastDelayMs } = state
  const { backoff, random } = rules
  const delayMs = backoff({ attempt, lastDelayMs, sinceLossMs, cause, random })
  const slow = delayMs < retry.slowMs && isUnavailable({ ...state, status: 'backoff' }, retry)
  return slow ? retry.slowMs * (1 + random() / 2) : delayMs
}
