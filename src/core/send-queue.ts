import { byteLength, copyData, type SocketData } from '../base/data.ts'
import { defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import { Ring } from '../base/ring.ts'

/**
 * The queue for what cannot be written yet, and what happens at its bounds.
 *
 * @public
 */
export interface QueueOptions {
  /** The most messages it holds. @defaultValue 10000 */
  readonly maxCount?: number
  /** The most bytes it holds. @defaultValue 16777216 (16 MiB) */
  readonly maxBytes?: number
  /** How long a message may wait, in milliseconds, before it is dropped as `expired`. @defaultValue Infinity */
  readonly maxAgeMs?: number
  /**
   * What happens to a message that does not fit: `reject` makes `send` throw `HF_QUEUE_FULL`; `drop-oldest` makes
   * room at the head; `drop-newest` drops the message itself. What is dropped is told by a `drop` event.
   * @defaultValue 'reject'
   */
  readonly overflow?: 'reject' | 'drop-oldest' | 'drop-newest'
  /**
   * Whether a message whose write failed because the link was just lost goes back to the head of the queue.
   * If not, it is dropped as `write-failed`.
   * @defaultValue true
   */
  readonly resend?: boolean
}

export type ResolvedQueueOptions = Required<QueueOptions>

const rules: Rules<ResolvedQueueOptions> = {
  maxCount: [10_000],
  maxBytes: [2 ** 24],
  maxAgeMs: [Infinity],
  overflow: ['reject', ['reject', 'drop-oldest', 'drop-newest']],
  resend: [true],
}

export const queueDefaults: ResolvedQueueOptions = /* @__PURE__ */ defaultsOf(rules)

export const resolveQueue = (given: unknown): ResolvedQueueOptions =>
  resolveOptions(rules, queueDefaults, given, 'queue.')

/**
 * Why a message will not be sent: it did not fit; it waited too long; the socket was closed; the server is
 * `unavailable` and `failFast` is set; or the platform refused to write it.
 *
 * @public
 */
export type DropReason = 'overflow' | 'expired' | 'closed' | 'unavailable' | 'write-failed'

/** Is told of each message that leaves the queue unsent. */
export interface DropHost {
  onDrop(data: SocketData, reason: DropReason): void
}

export interface Queued {
  readonly data: SocketData
  readonly bytes: number
  readonly at: number
}

/** First in, first out, bounded by count, bytes and age. Holds no timer: it says when its head expires. */
export class SendQueue {
  readonly #options: ResolvedQueueOptions
  readonly #host: DropHost
  readonly #ring = new Ring<Queued>()
  bytes = 0
  /** Whether listeners are being told of drops. */
  #telling = false

  constructor(options: ResolvedQueueOptions, host: DropHost) {
    this.#options = options
    this.#host = host
  }

  get size(): number {
    return this.#ring.size
  }

  /**
   * Keeps a copy of the data. Answers `false` where it does not fit and the policy is to refuse it. What a listener
   * sends while it is told of a drop makes no room for itself: it is refused if it does not fit, or two would push
   * each other out for ever.
   */
  add(data: SocketData, now: number): boolean {
    const { maxCount, maxBytes } = this.#options
    const overflow = this.#telling ? 'reject' : this.#options.overflow
    const bytes = byteLength(data)
    const dropped: Queued[] = []
    const fits = () => this.size < maxCount && this.bytes + bytes <= maxBytes
    this.expire(now)
    if (overflow === 'drop-oldest' && bytes <= maxBytes && maxCount > 0) {
      while (!fits()) dropped.push(this.shift() as Queued)
    }
    const kept = fits()
    if (kept) {
      this.bytes += bytes
      this.#ring.push({ data: copyData(data), bytes, at: now })
    } else if (overflow !== 'reject') dropped.push({ data, bytes, at: now })
    this.#tell(dropped, 'overflow')
    return kept || overflow !== 'reject'
  }

  peek(): Queued | undefined {
    return this.#ring.peek()
  }

  shift(): Queued | undefined {
    const item = this.#ring.shift()
    this.bytes -= item?.bytes ?? 0
    return item
  }

  /** Puts back what `shift` gave and could not be written; its bounds were met before. */
  unshift(item: Queued): void {
    this.bytes += item.bytes
    this.#ring.unshift(item)
  }

  /** When the head will have waited too long. */
  get deadline(): number {
    const head = this.#ring.peek()
    return head ? head.at + this.#options.maxAgeMs : Infinity
  }

  expire(now: number): void {
    const dropped: Queued[] = []
    while (now >= this.deadline) dropped.push(this.shift() as Queued)
    this.#tell(dropped, 'expired')
  }

  /** Drops all that is there, but not what a listener adds meanwhile. */
  clear(reason: DropReason): void {
    const dropped: Queued[] = []
    while (this.size > 0) dropped.push(this.shift() as Queued)
    this.#tell(dropped, reason)
  }

  /** Tells of what has left already: a listener finds the queue as it is, and may use it. */
  #tell(dropped: readonly Queued[], reason: DropReason): void {
    const outer = this.#telling
    this.#telling = true
    try {
      for (const item of dropped) this.#host.onDrop(item.data, reason)
    } finally {
      this.#telling = outer
    }
  }
}
