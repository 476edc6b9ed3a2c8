import { type BinaryType, type SocketData, toBinaryType } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { NativeSocket, Platform } from '../base/platform.ts'
import { checkSources } from './address.ts'
import { Alarm, type AlarmHost } from './alarm.ts'
import { Announcer, type Face } from './announcer.ts'
import { Connection, type Sources } from './connection.ts'
import { DrainWaiters } from './drain-waiters.ts'
import { MessageObject } from './event-objects.ts'
import type { HeartbeatStatus } from './heartbeat.ts'
import type { InDoubt } from './in-doubt.ts'
import { connectTimeout, type Effect, type LifecycleEvent, transition } from './lifecycle.ts'
import type { LinkHost } from './link.ts'
import { type LossCause, unclean } from './loss.ts'
import type { ProtocolSource, UrlSource } from './options.ts'
import { Outbound, type OutboundHost } from './outbound.ts'
import type { Pulse, PulseHost } from './pulse.ts'
import type { DropReason } from './send-queue.ts'
import { type Settings, settle } from './settings.ts'
import { type SocketSnapshot, snapshotOf } from './snapshot.ts'
import { failsFast, initialState, isAt, isOver, isUnavailable, type State } from './state.ts'
import { Surroundings, type SurroundingsHost } from './surroundings.ts'

/**
 * The hands: the one place where timers are set, sockets opened and events told. It decides nothing; it brings facts
 * to the lifecycle, the heartbeat and the outgoing side, and carries out what they answer. One timer serves all: each
 * of them says when it wants to be asked next, and it is set to the soonest.
 */
export class Shell implements AlarmHost, LinkHost, OutboundHost, PulseHost, SurroundingsHost {
  readonly #face: Face
  readonly #platform: Platform
  readonly settings: Settings
  readonly #protocols: ProtocolSource
  readonly #source: UrlSource
  readonly #announcer: Announcer
  readonly #outbound: Outbound
  readonly #pulse: Pulse | undefined
  readonly #surroundings: Surroundings | undefined
  readonly #alarm: Alarm
  #waiters: DrainWaiters | undefined
  state: State = initialState
  readonly #staticUrl: string
  #binaryType: BinaryType
  #connection: Connection | undefined
  /** When the heartbeat of a new link begins: with the flush, so that `open` listeners speak first. */
  #pulseAt = Infinity
  #snapshot: SocketSnapshot | undefined

  constructor(face: Face, platform: Platform, { url, protocols }: Sources, given: unknown) {
    const settings = settle(given, platform, url, protocols)
    this.#face = face
    this.#platform = platform
    this.#source = url
    this.#protocols = protocols
    this.settings = settings
    this.#staticUrl = checkSources(url, protocols, platform.resolveUrl)
    this.#binaryType = settings.binaryType
    this.#announcer = new Announcer(face, settings.logger, platform.report)
    this.#outbound = new Outbound(settings, this)
    this.#alarm = new Alarm(settings, this)
    const { heartbeat = platform.heartbeat, signals = platform.signals } = settings
    if (signals) this.#surroundings = new Surroundings(signals, this)
    if (heartbeat) this.#pulse = heartbeat.start(this, settings.random().toString(36).slice(2, 8)) as Pulse
  }

  get doubt(): InDoubt {
    return this.#outbound.doubt
  }

  now(): number {
    return this.settings.clock.now()
  }

  report(error: unknown): void {
    this.#platform.report(error)
  }

  defer(callback: () => void, ms = 0): void {
    this.settings.clock.setTimer(callback, ms)
  }

  /** Calls back before the next frame is painted, where there are frames. */
  get nextFrame(): ((callback: () => void) => void) | undefined {
    return this.#platform.nextFrame
  }

  /** Whether the native socket has its own copy of the bytes as soon as `send` returns. */
  get copiesOnSend(): boolean {
    const { native } = this
    return native !== undefined && this.#platform.copies?.(native) === true
  }

  /** The round trip of the last answered ping. */
  get rttMs(): number | undefined {
    return this.#pulse?.heartbeat.rtt.lastMs
  }

  get native(): NativeSocket | undefined {
    return this.#connection?.native
  }

  /** The address of the last attempt, or of the one to come. */
  get url(): string {
    return this.#connection?.url ?? this.#staticUrl
  }

  get snapshot(): SocketSnapshot {
    this.#snapshot ??= snapshotOf(this.state, this.url, this.settings.retry, this.#pulse?.heartbeat)
    return this.#snapshot
  }

  get queued(): { readonly count: number; readonly bytes: number } {
    return { count: this.#outbound.size, bytes: this.#outbound.bytes }
  }

  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = type
    if (this.native) this.native.binaryType = type
  }

  // ── The lifecycle ──

  /** Brings a fact to the lifecycle, and carries out what it answers. */
  dispatch(event: LifecycleEvent): void {
    const before = this.state
    const now = this.now()
    const [state, effects] = transition(before, event, now, this.settings)
    this.state = state
    if (state !== before) this.#snapshot = undefined
    for (const effect of effects) {
      this.#perform(effect)
      // A listener may have moved the socket on: that has been carried out and told by then, and the rest is history.
      if (!isAt(this.state, state)) return
    }
    if (state !== before) this.#moved(this.state, before, now)
    this.arm()
  }

  #moved(state: State, before: State, now: number): void {
    const over = isOver(state)
    this.#surroundings?.listen(!over)
    this.#changed()
    if (!isAt(this.state, state)) return
    // Before the queue is cleared: what is dropped was not sent.
    if (over) this.#waiters?.reject()
    if (state.status === 'closed') this.#outbound.clear('closed')
    if (failsFast(state, this.settings.retry)) this.#outbound.clear('unavailable')
    if (state.status !== before.status && isAt(this.state, state)) this.#announcer.moved(state, before, now)
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'connect':
        this.#connect()
        break
      case 'detach':
        this.#detach(effect.abort)
        break
      case 'close':
        this.#outbound.finish()
        this.#outbound.detach()
        this.#pulse?.stop()
        // WebKit and Node's own lose a blob that they have not read yet, and what was sent after it, when they close.
        this.#connection?.close(effect.code, effect.reason, this.#outbound.wroteBlob)
        break
      case 'opened':
        this.#opened()
        break
      case 'probe':
        this.#pulse?.probe()
        break
      case 'ended':
        this.#ended(effect.cause, effect.failed, effect.proven)
    }
  }

  #connect(): void {
    const { url, state } = this
    const { attempt, cause, generation } = state
    const refresh = state.refresh || isUnavailable(state, this.settings.retry)
    const known = { attempt, lastClose: cause, refresh }
    this.#outbound.wroteBlob = false
    this.#connection = new Connection(this, this.#platform, generation, url)
    void this.#connection
      .begin({ url: this.#source, protocols: this.#protocols }, this.settings, known, () => this.#binaryType)
      .then(() => this.url !== url && this.#changed())
  }

  #detach(abort: boolean): void {
    this.#pulseAt = Infinity
    this.#outbound.detach()
    this.#pulse?.stop()
    this.#connection?.release(abort)
  }

  #ended(cause: LossCause, failed: boolean, proven: boolean): void {
    this.#announcer.ended(cause, failed, this.#outbound.settle(proven))
  }

  /** An attempt that is to begin as soon as all have heard of the last end is as new as can be. */
  reconnect(): void {
    if (!this.#announcer.tellsEnd || this.state.status !== 'connecting') this.dispatch({ type: 'reconnect' })
  }

  // ── The link ──

  linkOpened(generation: number): void {
    this.dispatch({ type: 'opened', generation })
  }

  lost(generation: number, cause: LossCause): void {
    this.dispatch({ type: 'lost', generation, cause })
  }

  /** Without a gate the link carries at once what `open` listeners send; with one, only what the gate sends. */
  #opened(): void {
    const { beforeFlush } = this.settings
    const connection = this.#connection
    const native = connection?.native
    if (!native) return
    this.#pulse?.attach(native)
    if (!beforeFlush) this.#ready(native)
    this.#announcer.emit('open', {})
    if (!beforeFlush || native !== this.native) return
    const gateAt = this.now() + connectTimeout(this.state.attempt || 1, this.settings)
    // What the gate says belongs to this link: it never waits for another.
    const write = (data: SocketData) => this.#outbound.write(native, data, false)
    void connection.passGate(beforeFlush, write, gateAt, () => this.#ready(native))
  }

  /** The link may carry what the application sends. */
  #ready(native: NativeSocket): void {
    if (this.state.status !== 'open') return
    // After a gate there are no `open` listeners left to let speak first.
    this.#outbound.attach(native, !this.settings.beforeFlush)
    this.#pulseAt = this.now()
    this.arm()
  }

  // ── The data path ──

  received(data: unknown): void {
    if (this.#pulse?.consumes(data)) return
    const shaped = typeof data === 'string' ? data : toBinaryType(data, this.#binaryType)
    this.#face.tellMessage(new MessageObject(this.#face, shaped))
  }

  send(data: SocketData): void {
    this.#outbound.send(data)
  }

  /** The way out, for a client that puts its own order into it. */
  get outbound(): Outbound {
    return this.#outbound
  }

  /** Whether what cannot be written now may wait. */
  mayQueue(data: SocketData): boolean {
    const { status } = this.state
    if (status === 'closing' || status === 'closed') {
      if (this.#announcer.tellsDrop)
        throw new HoldfastError('HF_CLOSED', 'The socket is closed, and drops what is sent')
      this.onDrop(data, 'closed')
      return false
    }
    if (failsFast(this.state, this.settings.retry)) {
      const message = `The server is unavailable after ${this.state.attempt} attempts`
      throw new HoldfastError('HF_UNAVAILABLE', message, { retryable: true })
    }
    return true
  }

  onDrop(data: SocketData, reason: DropReason, error?: unknown): void {
    this.#announcer.dropped(data, reason, error)
    this.#lookAtDrain()
  }

  /** Something was dropped that the client itself tells of. */
  dropped(): void {
    this.#lookAtDrain()
  }

  drained(): void {
    this.#announcer.emit('drain', {})
    this.#lookAtDrain()
  }

  waitForDrain(signal: AbortSignal | undefined): Promise<void> {
    this.#waiters ??= new DrainWaiters()
    const waiting = this.#waiters.wait(signal)
    this.#lookAtDrain()
    if (isOver(this.state)) this.#waiters?.reject()
    this.arm()
    return waiting
  }

  #lookAtDrain(): void {
    const drained = this.#outbound.size === 0 && !this.native?.bufferedAmount
    this.#waiters?.look(drained, this.native !== undefined, this.now())
  }

  // ── The heartbeat ──

  peerPinged(): void {
    this.#pulse?.pinged()
  }

  ponged(id: string): void {
    this.#pulse?.ponged(id)
  }

  /** Asks the peer for an answer, which proves what was written before it. */
  ask(): boolean {
    return this.#pulse?.ask() === true
  }

  /** A moment at which the link was certainly alive. */
  get aliveAt(): number | undefined {
    return this.#pulse?.heartbeat.aliveAt
  }

  pulseChanged(news: HeartbeatStatus | undefined): void {
    if (news !== 'unverified') this.#outbound.proven()
    this.#changed()
    if (news) this.#announcer.emit('heartbeat', { status: news })
  }

  peerDied(own: boolean): void {
    this.lost(this.state.generation, unclean(own ? 'wake' : 'heartbeat'))
  }

  // ── Time ──

  /** Sets the timer to the soonest of all deadlines. */
  arm(): void {
    this.#alarm.set(
      Math.min(
        this.state.deadline,
        this.#outbound.deadline,
        this.#pulse?.heartbeat.deadline ?? Infinity,
        this.#connection?.gateAt ?? Infinity,
        this.#pulseAt,
        this.#waiters?.deadline ?? Infinity,
      ),
    )
  }

  ring(): void {
    try {
      this.#due(this.now())
    } catch (error) {
      // Only what the user gave can throw here, such as a rate limiter. What was not done is due again.
      this.report(error)
    }
    this.arm()
  }

  #due(now: number): void {
    if (now >= this.state.deadline) this.dispatch({ type: 'tick' })
    this.#outbound.tick(now)
    if (now >= this.#pulseAt && this.native) {
      this.#pulseAt = Infinity
      this.#pulse?.start(this.url.replace(/[?].*/, ''))
    }
    this.#connection?.tick(now)
    this.#pulse?.tick(now)
    this.#lookAtDrain()
  }

  #changed(): void {
    this.#snapshot = undefined
    this.#face.emitter.emit('change', undefined)
  }
}
