import { copyData, quickLength, type SocketData } from '../base/data.ts'
import { Ring } from '../base/ring.ts'

/** What a lost link leaves open: written, but never proven to have arrived. */
export interface Doubt {
  readonly count: number
  readonly bytes: number
  readonly messages: readonly SocketData[]
}

/**
 * Counts what was written on a link since the last proof that the peer received it. The proof is an answered ping:
 * a link keeps order, so the peer received all that was written before that ping. Other inbound data proves
 * nothing of our own.
 */
export class InDoubt {
  /** Kept only where asked for: the messages, oldest first. */
  readonly #kept: Ring<SocketData> | undefined
  readonly #limit: number
  /** How many messages this link was given. */
  total = 0
  #count = 0
  #bytes = 0
  #markCount = 0
  #markBytes = 0

  constructor(keep: number) {
    this.#limit = keep
    this.#kept = keep > 0 ? new Ring() : undefined
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How much of that a ping is under way for. */
  get markedBytes(): number {
    return this.#markBytes
  }

  wrote(data: SocketData): void {
    this.total++
    this.#count++
    this.#bytes += quickLength(data)
    if (!this.#kept) return
    this.#kept.push(copyData(data))
    if (this.#kept.size > this.#limit) this.#kept.shift()
  }

  /** A ping goes out now. */
  mark(): void {
    this.#markCount = this.#count
    this.#markBytes = this.#bytes
  }

  /** That ping was answered. */
  prove(): void {
    this.#count -= this.#markCount
    this.#bytes -= this.#markBytes
    this.#markCount = this.#markBytes = 0
    while (this.#kept && this.#kept.size > this.#count) this.#kept.shift()
  }

  /** The link is gone: what is in doubt now. Starts anew. */
  settle(): Doubt | undefined {
    const { count } = this
    const bytes = this.#bytes
    const messages: SocketData[] = []
    while (this.#kept?.size) messages.push(this.#kept.shift() as SocketData)
    this.total = this.#count = this.#bytes = this.#markCount = this.#markBytes = 0
    return count > 0 ? { count, bytes, messages } : undefined
  }
}
