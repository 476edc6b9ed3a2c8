import type { SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import { tokenBucket } from '../base/token-bucket.ts'
import type { Shell } from '../core/shell.ts'
import type { Decoder, InboundMessage, PeerError } from '../wire/dialect.ts'
import { envelopeDialect } from '../wire/envelope-dialect.ts'
import type { PeerLimits } from '../wire/limits.ts'
import type { Piece } from '../wire/piece.ts'
import type { ClientEventMap } from './client-events.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import { Composer, type ComposerHost } from './composer.ts'
import { Delivery, type DeliveryHost } from './delivery.ts'
import type { Fragmenter } from './fragments.ts'
import { Inbound, type InboundHost } from './inbound.ts'
import type { Encoded, Membership } from './membership.ts'
import { Outbox, type OutboxHost } from './outbox.ts'
import { type Outgoing, outgoingOf } from './outgoing.ts'
import { type CollectorHost, PieceCollector } from './piece-collector.ts'
import type { SendDropReason } from './receipt.ts'
import { Registry } from './registry.ts'
import { Requests, type RequestsHost } from './requests.ts'
import { type GapDetail, Rooms, type RoomsHost } from './rooms.ts'
import { Sender, type SenderHost } from './sender.ts'
import { Serving, type ServingHost } from './serving.ts'

/** The longest wait that a timer can take: a longer one is waited for in parts. */
const MAX_TIMER_MS = 2_147_483_647

/** A timer, or the part of a long one that is under way. */
interface Wait {
  timer: unknown
}

/** The least time between two answers to the server's pings. */
const PONG_GAP_MS = 250

type Hosts = CollectorHost &
  ComposerHost &
  DeliveryHost &
  InboundHost &
  OutboxHost &
  RequestsHost &
  RoomsHost &
  SenderHost &
  ServingHost

/** The hands of a client: brings what the socket tells to those who decide, and what they decide to the socket. */
export class Conversation implements Hosts {
  readonly #shell: Shell
  readonly #options: ResolvedClientOptions
  readonly #composer: Composer
  readonly #outbox: Outbox
  readonly #collector: PieceCollector
  readonly #inbound: Inbound
  readonly sender: Sender
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
  decoder: Decoder
  #ended: HoldfastError | undefined
  #tellsDrop = false
  #linkedAt = 0
  #pongedAt = -Infinity

  constructor(shell: Shell, options: ResolvedClientOptions, changed: () => void) {
    this.#shell = shell
    this.#options = options
    this.#changed = changed
    const dialect = options.dialect ?? envelopeDialect(options.batch && { batch: true })
    const fragmenter = options.fragments?.start() as Fragmenter | undefined
    this.#composer = new Composer(dialect, options.limits, fragmenter, options.timestamps, this)
    const batching = options.batch && this.#composer.batching(options.batch)
    this.#outbox = new Outbox(shell.settings.queue, batching, this)
    this.#collector = new PieceCollector(fragmenter, this)
    this.sender = new Sender(options, this.#composer, this.#outbox, this)
    const { joinRate = tokenBucket({ perSecond: 1_000, burst: 100 }), rejoin } = options.rooms
    this.rooms = new Rooms(joinRate, rejoin as never, this)
    const prefix = this.random().toString(36).slice(2, 10)
    this.requests = new Requests(options.maxPendingRequests, prefix, this)
    this.serving = new Serving(options.serves, this)
    this.handlers = new Registry(this.report)
    this.events = new Registry(this.report)
    this.delivery = new Delivery(options.delivery, this)
    this.#inbound = new Inbound(options.messages, this)
    this.decoder = dialect.decoder(this.#inbound)
    shell.outbound.use(this.#outbox)
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
    const wait: Wait = { timer: undefined }
    const set = (rest: number) => {
      const due = rest > MAX_TIMER_MS ? () => set(rest - MAX_TIMER_MS) : callback
      wait.timer = clock.setTimer(due, Math.min(rest, MAX_TIMER_MS))
      if (unref) (wait.timer as { unref?: () => void } | undefined)?.unref?.()
    }
    set(ms)
    return wait
  }

  clearTimer(handle: unknown): void {
    this.#shell.settings.clock.clearTimer((handle as Wait | undefined)?.timer)
  }

  defer(callback: () => void, ms: number): void {
    this.setTimer(callback, ms)
  }

  get nextFrame(): DeliveryHost['nextFrame'] {
    return this.#shell.nextFrame
  }

  // ── Out ──

  sendRequest(id: string, type: string, payload: unknown, room: string | undefined): Outgoing {
    return this.sender.sendRequest(id, type, payload, room)
  }

  sendCancel(ref: string): void {
    this.sender.answer({ op: 'cancel', ref })
  }

  reply(ref: string, payload: unknown, more: boolean): Outgoing {
    return this.sender.answer({ op: 'reply', ref, payload, more })
  }

  refuse(ref: string, error: PeerError): void {
    this.sender.answer({ op: 'refuse', ref, error })
  }

  mayQueue(data: SocketData): boolean {
    const { status } = this.#shell.state
    // Who sends again what was dropped because the client is closed would never come to an end.
    if (this.#tellsDrop && (status === 'closing' || status === 'closed')) {
      throw new HoldfastError('HF_CLOSED', 'The client is closed, and drops what is sent')
    }
    return this.#shell.mayQueue(data)
  }

  get copiesOnSend(): boolean {
    return this.#shell.copiesOnSend
  }

  onDrop({ type, membership }: Outgoing, reason: SendDropReason): void {
    const outer = this.#tellsDrop
    this.#tellsDrop = true
    this.tell('drop', { type, room: membership?.name, reason })
    this.#tellsDrop = outer
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

  get isUnverified(): boolean {
    return this.#shell.snapshot.heartbeat === 'unverified'
  }

  // ── The link ──

  linked(): void {
    this.#linkedAt = this.now()
    this.rooms.linked()
  }

  unlinked(): void {
    this.rooms.unlinked()
  }

  tellUnlinked(): void {
    this.rooms.tellUnlinked()
    this.requests.linkLost()
    this.serving.linkLost()
  }

  /** Half a message from a lost link is worth nothing. */
  opened(): void {
    this.decoder = this.#composer.dialect.decoder(this.#inbound)
  }

  /** Why there is nothing to wait for, while that is so. */
  get over(): HoldfastError | undefined {
    const { status } = this.#shell.state
    return status === 'closed' || status === 'failed' ? this.#ended : undefined
  }

  /** The client is closed, or gave up: nobody waits for ever. */
  ended(error: HoldfastError, forGood: boolean): void {
    this.#ended = error
    if (forGood) {
      this.requests.clear(error)
      this.#collector.close()
    }
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

  encodeJoin(name: string, params: unknown): Encoded {
    return this.#composer.encodeWhole({ op: 'join', room: name, params })
  }

  encodeLeave({ name, queuedLarge }: Membership): Outgoing {
    const lane = queuedLarge > 0 ? 'large' : 'small'
    return outgoingOf(lane, this.#composer.dialect.encode({ op: 'leave', room: name }))
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
    if (typeof data === 'string') this.decoder.text(data)
    else if (data instanceof ArrayBuffer) this.decoder.binary(new Uint8Array(data))
  }

  takeReply(message: InboundMessage): boolean {
    return this.requests.size > 0 && this.requests.take(message)
  }

  takeError(error: PeerError): boolean {
    if (this.requests.refuse(error)) return true
    // What answers a request, and be it one that is over, says nothing of the room.
    return error.ref === undefined && error.room !== undefined && this.rooms.failed(error.room, error)
  }

  takeRequest(message: InboundMessage): boolean {
    const { id } = message
    return id !== undefined && !this.requests.named(id) && this.serving.take(message)
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
    this.#outbox.control(this.#composer.dialect.encode({ op: 'pong' }))
  }

  announce(limits: PeerLimits): void {
    if (!this.#composer.announce(limits)) return
    const outbox = this.#outbox
    const fitHost = {
      abort: ({ parts }: Outgoing) => parts?.abort && outbox.control(parts.abort() as string),
      loaded: (message: Outgoing, more: number) => outbox.loaded(message, more),
      drop: (message: Outgoing) => outbox.drop(message, 'too-large'),
    }
    outbox.refit((message) => this.#composer.fit(message, fitHost))
  }

  get limits(): PeerLimits {
    return this.#composer.limits
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
    this.#collector.take(piece, isRelayed)
  }

  takeAbort(id: string): void {
    this.#collector.abort(id)
    this.#outbox.abortPieces(id)
  }

  refusePieces({ id, isText }: Piece): void {
    this.#outbox.control(this.#composer.dialect.encode({ op: 'abort', id, isText }))
  }
}
