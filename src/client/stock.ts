import { byteLength } from '../base/data.ts'
import type { ResolvedQueueOptions } from '../core/send-queue.ts'
import type { Membership } from './membership.ts'
import type { Outgoing } from './outgoing.ts'

/** Messages with a time to live are looked through at most this often. */
const EXPIRY_STEP_MS = 20
/** As many that have left may stay among those whose bytes are still to be counted. */
const MOST_GONE = 64

/**
 * What waits, counted: how many and how heavy against the bounds, which may be replaced, which may not wait for
 * ever. Where they wait is not known here.
 *
 * To count the bytes of a text costs more than to keep it, so messages weigh the most that they can have until that no
 * longer fits, or somebody asks.
 */
export class Stock {
  readonly #options: ResolvedQueueOptions
  count = 0
  /** Of these, what concerns the link only: leaves and answers, which no bound may keep out. */
  #ofLink = 0
  #weight = 0
  /** Those whose bytes were not counted yet. */
  #uncounted: Outgoing[] = []
  /** What may be replaced, by its key. */
  readonly #latest = new Map<string, Outgoing>()
  /** What may not wait for ever, and when to look through it. */
  readonly #mortal = new Set<Outgoing>()
  expiresAt: number = Infinity
  /** How many large messages wait by room and type. */
  readonly #large = new Map<string, number>()

  constructor(options: ResolvedQueueOptions) {
    this.#options = options
  }

  /** The exact bytes of all. */
  get bytes(): number {
    this.#weigh()
    return this.#weight
  }

  enter(message: Outgoing): void {
    this.count++
    if (message.ofLink) {
      this.#ofLink++
      return
    }
    this.#weight += message.weight
    if (typeof message.data === 'string' && !message.counted) this.#countLater(message)
    if (message.lane === 'large') this.#countLarge(message, 1)
    if (message.key !== undefined) this.#latest.set(message.key, message)
    if (message.expiresAt === Infinity) return
    this.#mortal.add(message)
    this.expiresAt = Math.min(this.expiresAt, message.expiresAt)
  }

  leave(message: Outgoing): void {
    this.count--
    message.remove = undefined
    if (message.ofLink) {
      this.#ofLink--
      return
    }
    this.#weight -= message.weight
    if (message.lane === 'large') this.#countLarge(message, -1)
    if (message.key !== undefined && this.#latest.get(message.key) === message)
      this.#latest.delete(message.key)
    this.#mortal.delete(message)
    if (this.#mortal.size === 0) this.expiresAt = Infinity
    if (this.count === 0) this.#uncounted = []
  }

  #countLater(message: Outgoing): void {
    this.#uncounted.push(message)
    // A line that is never empty must not keep what has left it.
    if (this.#uncounted.length <= 2 * this.count + MOST_GONE) return
    this.#uncounted = this.#uncounted.filter(({ remove, counted }) => remove && !counted)
  }

  /** One that is in here weighs `more` than it did. */
  reweigh(more: number): void {
    this.#weight += more
  }

  #weigh(): void {
    for (const message of this.#uncounted) {
      if (!message.waits || message.counted) continue
      const before = message.weight
      weighExactly(message)
      this.#weight += message.weight - before
    }
    this.#uncounted = []
  }

  /** Whether there is room for a message, in the place of another if that is given. */
  fits(message: Outgoing, instead?: Outgoing): boolean {
    const { maxCount, maxBytes } = this.#options
    if (this.count - this.#ofLink - (instead ? 1 : 0) >= maxCount) return false
    const fits = () => this.#weight - (instead?.weight ?? 0) + message.weight <= maxBytes
    if (fits()) return true
    this.#weigh()
    weighExactly(message)
    return fits()
  }

  /** Whether it fits when nothing else is there. */
  couldFit(message: Outgoing): boolean {
    weighExactly(message)
    return message.weight <= this.#options.maxBytes && this.#options.maxCount > 0
  }

  /** The one of this key that waits. */
  latest(key: string | undefined): Outgoing | undefined {
    return key === undefined ? undefined : this.#latest.get(key)
  }

  /** Whether a large one of the same room and type waits, which none may overtake. */
  hasLargeKin({ type, membership }: Outgoing): boolean {
    return this.#large.size > 0 && this.#large.has(kinOf(type, membership))
  }

  /** A small one goes with the large ones from now on. */
  becameLarge(message: Outgoing): void {
    message.lane = 'large'
    this.#countLarge(message, 1)
  }

  #countLarge({ type, membership }: Outgoing, by: number): void {
    const kin = kinOf(type, membership)
    const count = (this.#large.get(kin) ?? 0) + by
    if (count > 0) this.#large.set(kin, count)
    else this.#large.delete(kin)
    if (membership) membership.queuedLarge += by
  }

  /** Those that have waited too long; they are still counted. */
  expired(now: number): readonly Outgoing[] {
    if (now < this.expiresAt) return []
    let next = Infinity
    const expired: Outgoing[] = []
    for (const message of this.#mortal) {
      if (message.expiresAt <= now) expired.push(message)
      else next = Math.min(next, message.expiresAt)
    }
    this.expiresAt = Math.max(next, now + EXPIRY_STEP_MS)
    return expired
  }
}

function weighExactly(message: Outgoing): void {
  if (typeof message.data === 'string') message.weight = byteLength(message.data)
  message.counted = true
}

/** What keeps its order across lanes: a room and a type. */
function kinOf(type: string | number, membership: Membership | undefined): string {
  return `${membership?.name ?? ''}\n${type}`
}
