import { Pace } from './pace.ts'

/** Where nothing proves what arrived, large messages go only while the native buffer holds less than this. */
const BLIND_BYTES = 65_536
/** How long a new link waits for the first answer to a ping before it counts as one where nothing is proven. */
const FIRST_ANSWER_MS = 500
/** How soon to look again where nothing tells. */
const POLL_MS = 10

/** What is known of the link. */
export interface FlowHost {
  now(): number
  /** Asks the peer for an answer, which proves what was written before. Answers whether one will come. */
  ask(): boolean
  /** Bytes that were written and not proven to have arrived. */
  readonly unprovenBytes: number
  /** Of these, what an answer is on its way for. */
  readonly askedBytes: number
  readonly bufferedBytes: number
  /** The round trip of the last answered ping. */
  readonly rttMs: number | undefined
  /** Whether there is a heartbeat that was never answered yet. */
  readonly isUnverified: boolean
}

/** Lets so much of large messages onto the link that the next small one does not wait behind it. */
export class Flow {
  readonly #pace = new Pace()
  readonly #host: FlowHost
  #attachedAt = 0
  /** What was unproven at the last look. */
  #unprovenBytes = 0
  /** When to look again at a buffer of which nothing tells. */
  pollAt: number = Infinity

  constructor(host: FlowHost) {
    this.#host = host
  }

  attached(now: number): void {
    this.#attachedAt = now
    this.#pace.reset()
    this.#unprovenBytes = 0
  }

  /** Whether a large message, or a piece of one, may go now. If not, an answer or `pollAt` says when to ask again. */
  mayGo(): boolean {
    const host = this.#host
    if (host.unprovenBytes < this.#pace.windowBytes) return true
    if (host.ask()) return false
    const now = host.now()
    const isBlind = !host.isUnverified || now >= this.#attachedAt + FIRST_ANSWER_MS
    if (isBlind && host.bufferedBytes < BLIND_BYTES) return true
    this.pollAt = now + POLL_MS
    return false
  }

  /** Something was written; `goesOn` where more of the large is to come. */
  wrote(goesOn: boolean): void {
    const { unprovenBytes, askedBytes } = this.#host
    if (this.#unprovenBytes === 0) this.#pace.began(this.#host.now())
    this.#unprovenBytes = unprovenBytes
    if (goesOn && unprovenBytes - askedBytes >= this.#pace.windowBytes / 2) this.#host.ask()
  }

  /** A ping was answered. */
  proven(goesOn: boolean): void {
    const { rttMs, unprovenBytes } = this.#host
    const bytes = this.#unprovenBytes - unprovenBytes
    this.#unprovenBytes = unprovenBytes
    if (goesOn && rttMs !== undefined) this.#pace.sample(rttMs, bytes, this.#host.now())
  }
}
