import { byteLength, copyData, mostBytes, type SocketData } from '../base/data.ts'
import { defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import { Ring } from '../base/ring.ts'
import type { Backlog } from './backlog.ts'

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
  maxBytes: [16_777_216],
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

/**
 * First in, first out, bounded by count, bytes and age. Holds no timer: it says when its head expires.
 *
 * To count the bytes of a text costs more than to queue it. So texts are counted when somebody asks, or when the most
 * that they can have no longer fits; those that were counted are always the first ones.
 */
export class SendQueue implements Backlog {
  readonly #options: ResolvedQueueOptions
  readonly #host: DropHost
  readonly #ring = new Ring<SocketData>()
  /** When each was queued, where that matters. */
  readonly #times: Ring<number> | undefined
  /** How many were counted, and their bytes. */
  #counted = 0
  #countedBytes = 0
  /** The most bytes that the others can have. */
  #mostBytes = 0
  /** Whether listeners are being told of drops. */
  #telling = false

  constructor(options: ResolvedQueueOptions, host: DropHost) {
    this.#options = options
    this.#host = host
    if (options.maxAgeMs < Infinity) this.#times = new Ring()
  }

  get size(): number {
    return this.#ring.size
  }

  get bytes(): number {
    for (; this.#counted < this.size; this.#counted++) {
      this.#countedBytes += byteLength(this.#ring.at(this.#counted) as SocketData)
    }
    this.#mostBytes = 0
    return this.#countedBytes
  }

  /** Whether the time of `add` matters. */
  get keepsTime(): boolean {
    return this.#times !== undefined
  }

  /**
   * Keeps a copy of the data. Answers `false` where it does not fit and the policy is to refuse it. What a listener
   * sends while it is told of a drop makes no room for itself: it is refused if it does not fit, or two would push
   * each other out for ever.
   */
  add(data: SocketData, now: number): boolean {
    this.expire(now)
    if (this.#fits(data)) return this.#push(data, now)
    const { maxCount, maxBytes } = this.#options
    const overflow = this.#telling ? 'reject' : this.#options.overflow
    if (overflow === 'reject') return false
    const bytes = byteLength(data)
    if (overflow === 'drop-newest' || bytes > maxBytes || maxCount === 0) {
      this.#tell([data], 'overflow')
      return true
    }
    const dropped: SocketData[] = []
    while (this.size >= maxCount || this.bytes + bytes > maxBytes) dropped.push(this.shift() as SocketData)
    this.#push(data, now)
    this.#tell(dropped, 'overflow')
    return true
  }

  #fits(data: SocketData): boolean {
    const { maxCount, maxBytes } = this.#options
    if (this.size >= maxCount) return false
    const most = this.#countedBytes + this.#mostBytes + mostBytes(data)
    return most <= maxBytes || this.bytes + byteLength(data) <= maxBytes
  }

  #push(data: SocketData, now: number): true {
    this.#ring.push(copyData(data))
    this.#times?.push(now)
    this.#mostBytes += mostBytes(data)
    return true
  }

  peek(): SocketData | undefined {
    return this.#ring.peek()
  }

  /** When the head was queued, where that matters. */
  get headTime(): number | undefined {
    return this.#times?.peek()
  }

  shift(): SocketData | undefined {
    if (this.size === 0) return undefined
    const data = this.#ring.shift() as SocketData
    this.#times?.shift()
    if (this.#counted > 0) {
      this.#counted--
      this.#countedBytes -= byteLength(data)
    } else this.#mostBytes -= mostBytes(data)
    return data
  }

  /** Puts back to the head what could not be written; its bounds were met before. */
  unshift(data: SocketData, time: number): void {
    this.#ring.unshift(data)
    this.#times?.unshift(time)
    this.#counted++
    this.#countedBytes += byteLength(data)
  }

  /** When the head will have waited too long. */
  get deadline(): number {
    return (this.headTime ?? Infinity) + this.#options.maxAgeMs
  }

  expire(now: number): void {
    if (now < this.deadline) return
    const dropped: SocketData[] = []
    while (now >= this.deadline) dropped.push(this.shift() as SocketData)
    this.#tell(dropped, 'expired')
  }

  /** Drops all that is there, but not what a listener adds meanwhile. */
  clear(reason: DropReason): void {
    const dropped: SocketData[] = []
    while (this.size > 0) dropped.push(this.shift() as SocketData)
    this.#tell(dropped, reason)
  }

  /** Tells of what has left already: a listener finds the queue as it is, and may use it. */
  #tell(dropped: readonly SocketData[], reason: DropReason): void {
    const outer = this.#telling
    this.#telling = true
    try {
      for (const data of dropped) this.#host.onDrop(data, reason)
    } finally {
      this.#telling = outer
    }
  }
}
