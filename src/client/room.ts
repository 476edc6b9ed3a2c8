import { HoldfastError } from '../base/errors.ts'
import type { PeerError } from '../wire/dialect.ts'
import type { RoomStatusDetail } from './client-events.ts'
import type { Conversation } from './conversation.ts'
import type { Membership, RoomStatus } from './membership.ts'
import { type BufferOptions, type MessageStream, resolveBuffer } from './message-stream.ts'
import { openStream } from './open-stream.ts'
import type { Receipt } from './receipt.ts'
import type { MessageListenOptions } from './registry.ts'
import type { GapDetail } from './rooms.ts'
import type { ClientSchemas, Message, ReceivedPayloads, SentPayloads } from './schemas.ts'
import type { SendOptions } from './send-options.ts'

/** What happens to a room. @public */
export interface RoomEventMap {
  status: RoomStatusDetail
  /** It was joined again after a lost link: what may have been missed. Once for each. */
  gap: GapDetail
}

/** How many hold a room, what was sent and received, and how many messages wait until it is joined. @public */
export interface RoomCounts {
  readonly holders: number
  readonly sent: number
  readonly received: number
  readonly waiting: number
}

/** A room at one moment; the same object as long as nothing in it changed. @public */
export interface RoomSnapshot {
  readonly name: string
  readonly status: RoomStatus
  readonly error: PeerError | undefined
}

/**
 * One hold on a room: it stays joined, over all links, until the last hold is left.
 *
 * @public
 */
export class Room<Schemas extends ClientSchemas = ClientSchemas> {
  readonly name: string
  readonly #conversation: Conversation
  readonly #membership: Membership
  /** What this hold listens to ends with it. */
  readonly #undos: Set<() => void> = new Set()
  #left = false
  #snapshot: RoomSnapshot | undefined

  /** @internal */
  constructor(membership: object, conversation: object) {
    this.#membership = membership as Membership
    this.#conversation = conversation as Conversation
    this.name = this.#membership.name
  }

  get status(): RoomStatus {
    return this.#left ? 'left' : this.#membership.status
  }

  /** What the server said, where the room failed. */
  get error(): PeerError | undefined {
    return this.#membership.error
  }

  get counts(): RoomCounts {
    const { holders, sent, received, heldCount } = this.#membership
    return { holders, sent, received, waiting: heldCount }
  }

  /**
   * Sends a message to all in the room, or keeps it until the room is joined.
   *
   * @throws HoldfastError `HF_ROOM` where the room was left, or failed for good; and as `client.send`.
   */
  send<Type extends keyof SentPayloads<Schemas> & string>(
    type: Type,
    payload?: SentPayloads<Schemas>[Type],
    options?: SendOptions,
  ): Receipt {
    this.#check()
    return this.#conversation.send(
      type,
      { op: 'broadcast', room: this.name, type, payload },
      options,
      this.name,
    )
  }

  /**
   * Sends a bare payload to all in the room: for servers that relay nothing else. Others get it as `raw` text, or as a
   * message of type `broadcast`, as the server delivers it. No schema checks it.
   *
   * @throws As `send`.
   */
  broadcast(payload: unknown, options?: SendOptions): Receipt {
    this.#check()
    const type = 'broadcast'
    return this.#conversation.send(
      type,
      { op: 'message', room: this.name, type, payload },
      options,
      this.name,
    )
  }

  #check(): void {
    if (this.#left) throw new HoldfastError('HF_ROOM', `Room ${this.name} was left`)
  }

  /** Hears messages of this room. Returns the undo. */
  on<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    handler: (message: Message<ReceivedPayloads<Schemas>[Type], Type>) => unknown,
    options?: Omit<MessageListenOptions, 'room'>,
  ): () => void {
    this.#check()
    return this.#keep(this.#conversation.handlers.on(type, handler, { ...options, room: this.name }))
  }

  #keep(undo: () => void): () => void {
    const once = () => {
      this.#undos.delete(once)
      undo()
    }
    this.#undos.add(once)
    return once
  }

  /** The room's messages of a type from now on, to be read with `for await`. It ends when this hold is left. */
  messages<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    options: { readonly signal?: AbortSignal; readonly buffer?: BufferOptions } = {},
  ): MessageStream<Message<ReceivedPayloads<Schemas>[Type], Type>> {
    this.#check()
    type Item = Message<ReceivedPayloads<Schemas>[Type], Type>
    const { name: room } = this
    const buffer = resolveBuffer(options.buffer)
    const stream = openStream(
      this.#conversation,
      buffer,
      options.signal,
      type,
      (push: (item: Item) => void) => this.#conversation.handlers.on(type, push, { room }),
    )
    this.#keep(() => void stream.return())
    return stream
  }

  /** What happens to the room, rather than what is said in it. */
  readonly events: {
    on<Name extends keyof RoomEventMap>(
      name: Name,
      listener: (event: RoomEventMap[Name]) => unknown,
      options?: Omit<MessageListenOptions, 'room'>,
    ): () => void
  } = {
    on: (name, listener, options) => this.#keep(this.#membership.changed.on(name, listener, options)),
  }

  /** Tries a room that failed again. Does nothing in any other status. */
  retry(): void {
    if (!this.#left) this.#conversation.rooms.retry(this.#membership)
  }

  /** Gives up this hold. The last one leaves the room, and drops what waits for it. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    for (const undo of [...this.#undos]) undo()
    this.#conversation.rooms.leave(this.#membership)
  }

  /** The room at this moment. */
  getSnapshot(): RoomSnapshot {
    const { name, status, error } = this
    const last = this.#snapshot
    if (last?.status !== status || last.error !== error) this.#snapshot = { name, status, error }
    return this.#snapshot as RoomSnapshot
  }

  /** Calls back after each change of the snapshot. Returns the undo. */
  subscribe(listener: () => void): () => void {
    return this.events.on('status', () => listener())
  }

  /** As `leave()`. */
  [Symbol.dispose](): void {
    this.leave()
  }
}
