import { type BinaryType, type SocketData, toBinaryType, toSocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { NativeSocket, Platform } from '../base/platform.ts'
import type { EnvironmentSignal } from '../base/signals.ts'
import { checkSources } from './address.ts'
import { Announcer, type Face } from './announcer.ts'
import { openAttempt, type Sources } from './attempt.ts'
import { DrainWaiters } from './drain-waiters.ts'
import { MessageObject } from './event-objects.ts'
import type { HeartbeatStatus } from './heartbeat.ts'
import type { InDoubt } from './in-doubt.ts'
import {
  connectTimeout,
  type Effect,
  initialState,
  isLive,
  isUnavailable,
  isWaiting,
  type LifecycleEvent,
  type State,
  transition,
} from './lifecycle.ts'
import { Link, type LinkHost } from './link.ts'
import { type LossCause, unclean } from './loss.ts'
import { resolveSocketOptions } from './options.ts'
import { Outbound, type OutboundHost } from './outbound.ts'
import type { Pulse, PulseHost } from './pulse.ts'
import type { DropReason } from './send-queue.ts'
import { type Settings, settle } from './settings.ts'
import { type SocketSnapshot, snapshotOf } from './snapshot.ts'

/** How often a native buffer is looked at that somebody waits for to drain. */
const DRAIN_POLL_MS = 10
/** The longest wait a timer can take: 2^31 - 1 ms. A longer one is waited for in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * The hands: the one place where timers are set, sockets opened and events told. It decides nothing; it brings facts
 * to the lifecycle, the heartbeat and the outgoing side, and carries out what they answer. One timer serves all: each
 * of them says when it wants to be asked next, and it is set to the soonest.
 */
export class Shell implements LinkHost, OutboundHost, PulseHost {
  readonly #face: Face
  readonly #platform: Platform
  readonly #settings: Settings
  readonly #sources: Sources
  readonly #announcer: Announcer
  readonly #outbound: Outbound
  readonly #pulse: Pulse | undefined
  readonly #waiters = new DrainWaiters()
  state: State = initialState
  /** The address of the last attempt. */
  url: string
  native: NativeSocket | undefined
  #closeArguments: [code?: number | undefined, reason?: string] = []
  #binaryType: BinaryType
  #link: Link | undefined
  #abort: AbortController | undefined
  #timer: unknown
  #armedAt = Infinity
  /** When the gate must be through. */
  #gateAt = Infinity
  /** When the heartbeat of a new link begins: with the flush, so that `open` listeners speak first. */
  #pulseAt = Infinity
  #unsubscribe: (() => void) | undefined
  /** Whether the page went away and the socket is to come back with it. */
  #hidden = false
  #snapshot: SocketSnapshot | undefined

  constructor(face: Face, platform: Platform, sources: Sources, given: unknown) {
    const options = resolveSocketOptions(given)
    const functions = [sources.url, sources.protocols, options.getWebSocket]
    const settings = settle(
      options,
      platform,
      functions.some((source) => typeof source === 'function'),
    )
    const { heartbeat = platform.heartbeat } = options
    this.#face = face
    this.#platform = platform
    this.#sources = sources
    this.#settings = settings
    this.url = checkSources(sources.url, sources.protocols, platform.resolveUrl)
    this.#binaryType = options.binaryType
    this.#announcer = new Announcer(face, options.logger, platform.report)
    this.#outbound = new Outbound(settings, this)
    if (heartbeat) this.#pulse = heartbeat.start(this, settings.random().toString(36).slice(2, 8)) as Pulse
  }

  get doubt(): InDoubt {
    return this.#outbound.doubt
  }

  now(): number {
    return this.#settings.clock.now()
  }

  report(error: unknown): void {
    this.#platform.report(error)
  }

  defer(callback: () => void): void {
    this.#settings.clock.setTimer(callback, 0)
  }

  get snapshot(): SocketSnapshot {
    this.#snapshot ??= snapshotOf(this.state, this.url, this.#settings.retry, this.#pulse?.heartbeat)
    return this.#snapshot
  }

  get queued(): { readonly count: number; readonly bytes: number } {
    const { size, bytes } = this.#outbound.queue
    return { count: size, bytes }
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
    const [state, effects] = transition(before, event, now, this.#settings)
    this.state = state
    for (const effect of effects) this.#perform(effect)
    // A listener may have moved the socket on meanwhile: that has been told then, and this is history.
    if (this.state === state && state !== before) this.#moved(state, before, now)
    this.arm()
  }

  close(code: number | undefined, reason: string | undefined): void {
    this.#closeArguments = reason === undefined ? [code] : [code, reason]
    this.dispatch({ type: 'close' })
  }

  #moved(state: State, before: State, now: number): void {
    const { retry } = this.#settings
    const over = state.status === 'closed' || state.status === 'failed'
    this.#changed()
    this.#listen(!over)
    if (state.status === 'closed') this.#outbound.queue.clear('closed')
    if (retry && retry.failFast && isUnavailable(state, retry)) this.#outbound.queue.clear('unavailable')
    if (over) this.#waiters.reject()
    if (state.status !== before.status) this.#announcer.moved(state, before, now)
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'connect':
        void this.#connect(this.state.generation)
        break
      case 'detach':
        this.#detach(effect.abort)
        break
      case 'close':
        this.#outbound.finish()
        this.#outbound.detach()
        this.#pulse?.stop()
        this.native?.close(...(this.#closeArguments as [number?, string?]))
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

  async #connect(generation: number): Promise<void> {
    const { attempt, cause, refresh } = this.state
    const abort = new AbortController()
    const link = new Link(this, generation)
    const context = {
      attempt,
      lastClose: cause,
      refresh: refresh || isUnavailable(this.state, this.#settings.retry),
      signal: abort.signal,
    }
    this.#abort = abort
    this.#link = link
    try {
      const opened = await openAttempt(
        this.#sources,
        context,
        this.#settings,
        this.#platform,
        () => this.#binaryType,
        link,
      )
      if (!opened) return
      this.url = opened.url
      this.native = opened.native
    } catch (loss) {
      this.lost(generation, loss as LossCause)
    }
  }

  #detach(abort: boolean): void {
    const { native } = this
    this.#gateAt = this.#pulseAt = Infinity
    this.#outbound.detach()
    this.#pulse?.stop()
    this.#link?.drop()
    this.#abort?.abort()
    this.native = undefined
    if (native) this.#platform.release(native, abort)
  }

  #ended(cause: LossCause, failed: boolean, proven: boolean): void {
    const doubt = this.doubt.settle()
    this.#announcer.ended(cause, failed)
    if (doubt && !proven) this.#announcer.emit('indoubt', doubt, 'warn')
  }

  // ── The link ──

  linkOpened(generation: number): void {
    this.dispatch({ type: 'opened', generation })
  }

  lost(generation: number, cause: LossCause): void {
    this.dispatch({ type: 'lost', generation, cause })
  }

  #opened(): void {
    const { beforeFlush } = this.#settings
    if (!beforeFlush) this.#ready()
    this.#announcer.emit('open', {})
    if (beforeFlush) void this.#passGate(beforeFlush, this.state.generation)
  }

  /** Lets the user's gate speak first; everything else waits until it is through. */
  async #passGate(beforeFlush: NonNullable<Settings['beforeFlush']>, generation: number): Promise<void> {
    const { native } = this
    const signal = this.#abort?.signal
    if (!native || !signal || signal.aborted) return
    this.#gateAt = this.now() + connectTimeout(this.state.attempt || 1, this.#settings)
    this.arm()
    const send = (data: SocketData) => {
      if (signal.aborted) throw new HoldfastError('HF_CLOSED', 'The link of this beforeFlush is gone')
      this.#outbound.write(native, toSocketData(data))
    }
    try {
      await beforeFlush(send, { signal })
      if (signal.aborted) return
      this.#gateAt = Infinity
      this.#ready()
      this.arm()
    } catch (error) {
      this.lost(generation, unclean('gate', error))
    }
  }

  /** The link may carry what the application sends. */
  #ready(): void {
    if (!this.native || this.state.status !== 'open') return
    this.#outbound.attach(this.native)
    this.#pulseAt = this.now()
  }

  // ── The data path ──

  received(data: unknown): void {
    if (this.#pulse?.consumes(data)) return
    const shaped = typeof data === 'string' ? data : toBinaryType(data, this.#binaryType)
    this.#face.emitter.emit('message', new MessageObject(this.#face, shaped))
  }

  send(data: SocketData): void {
    this.#outbound.send(data)
  }

  /** Whether what cannot be written now may wait. */
  mayQueue(data: SocketData): boolean {
    const { status } = this.state
    const { retry } = this.#settings
    if (status === 'closing' || status === 'closed') {
      this.onDrop(data, 'closed')
      return false
    }
    if (retry && retry.failFast && isUnavailable(this.state, retry)) {
      throw new HoldfastError(
        'HF_UNAVAILABLE',
        `The server is unavailable after ${this.state.attempt} attempts`,
        {
          retryable: true,
        },
      )
    }
    return true
  }

  onDrop(data: SocketData, reason: DropReason, error?: unknown): void {
    this.#announcer.emit('drop', { data, reason, error }, 'warn')
  }

  // ── Draining ──

  drained(): void {
    this.#announcer.emit('drain', {})
  }

  waitForDrain(signal: AbortSignal | undefined): Promise<void> {
    const { status } = this.state
    const waiting = this.#waiters.wait(signal)
    if (this.#isDrained()) this.#waiters.resolve()
    else if (status === 'closed' || status === 'failed') this.#waiters.reject()
    this.arm()
    return waiting
  }

  #isDrained(): boolean {
    return this.#outbound.queue.size === 0 && !this.native?.bufferedAmount
  }

  // ── The heartbeat ──

  peerPinged(): void {
    this.#pulse?.pinged()
  }

  ponged(id: string): void {
    this.#pulse?.ponged(id)
  }

  pulseChanged(news: HeartbeatStatus | undefined): void {
    this.#changed()
    if (news) this.#announcer.emit('heartbeat', { status: news })
  }

  peerDied(own: boolean): void {
    this.lost(this.state.generation, unclean(own ? 'wake' : 'heartbeat'))
  }

  // ── The environment ──

  #listen(active: boolean): void {
    const { signals = this.#platform.signals } = this.#settings
    if (active && signals) this.#unsubscribe ??= signals.subscribe((signal) => this.#heard(signal))
    if (active) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #heard(signal: EnvironmentSignal): void {
    const { state } = this
    if (signal === 'hide') {
      this.#hidden ||= isLive(state) || isWaiting(state)
      this.dispatch({ type: 'suspend' })
    } else if (signal === 'online' || signal === 'offline') this.dispatch({ type: signal })
    else if (state.status !== 'suspended' || (signal === 'show' && this.#hidden)) {
      this.#hidden = false
      this.dispatch({ type: 'wake' })
    }
  }

  // ── Time ──

  /** Sets the timer to the soonest of all deadlines. */
  arm(): void {
    const { clock, unref } = this.#settings
    const waits = this.#waiters.size > 0 && this.native ? this.now() + DRAIN_POLL_MS : Infinity
    const at = Math.min(
      this.state.deadline,
      this.#outbound.deadline,
      this.#pulse?.heartbeat.deadline ?? Infinity,
      this.#gateAt,
      this.#pulseAt,
      waits,
    )
    if (at === this.#armedAt) return
    clock.clearTimer(this.#timer)
    this.#armedAt = at
    if (at === Infinity) return
    this.#timer = clock.setTimer(this.#alarm, Math.min(Math.max(at - this.now(), 0), MAX_TIMER_MS))
    if (unref) (this.#timer as { unref?: () => void }).unref?.()
  }

  readonly #alarm = (): void => {
    const now = this.now()
    this.#armedAt = Infinity
    if (now >= this.state.deadline) this.dispatch({ type: 'tick' })
    this.#outbound.tick(now)
    if (now >= this.#pulseAt && this.native) {
      this.#pulseAt = Infinity
      this.#pulse?.start(this.native, this.url.replace(/[?].*/, ''))
    }
    if (now >= this.#gateAt) {
      this.#gateAt = Infinity
      const error = new HoldfastError('HF_GATE', 'beforeFlush took longer than the connect timeout')
      this.lost(this.state.generation, unclean('gate', error))
    }
    this.#pulse?.tick(now)
    if (this.#waiters.size > 0 && this.#isDrained()) this.#waiters.resolve()
    this.arm()
  }

  #changed(): void {
    this.#snapshot = undefined
    this.#face.emitter.emit('change', undefined)
  }
}
