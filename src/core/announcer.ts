import type { SocketData } from '../base/data.ts'
import { HoldfastError, isHoldfastError, redactUrl } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { EventObject } from './event-objects.ts'
import type { SocketEventMap } from './events.ts'
import type { Doubt } from './in-doubt.ts'
import type { LossCause } from './loss.ts'
import type { DropReason } from './send-queue.ts'
import { plannedWait } from './snapshot.ts'
import { isWaiting, type State } from './state.ts'

/** The lasting socket: where events go, and what they name as their target. */
export interface Face {
  readonly url: string
  readonly emitter: { emit(type: string, event: unknown): boolean; listenerCount(type: string): number }
  tellMessage(event: unknown): void
}

type Detail<Type extends keyof SocketEventMap> = Omit<
  SocketEventMap[Type],
  'type' | 'target' | 'currentTarget'
>

/** Tells the world: events and log lines. */
export class Announcer {
  readonly #face: Face
  readonly #logger: Logger | undefined
  readonly #report: (error: unknown) => void
  /** Whether listeners are being told of an end, or of a drop: what they do about it then must not recurse. */
  tellsEnd = false
  tellsDrop = false

  constructor(face: Face, logger: Logger | undefined, report: (error: unknown) => void) {
    this.#face = face
    this.#logger = logger
    this.#report = report
  }

  emit<Type extends keyof SocketEventMap>(
    type: Type,
    detail: Detail<Type>,
    level: keyof Logger = 'debug',
    logged: object = detail,
  ): void {
    const { emitter } = this.#face
    if (emitter.listenerCount(type))
      emitter.emit(type, Object.assign(new EventObject(type, this.#face), detail))
    try {
      this.#logger?.[level]?.(`holdfast ${type}`, { url: redactUrl(this.#face.url), ...logged })
    } catch (error) {
      this.#report(error)
    }
  }

  /** A message will not be sent. The log is told the reason, not the message: it may be anybody's. */
  dropped(data: SocketData, reason: DropReason, error: unknown): void {
    const outer = this.tellsDrop
    this.tellsDrop = true
    this.emit('drop', { data, reason, error }, 'warn', { reason, error })
    this.tellsDrop = outer
  }

  /** The end of a link or attempt, and what it leaves in doubt. */
  ended(cause: LossCause, failed: boolean, doubt: Doubt | undefined): void {
    const { code, reason, wasClean, error } = cause
    const message =
      (error as Error | undefined)?.message ??
      `The attempt or link ended: ${cause.kind}, ${cause.status ?? code}`
    const outer = this.tellsEnd
    this.tellsEnd = true
    if (failed) this.emit('error', { cause, error, message }, 'warn')
    this.emit('close', { code, reason, wasClean, cause })
    if (doubt) this.emit('indoubt', doubt, 'warn', { count: doubt.count, bytes: doubt.bytes })
    this.tellsEnd = outer
  }

  /** A change of status, and what follows from it. */
  moved(state: State, before: State, now: number): void {
    const { status, attempt, cause } = state
    const wait = plannedWait(state)
    this.emit('status', { status, previous: before.status, attempt, cause, ...wait }, 'info')
    if (isWaiting(state) && cause) {
      const { delayMs, deadline: nextAttemptAt } = state
      this.emit('reconnecting', { attempt: attempt + 1, delayMs, nextAttemptAt, cause })
    }
    if (status === 'open' && before.downSince !== undefined) {
      this.emit('reconnected', { attempt, downtimeMs: now - before.downSince })
    }
    if (status === 'failed' && cause)
      this.emit('failed', { cause, error: failureOf(state, cause, redactUrl(this.#face.url)) }, 'error')
  }
}

/** Why the socket gave up, as an error to show or to branch on. */
function failureOf(state: State, cause: LossCause, url: string): HoldfastError {
  if (isHoldfastError(cause.error) && !cause.error.retryable) return cause.error
  const told = `${cause.kind}, ${cause.status ?? cause.code} ${cause.reason}`.trim()
  return state.exhausted
    ? new HoldfastError('HF_RETRY_LIMIT', `Gave up after ${state.attempt} attempts (${told})`, { cause, url })
    : new HoldfastError('HF_STOPPED', `Not trying again after a refusal (${told})`, { cause, url })
}
