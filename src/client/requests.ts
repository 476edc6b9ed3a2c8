import { HoldfastError } from '../base/errors.ts'
import { checkSignal, defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import type { InboundMessage, PeerError } from '../wire/dialect.ts'
import { dropError } from './drop-error.ts'
import type { BufferOptions } from './message-stream.ts'
import type { Outgoing } from './outgoing.ts'
import type { Asker, Question } from './question.ts'
import type { SendDropReason } from './receipt.ts'
import { Sequence } from './sequence.ts'
import { checkInTime, invalid, type SchemaResult, type Timers } from './standard-schema.ts'

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

const streamRules: Rules<Omit<Resolved, 'retry' | 'idempotent'>> = {
  timeoutMs: [10_000],
  signal: [undefined, checkSignal],
  room: [undefined, 'string'],
}

const rules: Rules<Resolved> = /* @__PURE__ */ Object.assign(
  { retry: [0], idempotent: [false] } as const,
  streamRules,
)

const defaults: Resolved = /* @__PURE__ */ defaultsOf(rules)

/** As many replies of a stream may wait for its schema. */
const MOST_UNCHECKED = 1_000

/** What the requests ask of the client around them. */
export interface RequestsHost extends Timers {
  now(): number
  random(): number
  report(error: unknown): void
  /** Writes it, or keeps it. */
  sendRequest(id: string, type: string, payload: unknown, room: string | undefined): Outgoing
  sendCancel(id: string): void
}

interface Pending {
  readonly id: string
  readonly question: Question
  readonly options: Resolved
  readonly asker: Asker
  outgoing: Outgoing | undefined
  /** Whether all was answered: what comes now is a duplicate. */
  answered: boolean
  /** Replies whose schemas think. */
  readonly turns: Sequence
  retries: number
  retryTimer: unknown
  timer: unknown
  deadline: number
  release: (() => void) | undefined
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
  ask(question: Question, given: unknown, asker: Asker): () => void {
    const options = resolveOptions<Resolved>(
      question.isStream ? (streamRules as Rules<Resolved>) : rules,
      defaults,
      given,
    )
    const { signal, timeoutMs } = options
    signal?.throwIfAborted()
    if (this.#pending.size >= this.#maxPending) {
      throw new HoldfastError('HF_LIMIT', `${this.#maxPending} requests are pending already`, {
        retryable: true,
      })
    }
    const pending: Pending = {
      id: `${this.#prefix}-${++this.#count}`,
      question,
      options,
      asker,
      outgoing: undefined,
      answered: false,
      turns: new Sequence(),
      retries: options.retry,
      retryTimer: undefined,
      timer: undefined,
      deadline: this.#host.now() + timeoutMs,
      release: undefined,
    }
    this.#pending.set(pending.id, pending)
    const giveUp = (reason?: unknown) => this.#giveUp(pending, reason)
    const aborted = () => giveUp(signal?.reason)
    signal?.addEventListener('abort', aborted)
    pending.release = () => signal?.removeEventListener('abort', aborted)
    this.#watch(pending)
    this.#begin(pending)
    return () => giveUp()
  }

  /** Sets the timer of its deadline. */
  #watch(pending: Pending): void {
    const { timeoutMs } = pending.options
    this.#host.clearTimer(pending.timer)
    if (timeoutMs === Infinity) return
    const late = () => {
      const isWritten = pending.outgoing && !pending.outgoing.waits
      const where = isWritten ? 'It was written' : 'It was not written yet'
      const message = `No reply to ${pending.question.type} within ${timeoutMs} ms. ${where}`
      this.#giveUp(pending, new HoldfastError('HF_TIMEOUT', message, { retryable: true }))
    }
    pending.timer = this.#host.setTimer(late, timeoutMs)
  }

  /** Checks what is asked, where there is a schema for it, and sends it. */
  #begin(pending: Pending): void {
    const { input, payload } = pending.question
    if (!input) {
      this.#send(pending)
      return
    }
    const result = checkInTime(input, payload, this.#host)
    if ('then' in result) void result.then((checked) => this.#begun(pending, checked))
    else this.#begun(pending, result)
  }

  #begun(pending: Pending, { issues }: SchemaResult<unknown>): void {
    if (issues) this.#fail(pending, invalid(pending.question.type, issues))
    else this.#send(pending)
  }

  #send(pending: Pending): void {
    if (!this.#pending.has(pending.id)) return
    const { type, payload } = pending.question
    let outgoing: Outgoing
    try {
      outgoing = this.#host.sendRequest(pending.id, type, payload, pending.options.room)
    } catch (error) {
      this.#fail(pending, error)
      return
    }
    pending.outgoing = outgoing
    if (outgoing.waits) outgoing.watcher = { onDropped: (reason) => this.#dropped(pending, outgoing, reason) }
    else if (outgoing.reason) this.#dropped(pending, outgoing, outgoing.reason)
  }

  #dropped(pending: Pending, outgoing: Outgoing, reason: SendDropReason): void {
    if (pending.outgoing !== outgoing) return
    this.#fail(pending, dropError(pending.question.type, reason))
  }

  /** Nobody waits any longer. */
  #giveUp(pending: Pending, reason: unknown): void {
    if (!this.#pending.has(pending.id)) return
    const { outgoing, answered, question } = pending
    pending.outgoing = undefined
    const written = outgoing && !outgoing.abort()
    // A single reply that comes late is a message like any other; a stream goes on until it is told to stop.
    if (written && question.isStream && !answered) this.#host.sendCancel(pending.id)
    if (reason === undefined) this.#end(pending)
    else this.#fail(pending, reason)
  }

  #end(pending: Pending): boolean {
    this.#host.clearTimer(pending.timer)
    this.#host.clearTimer(pending.retryTimer)
    pending.release?.()
    return this.#pending.delete(pending.id)
  }

  #fail(pending: Pending, error: unknown): void {
    if (this.#end(pending)) pending.asker.onError(error)
  }

  /** Whether a name is one that we gave, also to a request that is over. */
  named(id: string): boolean {
    return id.startsWith(`${this.#prefix}-`)
  }

  /** Whether a message answers a request of ours; then it is taken. */
  take({ ref, payload, more = false }: InboundMessage): boolean {
    const pending = ref === undefined ? undefined : this.#pending.get(ref)
    if (!pending) return false
    if (pending.answered) return true
    const { isStream, output } = pending.question
    const isLast = !isStream || !more
    pending.answered = isLast
    if (!isLast) this.#watch(pending)
    if (pending.turns.size >= MOST_UNCHECKED) {
      const text = `${MOST_UNCHECKED} replies wait for the schema of ${pending.question.type}`
      this.#giveUp(pending, new HoldfastError('HF_LIMIT', text))
      return true
    }
    // The last of a stream may carry nothing but the end.
    const isEmpty = isStream && isLast && payload === undefined
    const result = output && !isEmpty ? checkInTime(output, payload, this.#host) : { value: payload }
    const reply = (checked: SchemaResult<unknown>) => this.#reply(pending, checked, isLast, isEmpty)
    if ('then' in result) {
      const settle = pending.turns.await()
      void result.then((checked) => settle(() => reply(checked)))
    } else pending.turns.add(() => reply(result))
    return true
  }

  #reply(pending: Pending, result: SchemaResult<unknown>, isLast: boolean, isEmpty: boolean): void {
    if (!this.#pending.has(pending.id)) return
    const { asker, question } = pending
    if (result.issues) {
      this.#giveUp(pending, invalid(question.type, result.issues))
      return
    }
    if (isLast) this.#end(pending)
    if (!isEmpty) asker.onReply(result.value)
    if (isLast) asker.onEnd?.()
  }

  /** Whether an error of the peer's answers a request of ours; then it is taken. */
  refuse(error: PeerError): boolean {
    const pending = error.ref === undefined ? undefined : this.#pending.get(error.ref)
    if (!pending) return false
    if (pending.answered || pending.retryTimer !== undefined || this.#retry(pending, error)) return true
    pending.answered = true
    const { code, message, retryable } = error
    const failure = new HoldfastError('HF_REMOTE', `${code}: ${message}`, { cause: error, retryable })
    pending.turns.add(() => this.#fail(pending, failure))
    return true
  }

  /** Asks again after a while, where that may help and there is time for it. */
  #retry(pending: Pending, { retryable, retryAfterMs }: PeerError): boolean {
    const { retries, options, deadline } = pending
    const host = this.#host
    if (!retryable || !(retries > 0)) return false
    const waitMs = retryAfterMs ?? 250 * 2 ** (options.retry - retries) * (0.5 + host.random())
    if (host.now() + waitMs >= deadline) return false
    pending.retries--
    pending.outgoing = undefined
    pending.retryTimer = host.setTimer(() => {
      pending.retryTimer = undefined
      this.#send(pending)
    }, waitMs)
    return true
  }

  /** The link is gone: what was written and not answered is in doubt. */
  linkLost(): void {
    for (const pending of [...this.#pending.values()]) {
      const { outgoing, answered, options, question } = pending
      if (!outgoing || outgoing.waits || answered) continue
      if (options.idempotent) this.#send(pending)
      else {
        const message = `The link was lost after ${question.type} was written: the server may have acted on it`
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
