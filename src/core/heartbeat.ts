import { defaultsOf, type Rules, reject, resolveOptions } from '../base/options.ts'
import { Rtt } from './rtt.ts'

/**
 * When a heartbeat asks a silent peer for a sign of life, and when it gives the link up.
 *
 * @public
 */
export interface HeartbeatOptions {
  /**
   * After this long without anything received, in milliseconds, a ping goes out at the latest; after half of it at
   * the earliest. Together with `timeoutMs` it bounds how long a dead link goes unnoticed: 21 s by default, and 50 ms for a second look.
   * @defaultValue 15000
   */
  readonly intervalMs?: number
  /**
   * How long the answer may take, in milliseconds, counted from the ping; at most `intervalMs`. Whatever is received
   * meanwhile counts as life too, and so does outgoing data that still drains.
   * @defaultValue 6000, or `intervalMs` if that is less
   */
  readonly timeoutMs?: number
  /**
   * The same after a sleep, a frozen page or a change of network, when the person waits. Three times the smoothed
   * round trip is given at least.
   * @defaultValue 2500
   */
  readonly probeTimeoutMs?: number
}

export type ResolvedHeartbeatOptions = Required<HeartbeatOptions>

const rules: Rules<ResolvedHeartbeatOptions> = {
  intervalMs: [15_000, 1],
  timeoutMs: [6_000, 1],
  probeTimeoutMs: [2_500, 1],
}

const defaults = /* @__PURE__ */ defaultsOf(rules)

export function resolveHeartbeat(given: HeartbeatOptions | undefined): ResolvedHeartbeatOptions {
  const resolved = resolveOptions(rules, defaults, given, 'heartbeat.')
  const { intervalMs, timeoutMs } = resolved
  if (timeoutMs <= intervalMs) return resolved
  if (given?.timeoutMs !== undefined) {
    reject('heartbeat.timeoutMs', timeoutMs, `at most heartbeat.intervalMs (${intervalMs})`)
  }
  return resolveHeartbeat({ ...given, timeoutMs: intervalMs })
}

/**
 * What is known of the peer: `off` without a heartbeat, `unverified` as long as it never answered a ping at this
 * origin and path (its silence then proves nothing, and the link is left alone), `verified` after.
 *
 * @public
 */
export type HeartbeatStatus = 'off' | 'unverified' | 'verified'

/** What a tick leads to: a ping to send; silence that proves nothing; or the verdict that the link is dead. */
export type HeartbeatVerdict = 'ping' | 'silent' | 'dead' | undefined

/** A timer that fires this late was held up by a sleep, a frozen page or a throttled tab, not by the peer. */
const LATE_MS = 1_000
/** How often in a row a late timer may turn a verdict into another probe. */
const LATE_PROBES = 1

/** When the thread was busy, timers run before what has arrived is read: a verdict waits for that. */
const SECOND_LOOK_MS = 50
/** Pings that come closer together than this are a burst, not a period. */
const SHORTEST_PERIOD_MS = 500

/** Knows when to ping and when to give up. Holds no timer: it says when it wants to be asked, and is told the time. */
export class Heartbeat {
  readonly options: ResolvedHeartbeatOptions
  readonly rtt: Rtt = new Rtt()
  /** Set by the data path for whatever is received; read and cleared at each tick. */
  heard = false
  /** When the next tick is due. */
  deadline: number = Infinity
  /** Whether the peer is known to answer pings. */
  verified = false
  /** A moment at which the link was certainly alive. */
  aliveAt: number | undefined
  #lookedAt = 0
  /** Whether the ping under way is a probe after a sleep or a change of network. */
  probing = false
  #peer = ''
  #canPing = false
  /** Whether the last answer was certainly one to the ping under way. */
  proves = false
  #pings = 0
  /** Pings without an answer so far. */
  #unanswered = 0
  /** Whether an answer is awaited, and when its ping was sent. */
  #waiting = false
  #pingedAt = 0
  #backlog = 0
  #lateProbes = 0
  #lookedTwice = false
  #heardAt = 0
  /** Whether `#heardAt` is exact, rather than the tick after. */
  #exact = false
  #toldSilence = false
  /** The peer's own pings: when the last one came, and the last two distances between them. */
  #peerPingAt: number | undefined
  #peerGaps: readonly [number, number] = [0, 0]

  readonly #prefix: string

  /** The `prefix` of the pings' ids sets them apart from those of other clients, which a server may relay. */
  constructor(options: ResolvedHeartbeatOptions, prefix: string) {
    this.options = options
    this.#prefix = prefix
  }

  /** A link to `peer` (origin and path) is ready. Answers whether to ping at once, to learn if the peer answers. */
  start(peer: string, canPing: boolean, now: number): boolean {
    if (peer !== this.#peer) this.verified = false
    this.#peer = peer
    this.#canPing = canPing
    this.#toldSilence = false
    this.#unanswered = 0
    this.#peerPingAt = undefined
    this.#peerGaps = [0, 0]
    this.aliveAt = now
    this.#rest(now, 0)
    return this.#ping(now, false)
  }

  stop(): void {
    this.deadline = Infinity
    this.#waiting = false
  }

  /** The id of the ping under way. */
  get id(): string {
    return this.#prefix + this.#pings
  }

  /** Somebody waits for a sign of life. Answers whether a ping is to be sent: not when such a probe is under way. */
  probe(now: number): boolean {
    if (this.#waiting && this.probing) return false
    const patience = this.#waiting ? this.deadline : Infinity
    const wanted = this.#ping(now, true)
    this.deadline = Math.min(this.deadline, patience)
    return wanted
  }

  /** Somebody wants to know what has arrived. Answers whether a ping is to be sent: not while one is under way. */
  ask(now: number): boolean {
    return !this.#waiting && this.#ping(now, false)
  }

  #ping(now: number, urgent: boolean): boolean {
    if (!this.#canPing) return false
    const { timeoutMs, probeTimeoutMs } = this.options
    this.#pings++
    this.#unanswered++
    this.#waiting = true
    this.#pingedAt = now
    this.#backlog = Infinity
    this.#lookedTwice = false
    this.probing = urgent
    this.deadline = now + (urgent ? Math.max(probeTimeoutMs, 3 * this.rtt.smoothedMs) : timeoutMs)
    return true
  }

  /** An answer came; `id` is `true` where the peer's answers carry none. Answers whether it was news. */
  answered(id: string | boolean, now: number): boolean {
    this.heard = true
    // An answer without an id may be one to an older ping, as long as more than one is open.
    this.proves = id === this.id || this.#unanswered === 1
    if (id === true) this.#unanswered = Math.max(this.#unanswered - 1, 0)
    if (id === this.id) this.#unanswered = 0
    if (!this.#waiting || (id !== true && id !== this.id)) return false
    this.rtt.add(now - this.#pingedAt)
    this.verified = true
    this.#heardNow(now)
    return true
  }

  /** The peer sent a ping of its own. */
  peerPinged(now: number): void {
    this.heard = true
    if (this.#peerPingAt !== undefined) this.#peerGaps = [this.#peerGaps[1], now - this.#peerPingAt]
    this.#peerPingAt = now
    if (!this.#waiting) this.#heardNow(now)
  }

  /**
   * Time has passed. `backlog` is what the socket has not handed to the network yet: while it shrinks, the link
   * lives. `unproven` says that something was written since the last answer: then a ping goes out although data
   * arrives, because only an answer proves that our own data arrives.
   */
  tick(now: number, backlog: number, unproven: boolean): HeartbeatVerdict {
    if (now < this.deadline) return undefined
    const late = now - this.deadline > LATE_MS
    const { intervalMs } = this.options
    if (this.heard) {
      // It was heard at some time since the last look.
      this.aliveAt = this.#lookedAt
      this.#rest(now, intervalMs / 2)
      // After a sleep, what was heard before it says nothing of now.
      const asks = late || (unproven && this.verified)
      return asks && this.#ping(now, late) ? 'ping' : undefined
    }
    if (this.#waiting) return this.#overdue(now, late, backlog)
    if (this.#exact && !late && now < this.#heardAt + intervalMs) {
      this.#rest(this.#heardAt, intervalMs)
      return undefined
    }
    // A peer that can be asked is asked first. One that cannot is dead when its own pings stop.
    if (!this.#canPing && this.#peerIsSilent(now)) {
      if (!late) return 'dead'
      this.#heardAt = now
    }
    if (this.#ping(now, late)) return 'ping'
    this.#rest(this.#heardAt, intervalMs)
    return undefined
  }

  /** The answer is overdue and nothing else was heard. */
  #overdue(now: number, late: boolean, backlog: number): HeartbeatVerdict {
    if (late && this.#lateProbes++ < LATE_PROBES) {
      this.#ping(now, true)
      return 'ping'
    }
    if (!this.#lookedTwice) {
      this.#lookedTwice = true
      this.deadline = now + SECOND_LOOK_MS
      return undefined
    }
    if (backlog > 0 && backlog < this.#backlog) {
      // Infinity until the first look: the ping may stand behind the backlog, so it gets one more timeout then too.
      this.#backlog = backlog
      this.deadline = now + this.options.timeoutMs
      return undefined
    }
    if (this.verified || this.#peerIsSilent(now)) return 'dead'
    const news = !this.#toldSilence
    this.#toldSilence = true
    this.#waiting = false
    this.deadline = now + this.options.intervalMs
    return news ? 'silent' : undefined
  }

  /** Life was seen at this very moment: a look at half of the interval tells whether more came after it. */
  #heardNow(now: number): void {
    this.#rest(now, this.options.intervalMs / 2)
    this.aliveAt = now
    this.#exact = true
  }

  /** Life was seen at `now`; the next look is due after `ms`, or when a peer that pings regularly is overdue. */
  #rest(now: number, ms: number): void {
    this.heard = this.#waiting = this.#exact = false
    this.#heardAt = now
    this.#lookedAt = now
    this.#lateProbes = 0
    const period = this.#peerPeriod()
    const next = this.#canPing ? ms : Infinity
    this.deadline = now + Math.min(next, period ? 2 * period : Infinity)
  }

  /** The period of a peer that pings regularly: the last two gaps differ by less than a factor of two. Else 0. */
  #peerPeriod(): number {
    const [a, b] = this.#peerGaps
    return a < 2 * b && b < 2 * a && a >= SHORTEST_PERIOD_MS ? Math.max(a, b) : 0
  }

  #peerIsSilent(now: number): boolean {
    const period = this.#peerPeriod()
    return period > 0 && now - this.#heardAt >= 2 * period
  }
}
