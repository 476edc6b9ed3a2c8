import { HoldfastError } from '../base/errors.ts'
import type { InboundMessage, PeerError } from '../wire/dialect.ts'
import { checkType } from './registry.ts'
import type { RequestSchemas } from './schemas.ts'
import { checkInTime, describeIssues, type Timers } from './standard-schema.ts'

/**
 * What answers a request of the server's is told.
 *
 * @public
 */
export interface ServeContext {
  readonly type: string
  readonly room: string | undefined
  /** Aborted when the server does not want the answer any more, or the link is lost. */
  readonly signal: AbortSignal
}

/**
 * What a handler answers with: a value, or several.
 *
 * @public
 */
export type ServeAnswer<T> = T | PromiseLike<T | AsyncIterable<T>> | AsyncIterable<T>

export type ServeHandler = (payload: unknown, context: ServeContext) => unknown

/** The codes of this library, of Node and of its system calls are not meant for a peer: their texts tell of files and hosts. */
const OWN_CODES = /^(HF_|ERR_|E[A-Z0-9]+$)/

/** As many requests of the server's are answered at once. */
const MAX_SERVED = 256

/** What serving asks of the client around it. */
export interface ServingHost extends Timers {
  report(error: unknown): void
  reply(
    ref: string,
    payload: unknown,
    more: boolean,
  ): { readonly waits: boolean; readonly written: Promise<unknown> }
  refuse(ref: string, error: PeerError): void
}

/** As much of an error's text is told to the peer. */
const MOST_TEXT = 1_000

const internal: PeerError = {
  code: 'internal',
  message: 'The request could not be answered',
  retryable: false,
}

/** Answers what the server asks. */
export class Serving {
  readonly #handlers = new Map<string, ServeHandler>()
  readonly #active = new Map<string, AbortController>()
  readonly #schemas: Readonly<Record<string, RequestSchemas>> | undefined
  readonly #host: ServingHost

  constructor(schemas: Readonly<Record<string, RequestSchemas>> | undefined, host: ServingHost) {
    this.#schemas = schemas
    this.#host = host
  }

  on(type: string, handler: ServeHandler): () => void {
    checkType(type)
    if (typeof handler !== 'function') throw new TypeError(`What handles ${type} must be a function`)
    if (this.#schemas && !Object.hasOwn(this.#schemas, type)) {
      throw new HoldfastError('HF_BAD_TYPE', `There is no schema in serves for requests of type ${type}`)
    }
    if (this.#handlers.has(type)) {
      throw new HoldfastError('HF_BAD_TYPE', `Requests of type ${type} are handled already`)
    }
    this.#handlers.set(type, handler)
    return () => {
      if (this.#handlers.get(type) === handler) this.#handlers.delete(type)
    }
  }

  /** Whether a message is a request that somebody handles; then it is taken. */
  take(message: InboundMessage): boolean {
    const { type, id } = message
    const handler = id ? this.#handlers.get(type) : undefined
    if (!id || !handler) return false
    if (this.#active.has(id)) return true
    if (this.#active.size >= MAX_SERVED) {
      this.#host.refuse(id, { code: 'busy', message: 'Too many requests at once', retryable: true })
      return true
    }
    const controller = new AbortController()
    this.#active.set(id, controller)
    void this.#serve(message, handler, controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) this.#refuse(id, this.#toPeerError(error))
      })
      .then(() => {
        // One that was cancelled has left already, and its name may be taken.
        if (this.#active.get(id) === controller) this.#active.delete(id)
      })
    return true
  }

  /** A refusal that cannot be sent as it is, for its length, is a short one. */
  #refuse(id: string, error: PeerError): void {
    try {
      this.#host.refuse(id, error)
    } catch (failure) {
      this.#host.report(failure)
      if (error !== internal) this.#refuse(id, internal)
    }
  }

  async #serve(message: InboundMessage, handler: ServeHandler, signal: AbortSignal): Promise<void> {
    const { type, room } = message
    const ref = message.id as string
    const schemas = this.#schemas && Object.hasOwn(this.#schemas, type) ? this.#schemas[type] : undefined
    let { payload } = message
    if (schemas?.input) {
      const result = await checkInTime(schemas.input, payload, this.#host)
      if (result.issues) {
        throw { code: 'invalid', message: describeIssues(result.issues) } satisfies Partial<PeerError>
      }
      payload = result.value
      if (signal.aborted) return
    }
    const answer = await handler(payload, { type, room, signal })
    const items = (answer as { [Symbol.asyncIterator]?: unknown } | undefined)?.[Symbol.asyncIterator]
    if (typeof items !== 'function') {
      if (!signal.aborted) this.#host.reply(ref, answer, false)
      return
    }
    for await (const item of answer as AsyncIterable<unknown>) {
      if (signal.aborted) return
      const sent = this.#host.reply(ref, item, true)
      // Who yields faster than the link takes it waits here.
      if (sent.waits) await sent.written
    }
    if (!signal.aborted) this.#host.reply(ref, undefined, false)
  }

  /** An error with a code was meant for the peer. Any other stays here: its text may be anybody's. */
  #toPeerError(error: unknown): PeerError {
    const { code, message, retryable } = (error ?? {}) as { [name: string]: unknown }
    if (typeof code === 'string' && !OWN_CODES.test(code)) {
      const text = typeof message === 'string' ? message.slice(0, MOST_TEXT) : ''
      return { code, message: text, retryable: retryable === true }
    }
    this.#host.report(error)
    return internal
  }

  cancel(ref: string): void {
    this.#active.get(ref)?.abort()
    this.#active.delete(ref)
  }

  /** Nobody is there to hear the answers. */
  linkLost(): void {
    for (const ref of [...this.#active.keys()]) this.cancel(ref)
  }
}
