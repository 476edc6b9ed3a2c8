import { HoldfastError } from '../base/errors.ts'
import type { PeerError } from '../wire/dialect.ts'
import type { RoomStatusDetail } from './client-events.ts'
import type { Conversation } from './conversation.ts'
import type { Membership, RoomStatus } from './membership.ts'
import type { MessageStream } from './message-stream.ts'
import { openStream, type ReadOptions } from './open-stream.ts'
import type { Receipt } from './receipt.ts'
import { checkType, type MessageListenOptions, Registry } from './registry.ts'
import type { GapDetail } from './rooms.ts'
import type { ClientSchemas, Message, PayloadAndOptions, ReceivedPayloads, SentPayloads } from './schemas.ts'
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
  /** Those who compare snapshots. */
  /** What brings it what happens to the membership that all holds share. */
  readonly #forwards: readonly (() => void)[]
  readonly #changed: Registry
  #left = false
  #snapshot: RoomSnapshot | undefined

  /** @internal */
  constructor(membership: object, conversation: object) {
    this.#membership = membership as Membership
    this.#conversation = conversation as Conversation
    this.name = this.#membership.name
    this.#changed = new Registry(this.#conversation.report)
    const { changed } = this.#membership
    this.#forwards = [
      changed.on('status', (event: RoomStatusDetail) => this.#tellStatus(event)),
      changed.on('gap', (event: GapDetail) => this.#changed.tell('gap', event)),
    ]
  }

  #tellStatus(event: RoomStatusDetail): void {
    this.#changed.tell('status', event)
    this.#changed.tell('change', undefined)
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
    ...rest: PayloadAndOptions<SentPayloads<Schemas>[Type], SendOptions>
  ): Receipt {
    const [payload, options] = rest
    this.#check()
    return this.#conversation.sender.send(
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
    return this.#conversation.sender.send(
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
    checkType(type)
    return this.#keep(this.#conversation.handlers, type, handler, { ...options, room: this.name })
  }

  /** Listens until this hold is left, and keeps nothing of what ended before. */
  #keep(
    registry: Registry,
    name: string,
    handler: (event: never) => unknown,
    options: MessageListenOptions | undefined,
  ): () => void {
    let ended = false
    const undo = registry.on(name, handler, options, () => {
      ended = true
      this.#undos.delete(undo)
    })
    if (!ended) this.#undos.add(undo)
    return undo
  }

  /** The room's messages of a type from now on, to be read with `for await`. It ends when this hold is left. */
  messages<Type extends keyof ReceivedPayloads<Schemas> & string>(
    type: Type,
    options?: ReadOptions,
  ): MessageStream<Message<ReceivedPayloads<Schemas>[Type], Type>> {
    this.#check()
    checkType(type)
    type Item = Message<ReceivedPayloads<Schemas>[Type], Type>
    const { name: room } = this
    const end = () => void stream.return()
    const stream: MessageStream<Item> = openStream(this.#conversation, type, options, (push) => {
      const undo = this.#conversation.handlers.on(type, push, { room })
      this.#undos.add(end)
      return () => {
        this.#undos.delete(end)
        undo()
      }
    })
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
    on: (name, listener, options) => {
      this.#check()
      return this.#keep(this.#changed, name, listener, options)
    },
  }

  /** Tries a room that failed again. Does nothing in any other status. */
  retry(): void {
    if (!this.#left) this.#conversation.rooms.retry(this.#membership)
  }

  /** Gives up this hold. The last one leaves the room, and drops what waits for it. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    for (const undo of this.#forwards) undo()
    this.#conversation.rooms.leave(this.#membership)
    this.#tellStatus({ room: this.name, status: 'left', error: undefined })
    for (const undo of [...this.#undos]) undo()
  }

  // Frameworks take these two off the object and call them bare.

  /** The room at this moment; the same object as long as nothing in it changed. */
  readonly getSnapshot: () => RoomSnapshot = () => {
    const { name, status, error } = this
    const last = this.#snapshot
    if (last?.status !== status || last.error !== error) this.#snapshot = { name, status, error }
    return this.#snapshot as RoomSnapshot
  }

  /** Calls back after each change of the snapshot, the last of which is that it was left. Returns the undo. */
  readonly subscribe: (listener: () => void) => () => void = (listener) => {
    if (typeof listener !== 'function') throw new TypeError('subscribe needs a function')
    return this.#changed.on('change', () => listener())
  };

  /** As `leave()`. */
  [Symbol.dispose](): void {
    this.leave()
  }
}
