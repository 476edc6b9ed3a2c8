import type { SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { Operation } from '../wire/dialect.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import type { Composer } from './composer.ts'
import type { Outbox } from './outbox.ts'
import { Outgoing } from './outgoing.ts'
import type { SendDropReason } from './receipt.ts'
import type { Rooms } from './rooms.ts'
import { type ClientSendOptions, type ResolvedSendOptions, resolveSend } from './send-options.ts'
import { checkInTime, invalid, type StandardSchema } from './standard-schema.ts'

/** What sending asks of the client around it. */
export interface SenderHost {
  now(): number
  setTimer(callback: () => void, ms: number): unknown
  clearTimer(handle: unknown): void
  report(error: unknown): void
  readonly rooms: Rooms
  /** Whether the socket has its own copy of bytes as soon as they are sent. */
  readonly copiesOnSend: boolean
  /** Whether what cannot be written now may wait; throws where it fails fast. */
  mayQueue(data: SocketData): boolean
  onDrop(message: Outgoing, reason: SendDropReason): void
}

const plain: ResolvedSendOptions = /* @__PURE__ */ resolveSend(undefined)

/** Makes messages of what the application hands over: checked, composed, and given to the outbox. */
export class Sender {
  readonly #options: ResolvedClientOptions
  readonly #composer: Composer
  readonly #outbox: Outbox
  readonly #host: SenderHost

  constructor(options: ResolvedClientOptions, composer: Composer, outbox: Outbox, host: SenderHost) {
    this.#options = options
    this.#composer = composer
    this.#outbox = outbox
    this.#host = host
  }

  /** Throws what its schema, its size or the bounds have against it. */
  send(type: string, operation: Operation, given: ClientSendOptions | undefined, room?: string): Outgoing {
    const options = resolveSend(given)
    const message = this.#begin(type, room, options)
    const schema = this.#options.validateSends ? this.#schemaOf(type, operation) : undefined
    const result = schema && checkInTime(schema, (operation as { payload?: unknown }).payload, this.#host)
    if (result && 'then' in result) {
      this.#dispatch(message, options)
      // It keeps its place while its schema thinks.
      this.#loadLater(message, result, (checked) => {
        if (checked.issues) throw invalid(type, checked.issues)
        return operation
      })
      return message
    }
    if (result?.issues) throw invalid(type, result.issues)
    this.#composer.load(message, operation)
    this.#dispatch(message, options)
    return message
  }

  sendFrame(type: number, payload: Uint8Array | Blob, given: ClientSendOptions | undefined): Outgoing {
    const options = resolveSend(given)
    const message = this.#begin(type, undefined, options)
    if (payload instanceof Uint8Array) {
      // What is cut into pieces is read again later.
      message.transient = this.#host.copiesOnSend && payload.length + 4 <= this.#composer.largestWhole
      this.#composer.load(message, { op: 'frame', type, payload, transient: message.transient })
      this.#dispatch(message, options)
      return message
    }
    const isWhole = this.#composer.loadBlob(message, type, payload)
    this.#dispatch(message, options)
    if (isWhole) return message
    const read = (buffer: ArrayBuffer) => ({ op: 'frame', type, payload: new Uint8Array(buffer) }) as const
    this.#loadLater(message, payload.arrayBuffer(), read)
    return message
  }

  /** A request, in the place of a message. */
  sendRequest(id: string, type: string, payload: unknown, room: string | undefined): Outgoing {
    const message = this.#begin(type, room, plain)
    this.#composer.load(message, { op: 'message', type, id, payload, room })
    this.#dispatch(message, plain)
    return message
  }

  /** What means this link only, such as an answer to the peer. */
  answer(operation: Operation): Outgoing {
    const message = new Outgoing('', 'small')
    this.#composer.load(message, operation)
    this.#outbox.sendOnLink(message)
    return message
  }

  #schemaOf(type: string, { op }: Operation): StandardSchema | undefined {
    const map = this.#options.sends ?? this.#options.messages
    // A bare payload to a room has no type of the application's.
    if (!map || (op === 'message' && type === 'broadcast')) return undefined
    if (Object.hasOwn(map, type)) return map[type] as StandardSchema
    throw new HoldfastError('HF_BAD_TYPE', `There is no schema for messages of type ${type}`)
  }

  #begin(type: string | number, room: string | undefined, options: ResolvedSendOptions): Outgoing {
    const membership = room === undefined ? undefined : this.#host.rooms.get(room)
    if (membership?.status === 'failed' && membership.retryAt === Infinity) {
      const text = `Room ${room} failed: ${membership.error?.code} ${membership.error?.message}`
      throw new HoldfastError('HF_ROOM', text, { cause: membership.error })
    }
    const message = new Outgoing(type, 'small', undefined, membership)
    const { conflate, ttlMs, onProgress } = options
    if (conflate !== false) message.key = `${room ?? ''}\n${conflate === true ? `\n${type}` : conflate}`
    if (ttlMs < Infinity) message.expiresAt = this.#host.now() + ttlMs
    if (onProgress) message.watcher = { onProgress: (sent, bytes) => this.#callBack(onProgress, sent, bytes) }
    return message
  }

  #callBack(callback: (sent: number, bytes: number) => void, sent: number, bytes: number): void {
    try {
      callback(sent, bytes)
    } catch (error) {
      this.#host.report(error)
    }
  }

  #dispatch(message: Outgoing, { volatile, signal }: ResolvedSendOptions): void {
    if (signal?.aborted) this.#drop(message, 'aborted')
    // What cannot be written now may not wait where the socket is closed.
    else if (!this.#host.mayQueue(message.data ?? '')) this.#drop(message, 'closed')
    else this.#outbox.send(message, volatile)
    if (!signal || !message.waits) return
    const abort = () => void message.abort()
    signal.addEventListener('abort', abort)
    void message.written.then(() => signal.removeEventListener('abort', abort))
  }

  #drop(message: Outgoing, reason: SendDropReason): void {
    message.drop(reason)
    this.#host.onDrop(message, reason)
  }

  /** What is to be written is not known yet. */
  #loadLater<T>(message: Outgoing, coming: Promise<T>, toOperation: (found: T) => Operation): void {
    void coming
      .then((found) => {
        if (!message.waits) return
        const before = message.weight
        this.#composer.load(message, toOperation(found))
        this.#outbox.loaded(message, message.weight - before)
      })
      .catch((error: unknown) => {
        this.#host.report(error)
        this.#outbox.drop(message, 'invalid')
      })
  }
}
