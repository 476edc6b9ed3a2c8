import { HoldfastError } from '../base/errors.ts'
import type { ReconnectingWebSocket } from '../core/reconnecting-web-socket.ts'
import type { Shell } from '../core/shell.ts'
import type { SocketStatus } from '../core/state.ts'
import type { BytesLike } from '../wire/bytes.ts'
import type { PeerLimits } from '../wire/limits.ts'
import { BinaryChannel, type BinaryCodec } from './binary-channel.ts'
import type { ClientEventMap } from './client-events.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import { type ClientSnapshot, clientSnapshotOf } from './client-snapshot.ts'
import { Conversation } from './conversation.ts'
import { type BufferOptions, type MessageStream, resolveBuffer, Stream } from './message-stream.ts'
import { openStream } from './open-stream.ts'
import type { Receipt } from './receipt.ts'
import type { MessageListenOptions } from './registry.ts'
import type { RequestOptions, StreamOptions } from './requests.ts'
import { Room } from './room.ts'
import type {
  ClientSchemas,
  Message,
  ReceivedPayloads,
  RequestTypes,
  SentPayloads,
  ServedTypes,
} from './schemas.ts'
import type { ClientSendOptions } from './send-options.ts'
import type { ServeContext, ServeHandler } from './serving.ts'
import { check, describeIssues, type StandardSchema } from './standard-schema.ts'

/** A handler of messages of one type. @public */
export type MessageHandler<Payload, Type extends string = string> = (
  message: Message<Payload, Type>,
) => unknown

/**
 * A conversation over a lasting socket: typed messages, rooms that are joined again after each reconnect, requests,
 * binary channels. Made by `createClient`.
 *
 * @public
 */
export class Client<Schemas extends ClientSchemas = ClientSchemas> {
  /** The socket below: its status, its events, `reconnect()` and the like. What is sent through it is not checked. */
  readonly socket: ReconnectingWebSocket
  readonly #conversation: Conversation
  readonly #options: ResolvedClientOptions
  #snapshot: ClientSnapshot | undefined
  #retained = 0

  /** @internal */
  constructor(socket: ReconnectingWebSocket, options: object) {
    const resolved = options as ResolvedClientOptions
    const changed = () => {
      this.#snapshot = undefined
      this.#conversation?.events.tell('change', undefined)
    }
    this.socket = socket
    this.#options = resolved
    this.#conversation = new Conversation(socket.hands as Shell, resolved, changed)
    socket.on('open', () => this.#conversation.opened())
    socket.on('message', (event) => this.#conversation.received(event.data))
    socket.on('indoubt', ({ count, bytes, messages }) => {
      this.#conversation.tell('indoubt', { count, bytes, messages })
    })
    socket.on('failed', ({ error }) => this.#conversation.ended(error, false))
    socket.on('status', ({ status }) => {
      const error = new HoldfastError('HF_CLOSED', 'The client was closed')
      if (status === 'closed') this.#conversation.ended(error, true)
    })
    socket.subscribe(changed)
  }

  /** Where the socket stands. */
  get status(): SocketStatus {
    return this.socket.status
  }

  /** What the peer takes at once, by option or as it announced. */
  get limits(): PeerLimits {
    return this.#conversation.limits
  }

  /**
   * Sends a message, at once if the link is there and nothing of its kind waits, else as soon as it can be. The receipt
   * tells what becomes of it.
   *
   * @throws HoldfastError `HF_BAD_TYPE` for a type that is reserved or has no schema; `HF_INVALID` where `validateSends` is set and
   * the payload does not fit; `HF_TOO_LARGE` where the peer does not take as much and `fragments` is not set; `HF_ROOM` for
   * a room that failed; `HF_QUEUE_FULL` and `HF_UNAVAILABLE` as the socket's `send`.
   */
  send<Type extends keyof SentPayloads<Schemas> & string>(
    type: Type,
    payload?: SentPayloads<Schemas>[Type],
    options?: ClientSendOptions,
  ): Receipt {
    const room = options?.room
    return this.#conversation.send(type, { op: 'message', type, payload, room }, options, room)
  }

  /** Hears messages of a type. Returns the undo. */
  on<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    handler: MessageHandler<ReceivedPayloads<Schemas>[Type], Type>,
    options?: MessageListenOptions,
  ): () => void {
    return this.#conversation.handlers.on(type, handler, options)
  }

  /**
   * The next message of a type.
   *
   * @throws HoldfastError `HF_TIMEOUT` after `timeoutMs` (by default never), `HF_CLOSED` when the client is closed, the error of
   * `failed` when it gives up; the signal's reason when it is aborted.
   */
  once<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal; readonly room?: string } = {},
  ): Promise<Message<ReceivedPayloads<Schemas>[Type], Type>> {
    const { timeoutMs = Infinity, signal, room } = options
    const conversation = this.#conversation
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const end = (error?: unknown) => {
        undo()
        conversation.waiters.delete(end)
        conversation.clearTimer(timer)
        signal?.removeEventListener('abort', aborted)
        if (error !== undefined) reject(error)
      }
      const aborted = () => end(signal?.reason)
      const undo = this.on(
        type,
        (message) => {
          resolve(message)
          end()
        },
        room === undefined ? {} : { room },
      )
      const late = () => end(new HoldfastError('HF_TIMEOUT', `No ${type} within ${timeoutMs} ms`))
      const timer = timeoutMs < 2 ** 31 ? conversation.setTimer(late, timeoutMs) : undefined
      conversation.waiters.add(end)
      signal?.addEventListener('abort', aborted)
    })
  }

  /** The messages of a type from now on, to be read with `for await`. */
  messages<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    options: {
      readonly signal?: AbortSignal
      readonly buffer?: BufferOptions
      readonly room?: string
    } = {},
  ): MessageStream<Message<ReceivedPayloads<Schemas>[Type], Type>> {
    type Item = Message<ReceivedPayloads<Schemas>[Type], Type>
    const { signal, room } = options
    const listen = (push: (item: Item) => void) => this.on(type, push, room === undefined ? {} : { room })
    return openStream(this.#conversation, resolveBuffer(options.buffer), signal, type, listen)
  }

  /** What happens to the conversation, rather than what is said in it. */
  readonly events: {
    on<Name extends keyof ClientEventMap>(
      name: Name,
      listener: (event: ClientEventMap[Name]) => unknown,
      options?: Omit<MessageListenOptions, 'room'>,
    ): () => void
  } = { on: (name, listener, options) => this.#conversation.events.on(name, listener, options) }

  /**
   * Joins a room, now and again after each reconnect, until every hold on it is left. `params` go with the join; of
   * several holds the first one's count.
   *
   * @throws HoldfastError `HF_BAD_TYPE` for a name that is empty or no string.
   */
  room(name: string, options: { readonly params?: unknown } = {}): Room<Schemas> {
    if (typeof name !== 'string' || name === '') {
      throw new HoldfastError(
        'HF_BAD_TYPE',
        `A room's name must be a text that is not empty, not ${String(name)}`,
      )
    }
    return new Room(this.#conversation.rooms.enter(name, options.params), this.#conversation)
  }

  /**
   * Asks the server and waits for its reply.
   *
   * @throws HoldfastError `HF_REMOTE` where the server answers with an error (its `cause` has the code), `HF_TIMEOUT`,
   * `HF_IN_DOUBT` where the link was lost after the request was written, `HF_LIMIT` where too many are pending, `HF_INVALID` where
   * the reply does not fit its schema, `HF_CLOSED`; the signal's reason when it is aborted. All as rejections.
   */
  async request<Type extends keyof RequestTypes<Schemas> & string>(
    type: Type,
    payload?: RequestTypes<Schemas>[Type]['input'],
    options?: RequestOptions,
  ): Promise<RequestTypes<Schemas>[Type]['output']> {
    const schemas = this.#requestSchemas(type)
    if (this.#options.validateSends && schemas?.input) await this.#checked(type, schemas.input, payload)
    const reply = await new Promise<unknown>((resolve, reject) => {
      this.#conversation.requests.ask(type, payload, options, { onReply: resolve, onError: reject })
    })
    return schemas?.output ? await this.#checked(type, schemas.output, reply) : reply
  }

  #requestSchemas(type: string) {
    const { requests } = this.#options
    if (!requests) return undefined
    if (Object.hasOwn(requests, type)) return requests[type]
    throw new HoldfastError('HF_BAD_TYPE', `There is no schema for requests of type ${type}`)
  }

  async #checked(type: string, schema: StandardSchema, value: unknown): Promise<unknown> {
    const result = await check(schema as StandardSchema, value)
    if (!result.issues) return result.value
    const text = `The payload of ${type} is wrong: ${describeIssues(result.issues)}`
    throw new HoldfastError('HF_INVALID', text, { cause: result.issues })
  }

  /**
   * Asks the server for a stream of replies, to be read with `for await`. Leaving the loop tells the server to stop.
   *
   * @throws As `request`, when it is read.
   */
  stream<Type extends keyof RequestTypes<Schemas> & string>(
    type: Type,
    payload?: RequestTypes<Schemas>[Type]['input'],
    options: StreamOptions = {},
  ): MessageStream<RequestTypes<Schemas>[Type]['output']> {
    const { buffer, ...request } = options
    const schemas = this.#requestSchemas(type)
    let giveUp: (() => void) | undefined
    const stream = new Stream<unknown>(
      resolveBuffer(buffer, 'fail'),
      () => giveUp?.(),
      () => this.#conversation.tell('overrun', { where: type }),
    )
    const { onReply, onError } = this.#intoStream(type, schemas?.output, stream)
    try {
      giveUp = this.#conversation.requests.ask(type, payload, request, { onReply, onError }, true)
    } catch (error) {
      stream.end(error)
    }
    return stream
  }

  #intoStream(type: string, schema: StandardSchema | undefined, stream: Stream<unknown>) {
    // Schemas may be asynchronous: each reply waits for the one before.
    let turn = Promise.resolve()
    const inTurn = (act: () => unknown) => {
      turn = turn.then(act).then(
        () => {},
        (error: unknown) => stream.end(error),
      )
    }
    return {
      onReply: (payload: unknown, more: boolean) => {
        // The last one may carry nothing but the end.
        if (more || payload !== undefined)
          inTurn(async () => stream.push(schema ? await this.#checked(type, schema, payload) : payload))
        if (!more) inTurn(() => stream.end())
      },
      onError: (error: unknown) => inTurn(() => stream.end(error)),
    }
  }

  /**
   * Answers requests of the server's: with what the handler returns or resolves to, several times with what an async iterable
   * yields, or with an error where it throws one that has a `code`. Returns the undo.
   *
   * @throws HoldfastError `HF_BAD_TYPE` where the type is handled already.
   */
  handle<Type extends keyof ServedTypes<Schemas> & string>(
    type: Type,
    handler: (payload: ServedTypes<Schemas>[Type]['input'], context: ServeContext) => unknown,
  ): () => void {
    return this.#conversation.serving.on(type, handler as ServeHandler)
  }

  /**
   * The binary messages of a type, a whole number from 0 to 0xfffffeff. Without a codec values are bytes.
   *
   * @throws HoldfastError `HF_BAD_TYPE` for any other type.
   */
  binary(type: number): BinaryChannel<BytesLike | Blob, Uint8Array>
  binary<Sent, Received = Sent>(
    type: number,
    codec: BinaryCodec<Sent, Received>,
  ): BinaryChannel<Sent, Received>
  binary(type: number, codec?: BinaryCodec<unknown, unknown>): unknown {
    return new BinaryChannel(type, codec, this.#conversation)
  }

  /** Delivers what waits, at most `max` messages, where `delivery` is `manual`. Answers how many. */
  poll(max?: number): number {
    return this.#conversation.delivery.poll(max)
  }

  /** Connects, as the socket's `open()`. */
  open(): void {
    this.socket.open()
  }

  /** Ends the conversation, as the socket's `close()`: requests and loops end with `HF_CLOSED`. */
  close(code?: number, reason?: string): void {
    this.socket.close(code, reason)
  }

  /**
   * Connects, and stays connected until the last release, which closes in a later macrotask: a component that is
   * unmounted and mounted again at once keeps its link. Returns the release; it counts once.
   */
  retain(): () => void {
    this.#retained++
    this.open()
    let released = false
    return () => {
      if (released) return
      released = true
      this.#conversation.defer(() => {
        if (--this.#retained === 0) this.close()
      }, 0)
    }
  }

  /** The client at this moment; the same object as long as nothing in it changed. */
  getSnapshot(): ClientSnapshot {
    this.#snapshot ??= clientSnapshotOf(this.socket.getSnapshot(), this.#conversation.rooms.all)
    return this.#snapshot
  }

  /** Calls back after each change of the snapshot. Returns the undo. */
  subscribe(listener: () => void): () => void {
    return this.#conversation.events.on('change', () => listener())
  }

  /** Closes, and resolves when that is done. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.socket[Symbol.asyncDispose]()
  }
}
