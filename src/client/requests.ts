import { HoldfastError } from '../base/errors.ts'
import { defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import type { InboundMessage, PeerError } from '../wire/dialect.ts'
import type { BufferOptions } from './message-stream.ts'
import type { Outgoing } from './outgoing.ts'
import type { SendDropReason } from './receipt.ts'

/**
 * How a request is made.
 *
 * @public
 */
export interface RequestOptions {
  /** How long the reply may take, in milliseconds, from the call on, the wait for a link included. @defaultValue 10000 */
  readonly timeoutMs?: number
  /** Gives the request up when it is aborted. */
  readonly signal?: AbortSignal
  /** The room it names. It waits until that is joined. */
  readonly room?: string
  /** How often it is asked again where the server's error says `retryable`, within the deadline. @defaultValue 0 */
  readonly retry?: number
  /**
   * Whether asking twice does no harm. Then a request whose link is lost is asked again on the next one; else it is
   * rejected with `HF_IN_DOUBT`.
   * @defaultValue false
   */
  readonly idempotent?: boolean
}

/**
 * How a stream of replies is asked for.
 *
 * @public
 */
export interface StreamOptions extends Omit<RequestOptions, 'retry' | 'idempotent'> {
  /** How long the next reply may take, in milliseconds. @defaultValue 10000 */
  readonly timeoutMs?: number
  /** How much the reader may leave waiting. @defaultValue 1000 replies, then `fail` */
  readonly buffer?: BufferOptions
}

type Resolved = Required<Omit<RequestOptions, 'signal' | 'room'>> & Pick<RequestOptions, 'signal' | 'room'>

const rules: Rules<Resolved> = {
  timeoutMs: [10_000],
  signal: [undefined, 'object'],
  room: [undefined, 'string'],
  retry: [0],
  idempotent: [false],
}

const defaults: Resolved = /* @__PURE__ */ defaultsOf(rules)

/** What the requests ask of the client around them. */
export interface RequestsHost {
  now(): number
  random(): number
  report(error: unknown): void
  setTimer(callback: () => void, ms: number): unknown
  clearTimer(handle: unknown): void
  /** Writes it, or keeps it. */
  sendRequest(id: string, type: string, payload: unknown, room: string | undefined): Outgoing
  sendCancel(id: string): void
}

/** Who waits for replies. */
export interface Asker {
  /** A reply came; `more` says whether others follow. */
  onReply(payload: unknown, more: boolean): void
  onError(error: unknown): void
}

interface Pending {
  readonly id: string
  readonly type: string
  readonly payload: unknown
  readonly options: Resolved
  readonly asker: Asker
  readonly isStream: boolean
  outgoing: Outgoing | undefined
  retries: number
  timer: unknown
  deadline: number
  release: (() => void) | undefined
}

const dropCodes: Partial<Record<SendDropReason, 'HF_CLOSED' | 'HF_ROOM' | 'HF_QUEUE_FULL' | 'HF_ABORTED'>> = {
  closed: 'HF_CLOSED',
  left: 'HF_ROOM',
  'room-failed': 'HF_ROOM',
  aborted: 'HF_ABORTED',
}

/** The requests that wait for an answer. Each is settled once, whatever happens. */
export class Requests {
  readonly #pending = new Map<string, Pending>()
  readonly #maxPending: number
  readonly #prefix: string
  readonly #host: RequestsHost
  #count = 0

  constructor(maxPending: number, prefix: string, host: RequestsHost) {
    this.#maxPending = maxPending
    this.#prefix = prefix
    this.#host = host
  }

  get size(): number {
    return this.#pending.size
  }

  /** Asks. Answers the way to give it up. */
  ask(type: string, payload: unknown, given: unknown, asker: Asker, isStream = false): () => void {
    const options = resolveOptions(rules, defaults, given)
    options.signal?.throwIfAborted()
    if (this.#pending.size >= this.#maxPending) {
      throw new HoldfastError('HF_LIMIT', `${this.#maxPending} requests are pending already`, {
        retryable: true,
      })
    }
    const id = `${this.#prefix}-${++this.#count}`
    const pending: Pending = {
      id,
      type,
      payload,
      options,
      asker,
      isStream,
      outgoing: undefined,
      retries: options.retry,
      timer: undefined,
      deadline: this.#host.now() + options.timeoutMs,
      release: undefined,
    }
    this.#pending.set(id, pending)
    try {
      this.#send(pending)
    } catch (error) {
      this.#pending.delete(id)
      throw error
    }
    this.#watch(pending)
    const giveUp = (reason?: unknown) => this.#giveUp(pending, reason)
    const { signal } = options
    const aborted = () => giveUp(signal?.reason)
    signal?.addEventListener('abort', aborted)
    pending.release = () => signal?.removeEventListener('abort', aborted)
    return () => giveUp()
  }

  /** Sets the timer of its deadline. */
  #watch(pending: Pending): void {
    const { timeoutMs } = pending.options
    this.#host.clearTimer(pending.timer)
    if (timeoutMs === Infinity || !this.#pending.has(pending.id)) return
    const late = () => {
      const where = pending.outgoing?.waits ? 'It was not written yet' : 'It was written'
      const message = `No reply to ${pending.type} within ${timeoutMs} ms. ${where}`
      this.#giveUp(pending, new HoldfastError('HF_TIMEOUT', message, { retryable: true }))
    }
    pending.timer = this.#host.setTimer(late, Math.min(timeoutMs, 2 ** 31 - 1))
  }

  #send(pending: Pending): void {
    const { id, type, payload, options } = pending
    const outgoing = this.#host.sendRequest(id, type, payload, options.room)
    pending.outgoing = outgoing
    if (outgoing.waits) outgoing.watcher = { onDropped: (reason) => this.#dropped(pending, outgoing, reason) }
    else if (outgoing.reason) this.#dropped(pending, outgoing, outgoing.reason)
  }

  #dropped(pending: Pending, outgoing: Outgoing, reason: SendDropReason): void {
    if (pending.outgoing !== outgoing) return
    const code = dropCodes[reason] ?? 'HF_QUEUE_FULL'
    this.#fail(pending, new HoldfastError(code, `The request ${pending.type} was not sent: ${reason}`))
  }

  /** Nobody waits any longer. */
  #giveUp(pending: Pending, reason: unknown): void {
    if (!this.#pending.has(pending.id)) return
    const { outgoing } = pending
    pending.outgoing = undefined
    const written = outgoing && !outgoing.abort()
    // A single reply is dropped when it comes; a stream goes on until it is told to stop.
    if (written && pending.isStream) this.#host.sendCancel(pending.id)
    if (reason === undefined) this.#end(pending)
    else this.#fail(pending, reason)
  }

  #end(pending: Pending): boolean {
    this.#host.clearTimer(pending.timer)
    pending.release?.()
    return this.#pending.delete(pending.id)
  }

  #fail(pending: Pending, error: unknown): void {
    if (this.#end(pending)) pending.asker.onError(error)
  }

  /** Whether a message answers a request of ours; then it is taken. */
  take({ ref, payload, more = false }: InboundMessage): boolean {
    const pending = ref === undefined ? undefined : this.#pending.get(ref)
    if (!pending) return false
    if (more && pending.isStream) this.#watch(pending)
    else this.#end(pending)
    pending.asker.onReply(payload, more && pending.isStream)
    return true
  }

  /** Whether an error of the peer's answers a request of ours; then it is taken. */
  refuse(error: PeerError): boolean {
    const pending = error.ref === undefined ? undefined : this.#pending.get(error.ref)
    if (!pending) return false
    const waitMs =
      error.retryAfterMs ?? 250 * 2 ** (pending.options.retry - pending.retries) * (0.5 + this.#host.random())
    const inTime = this.#host.now() + waitMs < pending.deadline
    if (error.retryable && pending.retries > 0 && inTime) {
      pending.retries--
      pending.outgoing = undefined
      this.#host.setTimer(() => this.#again(pending), waitMs)
      return true
    }
    const { code, message, retryable } = error
    this.#fail(pending, new HoldfastError('HF_REMOTE', `${code}: ${message}`, { cause: error, retryable }))
    return true
  }

  #again(pending: Pending): void {
    if (!this.#pending.has(pending.id)) return
    try {
      this.#send(pending)
    } catch (error) {
      this.#fail(pending, error)
    }
  }

  /** The link is gone: what was written and not answered is in doubt. */
  linkLost(): void {
    for (const pending of [...this.#pending.values()]) {
      if (!pending.outgoing || pending.outgoing.waits) continue
      if (pending.options.idempotent) this.#again(pending)
      else {
        const message = `The link was lost after ${pending.type} was written: the server may have acted on it`
        this.#fail(pending, new HoldfastError('HF_IN_DOUBT', message))
      }
    }
  }

  /** Ends them all. */
  clear(error: unknown): void {
    for (const pending of [...this.#pending.values()]) {
      pending.outgoing = undefined
      this.#fail(pending, error)
    }
  }
}
