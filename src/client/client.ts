import { HoldfastError } from '../base/errors.ts'
import { type Rules, resolveOptions } from '../base/options.ts'
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
import { type MessageStream, resolveBuffer, Stream } from './message-stream.ts'
import { nextMessage, type OnceOptions } from './next-message.ts'
import { openStream, type ReadOptions } from './open-stream.ts'
import type { Question } from './question.ts'
import type { Receipt } from './receipt.ts'
import { checkType, type MessageListenOptions } from './registry.ts'
import type { RequestOptions, StreamOptions } from './requests.ts'
import { Room } from './room.ts'
import type {
  ClientSchemas,
  Message,
  PayloadAndOptions,
  ReceivedPayloads,
  RequestTypes,
  SentPayloads,
  ServedTypes,
} from './schemas.ts'
import type { ClientSendOptions } from './send-options.ts'
import type { ServeAnswer, ServeContext, ServeHandler } from './serving.ts'

const roomRules: Rules<{ params?: unknown }> = { params: [undefined, (given) => given] }

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
   * @throws HoldfastError `HF_BAD_TYPE` for a type that is reserved or, with `validateSends`, has no schema; `HF_INVALID` with
   * `validateSends` where the payload does not fit; `HF_TOO_LARGE` where the peer does not take as much and `fragments` is not set; `HF_ROOM` for
   * a room that failed; `HF_QUEUE_FULL` and `HF_UNAVAILABLE` as the socket's `send`.
   */
  send<Type extends keyof SentPayloads<Schemas> & string>(
    type: Type,
    ...rest: PayloadAndOptions<SentPayloads<Schemas>[Type], ClientSendOptions>
  ): Receipt {
    const [payload, options] = rest
    const room = options?.room
    return this.#conversation.sender.send(type, { op: 'message', type, payload, room }, options, room)
  }

  /** Hears messages of a type. Returns the undo. */
  on<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    handler: MessageHandler<ReceivedPayloads<Schemas>[Type], Type>,
    options?: MessageListenOptions,
  ): () => void {
    checkType(type)
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
    options?: OnceOptions,
  ): Promise<Message<ReceivedPayloads<Schemas>[Type], Type>> {
    return nextMessage(this.#conversation, type, options) as Promise<
      Message<ReceivedPayloads<Schemas>[Type], Type>
    >
  }

  /** The messages of a type from now on, to be read with `for await`. */
  messages<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    options?: ReadOptions & { readonly room?: string },
  ): MessageStream<Message<ReceivedPayloads<Schemas>[Type], Type>> {
    type Item = Message<ReceivedPayloads<Schemas>[Type], Type>
    checkType(type)
    return openStream(this.#conversation, type, options, (push: (item: Item) => void, room) =>
      this.on(type, push, { room }),
    )
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
   * Joins a room, now and again after each reconnect, until every hold on it is left. `params`, as they are now, go with each join; of
   * several holds the first one's count.
   *
   * @throws HoldfastError `HF_BAD_TYPE` for a name that is empty or no string; `HF_INVALID` for params that JSON cannot say,
   * `HF_TOO_LARGE` for more of them than the peer takes.
   */
  room(name: string, options?: { readonly params?: unknown }): Room<Schemas> {
    if (typeof name !== 'string' || name === '') {
      throw new HoldfastError(
        'HF_BAD_TYPE',
        `A room's name must be a text that is not empty, not ${String(name) || '""'}`,
      )
    }
    const { params } = resolveOptions(roomRules, {}, options)
    return new Room(this.#conversation.rooms.enter(name, params), this.#conversation)
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
    ...rest: PayloadAndOptions<RequestTypes<Schemas>[Type]['input'], RequestOptions>
  ): Promise<RequestTypes<Schemas>[Type]['output']> {
    const [payload, options] = rest
    return new Promise((resolve, reject) => {
      const asker = { onReply: resolve as (payload: unknown) => void, onError: reject }
      this.#conversation.requests.ask(this.#question(type, payload, false), options, asker)
    })
  }

  #question(type: string, payload: unknown, isStream: boolean): Question {
    const { requests, validateSends } = this.#options
    const known = !requests || Object.hasOwn(requests, type)
    if (!known) throw new HoldfastError('HF_BAD_TYPE', `There is no schema for requests of type ${type}`)
    const { input, output } = (requests?.[type] ?? {}) as Pick<Question, 'input' | 'output'>
    return { type, payload, isStream, input: validateSends ? input : undefined, output }
  }

  /**
   * Asks the server for a stream of replies, to be read with `for await`. Leaving the loop tells the server to stop.
   *
   * @throws As `request`, when it is read.
   */
  stream<Type extends keyof RequestTypes<Schemas> & string>(
    type: Type,
    ...rest: PayloadAndOptions<RequestTypes<Schemas>[Type]['input'], StreamOptions>
  ): MessageStream<RequestTypes<Schemas>[Type]['output']> {
    const [payload, options = {}] = rest
    const { buffer, ...request } = options
    let giveUp: (() => void) | undefined
    const stream = new Stream<RequestTypes<Schemas>[Type]['output']>(
      resolveBuffer(buffer, 'fail'),
      () => giveUp?.(),
      () => this.#conversation.tell('overrun', { where: type }),
    )
    const asker = {
      onReply: (item: unknown) => stream.push(item as never),
      onEnd: () => stream.end(),
      onError: (error: unknown) => stream.end(error),
    }
    try {
      giveUp = this.#conversation.requests.ask(this.#question(type, payload, true), request, asker)
    } catch (error) {
      stream.end(error)
    }
    return stream
  }

  /**
   * Answers requests of the server's: with what the handler returns or resolves to, several times with what an async iterable
   * yields, or with an error where it throws one that has a `code` of the application's own. Of any other error, those of
   * Node and of this library too, the server learns nothing, since its text may hold secrets. Returns the undo.
   *
   * @throws HoldfastError `HF_BAD_TYPE` where the type is handled already, or has no schema.
   */
  handle<Type extends keyof ServedTypes<Schemas> & string>(
    type: Type,
    handler: (
      payload: ServedTypes<Schemas>[Type]['input'],
      context: ServeContext,
    ) => ServeAnswer<ServedTypes<Schemas>[Type]['output']>,
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

  /**
   * Ends the conversation, as the socket's `close()`: loops and waits end with `HF_CLOSED`, requests too, unless they were
   * written and are not `idempotent`: those end with `HF_IN_DOUBT`. The code is 1000 unless another is given: only an answer
   * with the same code proves what was written.
   */
  close(code = 1000, reason?: string): void {
    this.socket.close(code, reason)
  }

  // Frameworks take these three off the object and call them bare.

  /** The client at this moment; the same object as long as nothing in it changed. */
  readonly getSnapshot: () => ClientSnapshot = () => {
    this.#snapshot ??= clientSnapshotOf(this.socket.getSnapshot(), this.#conversation.rooms.all)
    return this.#snapshot
  }

  /** Calls back after each change of the snapshot. Returns the undo. */
  readonly subscribe: (listener: () => void) => () => void = (listener) => {
    if (typeof listener !== 'function') throw new TypeError('subscribe needs a function')
    return this.#conversation.events.on('change', () => listener())
  }

  /**
   * Connects, and stays connected until the last release, which closes in a later macrotask: a component that is
   * unmounted and mounted again at once keeps its link. Returns the release; it counts once.
   */
  readonly retain: () => () => void = () => {
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
  };

  /** Closes, and resolves when that is done. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return this.socket[Symbol.asyncDispose]()
  }
}
