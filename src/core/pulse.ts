import type { SocketData } from '../base/data.ts'
import type { NativeSocket } from '../base/platform.ts'
import { Heartbeat, type HeartbeatStatus, type ResolvedHeartbeatOptions } from './heartbeat.ts'
import type { QuickMessages } from './heartbeat-sources.ts'
import type { InDoubt } from './in-doubt.ts'

/** `WebSocket.OPEN` */
const OPEN = 1
/** The least time between two answers to the peer's pings. */
const ANSWER_GAP_MS = 250

/** What the pulse asks of the socket around it. */
export interface PulseHost {
  readonly doubt: InDoubt
  now(): number
  /** The deadline may be sooner now. */
  arm(): void
  /** The status of the heartbeat or its round-trip times changed. */
  pulseChanged(news: HeartbeatStatus | undefined): void
  /** The peer is silent although it is known to answer. `own` where the loss is this client's own, after a sleep. */
  peerDied(own: boolean): void
  report(error: unknown): void
}

/** The hands of the heartbeat: sends its pings, recognises what answers them, and answers the peer's. */
export class Pulse {
  readonly heartbeat: Heartbeat
  readonly #host: PulseHost
  /** What to say instead of ping frames. */
  readonly #messages: QuickMessages | undefined
  #native: NativeSocket | undefined
  #beating = false
  #answeredAt = -Infinity

  constructor(
    options: ResolvedHeartbeatOptions,
    messages: QuickMessages | undefined,
    host: PulseHost,
    prefix: string,
  ) {
    this.heartbeat = new Heartbeat(options, prefix)
    this.#messages = messages
    this.#host = host
  }

  /** A link is open. The peer's pings are answered from now on. */
  attach(native: NativeSocket): void {
    this.#native = native
  }

  /** The link carries messages: the heartbeat begins. `peer` is its origin and path. */
  start(peer: string): void {
    const native = this.#native
    if (!native) return
    this.#beating = true
    const canPing = Boolean(this.#messages ?? native.ping)
    if (this.heartbeat.start(peer, canPing, this.#host.now())) this.#ping()
  }

  stop(): void {
    this.#native = undefined
    this.#beating = false
    this.heartbeat.stop()
  }

  /** Wants a sign of life at once: the machine woke, or the network changed. */
  probe(): void {
    if (this.#beating && this.heartbeat.probe(this.#host.now())) this.#ping()
  }

  /** Wants an answer soon, and is in no doubt of the peer. Answers whether one is on its way. */
  ask(): boolean {
    if (!this.#beating || !this.heartbeat.verified) return false
    if (this.heartbeat.ask(this.#host.now())) this.#ping()
    this.#host.arm()
    return true
  }

  tick(now: number): void {
    const { heartbeat } = this
    const verdict = heartbeat.tick(now, this.#native?.bufferedAmount ?? 0, this.#host.doubt.count > 0)
    if (verdict === 'ping') this.#ping()
    if (verdict === 'silent') this.#host.pulseChanged('unverified')
    if (verdict === 'dead') this.#host.peerDied(heartbeat.probing)
  }

  /** Hears a message, and says whether it was the heartbeat's and not the application's. */
  consumes(data: unknown): boolean {
    const messages = this.#messages
    this.heartbeat.heard = true
    if (!messages || messages.passes?.(data)) return false
    try {
      const given = messages.readPong(data)
      const id = typeof given === 'string' || given === true ? given : ''
      if (id && this.ponged(id)) return true
      const answer = messages.answer?.(data)
      // A pong to another client, relayed by the server, is of no use to the application either.
      if (answer === undefined) return Boolean(id)
      this.pinged()
      this.#answer(answer)
      return true
    } catch (error) {
      this.#host.report(error)
      return false
    }
  }

  /** An answer came. Says whether it was one to us: another client's, relayed by the server, is not. */
  ponged(id: string | true): boolean {
    const { heartbeat } = this
    const known = heartbeat.verified
    if (!this.#beating || !heartbeat.answered(id, this.#host.now())) return false
    if (heartbeat.proves) this.#host.doubt.prove()
    this.#host.pulseChanged(known ? undefined : 'verified')
    this.#host.arm()
    return true
  }

  /** The peer sent a ping of its own. */
  pinged(): void {
    // Before the link carries messages there is no heartbeat yet that could miss the next one.
    if (!this.#beating) return
    this.heartbeat.peerPinged(this.#host.now())
    this.#host.arm()
  }

  #ping(): void {
    const { id } = this.heartbeat
    this.#host.doubt.mark()
    this.#try((native) => (this.#messages ? native.send(this.#messages.ping(id)) : native.ping?.(id)))
  }

  #answer(answer: SocketData): void {
    const now = this.#host.now()
    if (now - this.#answeredAt < ANSWER_GAP_MS) return
    this.#answeredAt = now
    this.#try((native) => native.send(answer))
  }

  /** What cannot be sent here is lost with its link, and that link's end will be told. */
  #try(write: (native: NativeSocket) => void): void {
    try {
      // A link that is closing takes nothing more: browsers complain of each try in the console.
      if (this.#native?.readyState === OPEN) write(this.#native)
    } catch (error) {
      this.#host.report(error)
    }
  }
}
