import { byteLength, copyData, mostBytes, type SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { NativeSocket } from '../base/platform.ts'
import type { Backlog } from './backlog.ts'
import { type Doubt, InDoubt } from './in-doubt.ts'
import type { ResolvedSocketOptions } from './options.ts'
import { type DropReason, SendQueue } from './send-queue.ts'

const OPEN = 1
/** The longest wait before a full native buffer is looked at again: no platform tells when it drains. */
const POLL_MS = 10
/** How long a flush may hold the thread, and after how many messages it looks at the clock. */
const SLICE_MS = 5
const SLICE_COUNT = 64

/** What the outgoing side asks of the socket around it. */
export interface OutboundHost {
  now(): number
  /** The deadline may be sooner now. */
  arm(): void
  drained(): void
  /** Whether what cannot be written now may wait; it has been told if not. */
  mayQueue(data: SocketData): boolean
  onDrop(data: SocketData, reason: DropReason, error?: unknown): void
}

/**
 * The way out: straight to the native socket while that is open and not full, else through the queue. Holds no
 * timer: it says when it wants to go on.
 */
export class Outbound {
  /** Both are made when they are needed: an idle client has neither. */
  #queue: Backlog | undefined
  #doubt: InDoubt | undefined
  /** Whether the link was given a blob, which platforms read later than they say. */
  wroteBlob = false
  readonly #options: ResolvedSocketOptions
  readonly #host: OutboundHost
  #native: NativeSocket | undefined
  /** Before the flush, what is sent goes ahead of what waits: `open` listeners come first. */
  #ahead = false
  /** What may still be handed over before `bufferedAmount` is read again. */
  #credit = 0
  /** When the flush goes on. */
  #flushAt: number | undefined
  /** How long to wait before a full buffer is looked at again: at first the next macrotask, then ever longer. */
  #patienceMs = 0

  constructor(options: ResolvedSocketOptions, host: OutboundHost) {
    this.#options = options
    this.#host = host
  }

  get queue(): Backlog {
    this.#queue ??= new SendQueue(this.#options.queue, this.#host)
    return this.#queue
  }

  /** Puts another order in the place of the plain queue, before anything was sent. */
  use(backlog: Backlog): void {
    this.#queue = backlog
  }

  get doubt(): InDoubt {
    this.#doubt ??= new InDoubt(this.#options.keepInDoubt)
    return this.#doubt
  }

  /** How many messages wait. */
  get size(): number {
    return this.#queue?.size ?? 0
  }

  /** How many bytes wait. */
  get bytes(): number {
    return this.#queue?.bytes ?? 0
  }

  get deadline(): number {
    return Math.min(this.#flushAt ?? Infinity, this.#queue?.deadline ?? Infinity)
  }

  /** A link may be written to: in the next macrotask by what waits, and before it, where `ahead`, by what is sent now. */
  attach(native: NativeSocket, ahead = true): void {
    this.#native = native
    this.#credit = 0
    this.#ahead = ahead
    this.#flushAt = this.#host.now()
    this.#queue?.attached?.(this.#flushAt)
  }

  detach(): void {
    this.#native = undefined
    this.#flushAt = undefined
    this.#queue?.detached?.()
  }

  /** Whether what is sent now goes ahead of what waits. */
  get ahead(): boolean {
    return this.#ahead
  }

  /** Sends past the queue if nothing waits before it (or `past` says that it may) and the link takes it now. Answers whether it did. */
  sendNow(data: SocketData, past: boolean = this.size === 0): boolean {
    const native = this.#native
    const goes = native && (this.#ahead || past) && this.#admits(native, data)
    if (goes) this.write(native, data)
    // What is sent after one that had to wait waits too.
    else this.#ahead = false
    return goes === true
  }

  send(data: SocketData): void {
    if (!this.sendNow(data)) this.#enqueue(data)
  }

  /** Something waits that was not there before, or may go that might not before. */
  wake(): void {
    if (this.#native) this.#flushAt ??= this.#host.now()
    this.#host.arm()
  }

  /** The peer has received what a ping was sent after. */
  proven(): void {
    if (!this.#queue?.proven) return
    this.#queue.proven(this.doubt.total - this.doubt.count)
    this.wake()
  }

  /** The link is gone. */
  settle(proven: boolean): Doubt | undefined {
    const { total, count } = this.doubt
    this.#queue?.settled?.(proven ? total : total - count)
    const doubt = this.doubt.settle()
    return proven ? undefined : doubt
  }

  /**
   * Writes past queue and limits. `resend` says whether it goes (back) to the head of the queue when the link is just
   * going, and `time` when it was queued before.
   */
  write(native: NativeSocket, data: SocketData, resend?: boolean, time?: number): void {
    try {
      native.send(data)
    } catch (error) {
      // The link is going: the message stays first. One that cannot be written at all is told.
      if (native.readyState !== OPEN && (resend ?? this.#options.queue.resend)) {
        this.queue.unshift(copyData(data), time ?? this.#host.now())
      } else {
        this.#queue?.refused?.(error)
        this.#host.onDrop(data, 'write-failed', error)
      }
      return
    }
    this.doubt.wrote(data)
    this.#queue?.wrote?.(this.doubt.total)
    if (typeof data === 'object' && 'size' in data) this.wroteBlob = true
  }

  /** Before a close: all that waits goes out, as a native socket would have it in its buffer. */
  finish(): void {
    const native = this.#native
    this.#queue?.finishing?.()
    while (native?.readyState === OPEN && this.#queue?.peek() !== undefined) {
      this.#writeHead(native, this.#queue)
    }
  }

  #writeHead(native: NativeSocket, queue: Backlog): void {
    const time = queue.headTime
    this.write(native, queue.shift() as SocketData, undefined, time)
  }

  /** Gives up what waits. */
  clear(reason: DropReason): void {
    this.#queue?.clear(reason)
  }

  tick(now: number): void {
    const queue = this.#queue
    if (queue && now >= queue.deadline) {
      queue.expire(now)
      if (this.#native) this.#flushAt ??= now
    }
    if (this.#flushAt !== undefined && now >= this.#flushAt) this.#flush()
  }

  #enqueue(data: SocketData): void {
    if (!this.#host.mayQueue(data)) return
    if (!this.queue.add(data, this.queue.keepsTime ? this.#host.now() : 0)) {
      const { maxCount, maxBytes } = this.#options.queue
      const { size, bytes } = this.queue
      const message = `${byteLength(data)} bytes do not fit (queued: ${size} of ${maxCount} messages, ${bytes} of ${maxBytes} bytes)`
      throw new HoldfastError('HF_QUEUE_FULL', message, { retryable: size > 0 })
    }
    this.wake()
  }

  /** Whether a message may be handed over now. `bufferedAmount` is read only when the credit of the last look is used up. */
  #admits(native: NativeSocket, data: SocketData): boolean {
    if (native.readyState !== OPEN) return false
    // With a frame header: an estimate that never passes the mark unseen.
    const length = mostBytes(data) + 8
    this.#credit -= length
    if (this.#credit < 0) {
      const room = this.#options.highWaterMarkBytes - native.bufferedAmount
      if (room <= 0) return false
      this.#credit = room - length
    }
    const { rateLimit } = this.#options
    return !rateLimit || rateLimit.take(this.#host.now())
  }

  #flush(): void {
    const native = this.#native
    const queue = this.#queue
    this.#ahead = false
    this.#flushAt = undefined
    if (!native || !queue) return
    const start = this.#host.now()
    // In case the user's rate limiter, or a codec, throws: what waits is tried again then.
    this.#flushAt = start + POLL_MS
    let count = 0
    for (let next = queue.peek(); next !== undefined && native === this.#native; next = queue.peek()) {
      if (!this.#admits(native, next)) {
        this.#pause(native)
        return
      }
      this.#patienceMs = 0
      this.#writeHead(native, queue)
      if (++count % SLICE_COUNT === 0 && queue.size > 0 && this.#host.now() - start >= SLICE_MS) {
        this.#flushAt = start
        return
      }
    }
    this.#flushAt = undefined
    if (count > 0 && queue.size === 0) this.#host.drained()
  }

  /** Says when to try again: a full buffer is looked at in the next macrotask first, then now and then. */
  #pause(native: NativeSocket): void {
    this.#flushAt = undefined
    // A socket that is closing takes nothing more; its end is told soon.
    if (native.readyState !== OPEN) return
    const now = this.#host.now()
    const full = native.bufferedAmount >= this.#options.highWaterMarkBytes
    const { rateLimit } = this.#options
    if (full || !rateLimit) this.#flushAt = now + this.#patienceMs
    else this.#flushAt = rateLimit.nextAt()
    this.#patienceMs = Math.min(2 * this.#patienceMs || 1, POLL_MS)
  }
}
