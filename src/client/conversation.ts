import { byteLength, mostBytes, quickLength, type SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import { tokenBucket } from '../base/token-bucket.ts'
import type { Shell } from '../core/shell.ts'
import { decodeUtf8 } from '../wire/bytes.ts'
import type { Decoder, Dialect, InboundMessage, Operation, PeerError } from '../wire/dialect.ts'
import { envelopeDialect } from '../wire/envelope-dialect.ts'
import type { PeerLimits } from '../wire/limits.ts'
import type { Piece } from '../wire/piece.ts'
import type { ClientEventMap } from './client-events.ts'
import type { ResolvedBatchOptions, ResolvedClientOptions } from './client-options.ts'
import { Delivery, type DeliveryHost } from './delivery.ts'
import { type Fragmenter, one } from './fragments.ts'
import { Inbound, type InboundHost } from './inbound.ts'
import type { Membership } from './membership.ts'
import { type Batching, Outbox, type OutboxHost } from './outbox.ts'
import { Outgoing, outgoingOf } from './outgoing.ts'
import type { SendDropReason } from './receipt.ts'
import { Registry } from './registry.ts'
import { Requests, type RequestsHost } from './requests.ts'
import { type GapDetail, Rooms, type RoomsHost } from './rooms.ts'
import { type ClientSendOptions, type ResolvedSendOptions, resolveSend } from './send-options.ts'
import { Serving, type ServingHost } from './serving.ts'
import { checkInTime, describeIssues, type SchemaResult, type StandardSchema } from './standard-schema.ts'

/** Larger ones wait for their turn, so that small ones do not wait for them. */
const LARGE_BYTES = 65_536

/** The least time between two answers to the server's pings. */
const PONG_GAP_MS = 250

type Hosts = OutboxHost & RoomsHost & RequestsHost & ServingHost & InboundHost & DeliveryHost

/** The hands of a client: brings what the socket tells to those who decide, and what they decide to the socket. */
export class Conversation implements Hosts {
  readonly #shell: Shell
  readonly #options: ResolvedClientOptions
  readonly #dialect: Dialect
  readonly #outbox: Outbox
  readonly #fragmenter: Fragmenter | undefined
  readonly #inbound: Inbound
  readonly delivery: Delivery
  readonly rooms: Rooms
  readonly requests: Requests
  readonly serving: Serving
  /** Handlers of messages, by type; of frames, by number. */
  readonly handlers: Registry
  readonly events: Registry
  /** Those who end with the client: loops and waits. */
  readonly waiters: Set<(error?: unknown) => void> = new Set()
  readonly #changed: () => void
  #limits: PeerLimits
  #decoder: Decoder
  #ended: HoldfastError | undefined
  #linkedAt = 0
  #pongedAt = -Infinity
  #pieceTimer: unknown

  constructor(shell: Shell, options: ResolvedClientOptions, changed: () => void) {
    this.#shell = shell
    this.#options = options
    this.#changed = changed
    this.#dialect = options.dialect ?? envelopeDialect(options.batch && { batch: true })
    this.#limits = options.limits
    this.#fragmenter = options.fragments?.start() as Fragmenter | undefined
    const batching = options.batch && this.#batching(options.batch)
    this.#outbox = new Outbox(shell.settings.queue, batching, this)
    const { joinRate = tokenBucket({ perSecond: 1_000, burst: 100 }), rejoin } = options.rooms
    this.rooms = new Rooms(joinRate, rejoin as never, this)
    const prefix = this.random().toString(36).slice(2, 10)
    this.requests = new Requests(options.maxPendingRequests, prefix, this)
    this.serving = new Serving(options.serves, this)
    this.handlers = new Registry(this.report)
    this.events = new Registry(this.report)
    this.delivery = new Delivery(options.delivery, this)
    this.#inbound = new Inbound(options.messages, this)
    this.#decoder = this.#dialect.decoder(this.#inbound)
    shell.outbound.use(this.#outbox)
  }

  #batching({ maxCount, maxBytes }: ResolvedBatchOptions): Batching {
    const { encodeBatch } = this.#dialect
    if (!encodeBatch) throw new TypeError('Option batch needs a dialect that has batches')
    const largest = () => Math.min(maxBytes, this.#limits.maxMessageBytes ?? Infinity)
    return {
      maxCount,
      get maxBytes() {
        return largest()
      },
      join: (texts) => encodeBatch(texts),
    }
  }

  // ── Time and chance ──

  now(): number {
    return this.#shell.now()
  }

  random(): number {
    return this.#shell.settings.random()
  }

  readonly report = (error: unknown): void => {
    this.#shell.report(error)
  }

  setTimer(callback: () => void, ms: number): unknown {
    const { clock, unref } = this.#shell.settings
    const timer = clock.setTimer(callback, ms)
    if (unref) (timer as { unref?: () => void } | undefined)?.unref?.()
    return timer
  }

  clearTimer(handle: unknown): void {
    this.#shell.settings.clock.clearTimer(handle)
  }

  defer(callback: () => void, ms: number): void {
    this.setTimer(callback, ms)
  }

  get nextFrame(): DeliveryHost['nextFrame'] {
    return this.#shell.nextFrame
  }

  // ── Out ──

  /** Composes a message and sends it. Throws what its schema, its size or the bounds have against it. */
  send(type: string, operation: Operation, given: ClientSendOptions | undefined, room?: string): Outgoing {
    const options = resolveSend(given)
    const message = this.#begin(type, room, options)
    const schema = this.#options.validateSends ? this.#schemaOf(type, operation) : undefined
    const result = schema && checkInTime(schema, (operation as { payload?: unknown }).payload, this)
    if (result && 'then' in result) {
      this.#dispatch(message, options)
      this.#sendLater(message, operation, result)
      return message
    }
    if (result?.issues) throw invalid(type, result)
    this.#load(message, operation)
    this.#dispatch(message, options)
    return message
  }

  #schemaOf(type: string, { op }: Operation): StandardSchema | undefined {
    const map = this.#options.sends ?? this.#options.messages
    // A bare payload to a room has no type of the application's.
    if (!map || (op === 'message' && type === 'broadcast')) return undefined
    if (!Object.hasOwn(map, type)) {
      throw new HoldfastError('HF_BAD_TYPE', `There is no schema for messages of type ${type}`)
    }
    return map[type] as StandardSchema
  }

  #begin(type: string | number, room: string | undefined, options: ResolvedSendOptions): Outgoing {
    const membership = room === undefined ? undefined : this.rooms.get(room)
    if (membership?.status === 'failed' && membership.retryAt === Infinity) {
      const text = `Room ${room} failed: ${membership.error?.code} ${membership.error?.message}`
      throw new HoldfastError('HF_ROOM', text, { cause: membership.error })
    }
    const message = new Outgoing(type, 'small', undefined, membership)
    const { conflate, ttlMs, onProgress } = options
    if (conflate !== false) message.key = `${room ?? ''}\n${conflate === true ? `\n${type}` : conflate}`
    if (ttlMs < Infinity) message.expiresAt = this.now() + ttlMs
    if (onProgress) message.watcher = { onProgress: (sent, bytes) => this.#callBack(onProgress, sent, bytes) }
    return message
  }

  #callBack(callback: (sent: number, bytes: number) => void, sent: number, bytes: number): void {
    try {
      callback(sent, bytes)
    } catch (error) {
      this.report(error)
    }
  }

  /** Gives a message what is to be written. */
  #load(message: Outgoing, operation: Operation): void {
    const stamped = this.#options.timestamps && (operation.op === 'message' || operation.op === 'broadcast')
    const encoded = this.#dialect.encode(
      stamped ? { ...operation, timestamp: new Date(this.now()).toISOString() } : operation,
    )
    if (typeof encoded === 'string' || encoded instanceof Uint8Array) this.#loadData(message, encoded)
    else message.loadAll(encoded as readonly SocketData[])
  }

  /** What cuts large messages, unless the peer said that it takes no pieces. */
  get #cutter(): Fragmenter | undefined {
    return this.#limits.fragments === false ? undefined : this.#fragmenter
  }

  /** The most bytes that go as one message. */
  get #largestWhole(): number {
    return Math.min(this.#limits.maxMessageBytes ?? Infinity, this.#cutter?.aboveBytes ?? Infinity)
  }

  #loadData(message: Outgoing, data: string | Uint8Array): void {
    const limit = this.#limits.maxMessageBytes ?? Infinity
    const fragmenter = this.#cutter
    const above = this.#largestWhole
    const bytes = data as SocketData
    message.weight = mostBytes(bytes)
    if (message.weight > above) {
      const exact = byteLength(bytes)
      if (exact > above && !fragmenter) throw tooLarge(exact, limit)
      if (exact > above && fragmenter) {
        const room = message.membership?.name
        const random = () => this.random()
        message.parts = fragmenter.cut(data, this.#dialect, limit, room, random)
        message.weight = message.parts.bytes
        message.counted = true
        if (!message.remove) message.lane = 'large'
        return
      }
    }
    message.data = bytes
    if (quickLength(bytes) > LARGE_BYTES && !message.remove) message.lane = 'large'
  }

  #dispatch(message: Outgoing, { volatile, signal }: ResolvedSendOptions): void {
    if (signal?.aborted) {
      message.drop('aborted')
      this.onDrop(message, 'aborted')
      return
    }
    // What cannot be written now may not wait where the socket is closed or fails fast.
    if (!this.#shell.mayQueue(message.data ?? '')) {
      message.drop('closed')
      this.onDrop(message, 'closed')
      return
    }
    this.#outbox.send(message, volatile)
    if (signal && message.waits) {
      const abort = () => void message.abort()
      signal.addEventListener('abort', abort)
      const forget = () => signal.removeEventListener('abort', abort)
      void message.written.then(forget)
    }
  }

  /** It keeps its place while its schema thinks. */
  #sendLater(message: Outgoing, operation: Operation, result: Promise<SchemaResult<unknown>>): void {
    void result
      .then((checked) => {
        if (!message.waits) return
        if (checked.issues) throw invalid(String(message.type), checked)
        this.#loadLate(message, operation)
      })
      .catch((error: unknown) => {
        this.report(error)
        this.#outbox.drop(message, 'invalid')
      })
  }

  #loadLate(message: Outgoing, operation: Operation): void {
    const before = message.weight
    this.#load(message, operation)
    this.#outbox.loaded(message, message.weight - before)
  }

  sendFrame(type: number, payload: Uint8Array | Blob, given: ClientSendOptions | undefined): Outgoing {
    const options = resolveSend(given)
    const message = this.#begin(type, undefined, options)
    if (payload instanceof Uint8Array) {
      // What is cut into pieces is read again later.
      const transient = this.#shell.copiesOnSend && payload.length + 4 <= this.#largestWhole
      this.#load(message, { op: 'frame', type, payload, transient })
      message.transient = transient
      this.#dispatch(message, options)
      return message
    }
    const header = one(this.#dialect.encode({ op: 'frame', type, payload: new Uint8Array(0) })) as Uint8Array
    const limit = this.#limits.maxMessageBytes ?? Infinity
    const above = this.#largestWhole
    if (header.length + payload.size <= above) {
      message.data = new Blob([header as Uint8Array<ArrayBuffer>, payload])
      message.weight = message.data.size
      this.#dispatch(message, options)
      return message
    }
    if (!this.#cutter) throw tooLarge(header.length + payload.size, limit)
    message.lane = 'large'
    message.weight = header.length + payload.size
    this.#dispatch(message, options)
    void payload
      .arrayBuffer()
      .then((buffer) => {
        if (!message.waits) return
        this.#loadLate(message, { op: 'frame', type, payload: new Uint8Array(buffer) })
      })
      .catch((error: unknown) => {
        this.report(error)
        this.#outbox.drop(message, 'invalid')
      })
    return message
  }

  sendRequest(id: string, type: string, payload: unknown, room: string | undefined): Outgoing {
    const message = this.#begin(type, room, resolveSend(undefined))
    this.#load(message, { op: 'message', type, id, payload, room })
    this.#dispatch(message, resolveSend(undefined))
    return message
  }

  /** What answers the peer, on this link and as soon as may be. */
  #answer(operation: Operation): void {
    const message = new Outgoing('', 'small')
    this.#load(message, operation)
    this.#outbox.sendOnLink(message)
  }

  sendCancel(ref: string): void {
    this.#answer({ op: 'cancel', ref })
  }

  reply(ref: string, payload: unknown, more: boolean): void {
    this.#answer({ op: 'reply', ref, payload, more })
  }

  refuse(ref: string, error: PeerError): void {
    this.#answer({ op: 'refuse', ref, error })
  }

  onDrop({ type, membership }: Outgoing, reason: SendDropReason): void {
    this.tell('drop', { type, room: membership?.name, reason })
    this.#shell.dropped()
  }

  // ── The outbox's view of the socket ──

  wake(): void {
    this.#shell.outbound.wake()
  }

  sendNow(data: SocketData, past: boolean): boolean {
    return this.#shell.outbound.sendNow(data, past)
  }

  get ahead(): boolean {
    return this.#shell.outbound.ahead
  }

  ask(): boolean {
    return this.#shell.ask()
  }

  get unprovenBytes(): number {
    return this.#shell.doubt.bytes
  }

  get askedBytes(): number {
    return this.#shell.doubt.markedBytes
  }

  get bufferedBytes(): number {
    return this.#shell.native?.bufferedAmount ?? 0
  }

  get rttMs(): number | undefined {
    return this.#shell.rttMs
  }

  // ── The link ──

  linked(): void {
    this.#linkedAt = this.now()
    this.rooms.linked()
  }

  unlinked(): void {
    this.rooms.unlinked()
    this.requests.linkLost()
    this.serving.linkLost()
  }

  /** Half a message from a lost link is worth nothing. */
  opened(): void {
    this.#decoder = this.#dialect.decoder(this.#inbound)
  }

  /** Why there is nothing to wait for, while that is so. */
  get over(): HoldfastError | undefined {
    const { status } = this.#shell.state
    return status === 'closed' || status === 'failed' ? this.#ended : undefined
  }

  /** The client is closed, or gave up: nobody waits for ever. */
  ended(error: HoldfastError, forGood: boolean): void {
    this.#ended = error
    if (forGood) this.requests.clear(error)
    for (const end of [...this.waiters]) end(error)
  }

  get aliveAt(): number {
    // What was sent before a close in order has arrived.
    const { cause, status } = this.#shell.state
    // The cause is that of the last loss; what ends a link of our own accord is not one.
    if (cause?.wasClean && status !== 'closing' && status !== 'suspended') return this.now()
    return Math.max(this.#shell.aliveAt ?? 0, this.#linkedAt)
  }

  // ── Rooms ──

  nextJoin(now: number, needed: boolean): Outgoing | undefined {
    return this.rooms.nextJoin(now, needed)
  }

  get nextJoinAt(): number {
    return this.rooms.nextJoinAt
  }

  encodeJoin({ name, params }: Membership): Outgoing {
    return outgoingOf('control', this.#dialect.encode({ op: 'join', room: name, params }))
  }

  encodeLeave({ name, queuedLarge }: Membership): Outgoing {
    const lane = queuedLarge > 0 ? 'large' : 'small'
    return outgoingOf(lane, this.#dialect.encode({ op: 'leave', room: name }))
  }

  sendOnLink(message: Outgoing): void {
    this.#outbox.sendOnLink(message)
  }

  joined(membership: Membership): void {
    this.#outbox.joined(membership)
  }

  unjoined(membership: Membership): void {
    this.#outbox.unjoined(membership)
  }

  abandon(membership: Membership, reason: SendDropReason): void {
    this.#outbox.abandon(membership, reason)
  }

  statusChanged(membership: Membership): void {
    const { name: room, status, error } = membership
    this.#changed()
    this.tell('room', { room, status, error })
    membership.changed.tell('status', { room, status, error })
  }

  roomGap(membership: Membership, gap: GapDetail): void {
    membership.changed.tell('gap', gap)
  }

  gap(gap: GapDetail): void {
    this.tell('gap', gap)
  }

  // ── In ──

  received(data: unknown): void {
    if (typeof data === 'string') this.#decoder.text(data)
    else if (data instanceof ArrayBuffer) this.#decoder.binary(new Uint8Array(data))
  }

  takeReply(message: InboundMessage): boolean {
    return this.requests.size > 0 && this.requests.take(message)
  }

  takeError(error: PeerError): boolean {
    return this.requests.refuse(error) || (error.room !== undefined && this.rooms.failed(error.room, error))
  }

  takeRequest(message: InboundMessage): boolean {
    return message.id !== undefined && this.serving.take(message)
  }

  takeCancel(ref: string): void {
    this.serving.cancel(ref)
  }

  /** However dead links are found here, the server's pings are answered; not faster than any server needs. */
  takePing(): void {
    this.#shell.peerPinged()
    const now = this.now()
    if (now - this.#pongedAt < PONG_GAP_MS) return
    this.#pongedAt = now
    this.#outbox.control(this.#dialect.encode({ op: 'pong' }))
  }

  announce(limits: PeerLimits): void {
    const before = this.#largestWhole
    // Kept over links: what waits is written before the next server can say what it takes.
    this.#limits = { ...this.#options.limits, ...limits }
    if (this.#largestWhole < before) this.#outbox.refit((message) => this.#fit(message))
  }

  /** Makes a message that waits as small as the peer takes it. Answers whether that can be. */
  #fit(message: Outgoing): boolean {
    const { data, parts } = message
    const limit = this.#limits.maxMessageBytes ?? Infinity
    try {
      if (parts?.recut && (parts.largestBytes ?? 0) > limit) {
        if (message.cursor > 0 && parts.abort) this.#outbox.control(parts.abort() as string)
        message.parts = parts.recut(limit)
        message.restart()
      }
      if (typeof data === 'string' || data instanceof Uint8Array) {
        if (byteLength(data as SocketData) <= this.#largestWhole) return true
        message.data = undefined
        this.#loadData(message, data)
      }
      return message.parts !== undefined || byteLength(message.data ?? '') <= this.#largestWhole
    } catch {
      return false
    }
  }

  get limits(): PeerLimits {
    return this.#limits
  }

  deliver(message: InboundMessage): void {
    if (this.delivery.isImmediate) this.#deliver(message)
    else this.delivery.add(() => this.#deliver(message))
  }

  #deliver(message: InboundMessage): void {
    const { type, room } = message
    const membership = room === undefined ? undefined : this.rooms.get(room)
    if (membership) {
      membership.received++
      membership.failures = 0
    }
    const heard = this.handlers.tell(type, message, room)
    if (!heard && !this.#options.messages) this.tell('unknown', message as ClientEventMap['unknown'])
  }

  deliverFrame(type: number, payload: Uint8Array): void {
    const deliver = () => {
      if (!this.handlers.tell(type, payload)) this.tell('unknownframe', { type, payload })
    }
    if (this.delivery.isImmediate) deliver()
    else this.delivery.add(deliver)
  }

  overrun(): void {
    this.tell('overrun', { where: 'delivery' })
  }

  tell<Name extends keyof ClientEventMap>(name: Name, event: ClientEventMap[Name]): void {
    this.events.tell(name, event)
  }

  // ── Pieces ──

  takePiece(piece: Piece, isRelayed: boolean): void {
    const fragmenter = this.#fragmenter
    if (!fragmenter) {
      const text = 'A piece of a message came, and the option fragments is not set'
      this.tell('malformed', { data: piece.data, error: new HoldfastError('HF_BAD_FRAGMENT', text) })
      return
    }
    const added = fragmenter.add(piece, isRelayed, this.now())
    if (added.is === 'refused') this.tell('malformed', { data: piece.data, error: added.error })
    if (added.is === 'pending') {
      const { id, receivedBytes, bytes } = added
      this.tell('progress', { id, receivedBytes, bytes, abort: () => this.#abortPieces(piece) })
      this.#watchPieces(fragmenter)
    }
    if (added.is !== 'complete') return
    const { id, data, isText } = added
    this.tell('progress', { id, receivedBytes: data.length, bytes: data.length, abort() {} })
    const text = isText ? decodeUtf8(data) : undefined
    const fromOther = fragmenter.wasRelayed(id) || isRelayed
    if (text !== undefined) this.#decoder.text(text, fromOther)
    else if (!isText) this.#decoder.binary(data)
    else {
      const error = new HoldfastError('HF_BAD_FRAGMENT', 'The pieces make no text: they are not UTF-8')
      this.tell('malformed', { data, error })
    }
  }

  /** Tells the sender that the rest is not wanted. */
  #abortPieces({ id, isText }: Piece): void {
    if (!this.#fragmenter?.abort(id)) return
    this.#outbox.control(this.#dialect.encode({ op: 'abort', id, isText }))
  }

  takeAbort(id: string): void {
    const lost = this.#fragmenter?.abort(id)
    if (lost) this.tell('incomplete', { ...lost, reason: 'aborted' })
    this.#outbox.abortPieces(id)
  }

  /** One timer gives up what nobody completes. */
  #watchPieces(fragmenter: Fragmenter): void {
    this.#pieceTimer ??= this.setTimer(
      () => {
        this.#pieceTimer = undefined
        for (const lost of fragmenter.expire(this.now()))
          this.tell('incomplete', { ...lost, reason: 'expired' })
        if (fragmenter.deadline < Infinity) this.#watchPieces(fragmenter)
      },
      Math.max(fragmenter.deadline - this.now(), 0),
    )
  }
}

function invalid(type: string, result: SchemaResult<unknown>): HoldfastError {
  const issues = result.issues ?? []
  return new HoldfastError('HF_INVALID', `The payload of ${type} is wrong: ${describeIssues(issues)}`, {
    cause: issues,
  })
}

function tooLarge(bytes: number, limit: number): HoldfastError {
  const text = `${bytes} bytes are more than the ${limit} that the peer takes, and the option fragments is not set`
  return new HoldfastError('HF_TOO_LARGE', text)
}
