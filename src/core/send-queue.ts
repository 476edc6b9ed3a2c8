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

  constructor(options: ResolvedQueueOptions, host: DropHost) {
    this.#options = options
    this.#host = host
  }

  get size(): number {
    return this.#ring.size
  }

  /** Keeps a copy of the data. Answers `false` where it does not fit and the policy is to refuse it. */
  add(data: SocketData, now: number): boolean {
    const { maxCount, maxBytes, overflow } = this.#options
    const bytes = byteLength(data)
    const fits = () => this.size < maxCount && this.bytes + bytes <= maxBytes
    this.expire(now)
    if (overflow === 'drop-oldest' && bytes <= maxBytes && maxCount > 0) {
      while (!fits()) this.#drop('overflow')
    }
    if (fits()) {
      this.bytes += bytes
      this.#ring.push({ data: copyData(data), bytes, at: now })
      return true
    }
    if (overflow !== 'reject') this.#host.onDrop(data, 'overflow')
    return overflow !== 'reject'
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
    while (now >= this.deadline) this.#drop('expired')
  }

  /** Drops all that is there, but not what a listener adds meanwhile. */
  clear(reason: DropReason): void {
    for (let left = this.size; left > 0; left--) this.#drop(reason)
  }

  #drop(reason: DropReason): void {
    const item = this.shift()
    if (item) this.#host.onDrop(item.data, reason)
  }
}
