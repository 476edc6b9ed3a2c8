import type { RateLimiter } from '../base/token-bucket.ts'
import type { PeerError } from '../wire/dialect.ts'
import { Membership, type RoomStatus } from './membership.ts'
import type { Outgoing } from './outgoing.ts'
import type { SendDropReason } from './receipt.ts'
import { Registry } from './registry.ts'

/**
 * What a policy for failed rooms is told.
 *
 * @public
 */
export interface RoomFailure {
  readonly room: string
  readonly error: PeerError
  /** How often it failed since a message of it was received. */
  readonly failures: number
  /** Draws a number, uniformly from [0, 1). */
  readonly random: () => number
}

/**
 * Says after how many milliseconds a room that the server refused is joined again; `false` for not at all.
 *
 * @public
 */
export type RejoinPolicy = (failure: RoomFailure) => number | false

/**
 * The default: an error that says `retryable` is tried again, after what the server asks for, else after 1 s, doubled
 * each time up to 30 s, times a draw from [0.5, 1.5). Any other error is final.
 *
 * @public
 */
export const defaultRejoin: RejoinPolicy = ({ error, failures, random }) => {
  if (!error.retryable) return false
  return error.retryAfterMs ?? Math.min(1_000 * 2 ** (failures - 1), 30_000) * (0.5 + random())
}

/**
 * What may have been missed: between these two moments nobody can say what the server sent.
 *
 * @public
 */
export interface GapDetail {
  /** The room concerned, or all rooms that were joined again. */
  readonly rooms: readonly string[]
  /** The last moment at which the lost link was certainly alive, in milliseconds since 1970, by the socket's clock. */
  readonly fromMs: number
  /** When the last of these rooms was joined again, or the new link opened. */
  readonly toMs: number
  readonly reason: 'reconnected'
}

/** What the rooms ask of the client around them. */
export interface RoomsHost {
  now(): number
  random(): number
  readonly report: (error: unknown) => void
  /** Calls back later, once, in a macrotask of its own. */
  defer(callback: () => void, ms: number): void
  wake(): void
  encodeJoin(membership: Membership): Outgoing
  encodeLeave(membership: Membership): Outgoing
  sendOnLink(message: Outgoing): void
  /** What waited for it may go; must wait; will never go. */
  joined(membership: Membership): void
  unjoined(membership: Membership): void
  abandon(membership: Membership, reason: SendDropReason): void
  /** A moment at which the link was certainly alive. */
  readonly aliveAt: number | undefined
  statusChanged(membership: Membership): void
  roomGap(membership: Membership, gap: GapDetail): void
  gap(gap: GapDetail): void
}

/** The wanted rooms: joined on each new link, in an order and at a rate that the server can take. */
export class Rooms {
  readonly #wanted = new Map<string, Membership>()
  /** Those whose join is still to be written on this link. */
  readonly #pending = new Set<Membership>()
  /** Those whose leave has not been written yet. */
  readonly #leaving = new Map<string, Outgoing>()
  readonly #rate: RateLimiter
  readonly #policy: RejoinPolicy
  readonly #host: RoomsHost
  #linked = false
  #limitedUntil: number = Infinity
  /** Where the gap begins that is still to be told, and the rooms it concerns. */
  #gapFromMs: number | undefined
  #gapRooms: string[] = []

  constructor(rate: RateLimiter, policy: RejoinPolicy, host: RoomsHost) {
    this.#rate = rate
    this.#policy = policy
    this.#host = host
  }

  get(name: string): Membership | undefined {
    return this.#wanted.get(name)
  }

  get all(): Iterable<Membership> {
    return this.#wanted.values()
  }

  get nextJoinAt(): number {
    return this.#limitedUntil
  }

  /** One more wants the room. */
  enter(name: string, params: unknown): Membership {
    const known = this.#wanted.get(name)
    if (known) {
      known.holders++
      return known
    }
    const membership = new Membership(name, params, new Registry(this.#host.report))
    membership.holders = 1
    this.#wanted.set(name, membership)
    const leave = this.#leaving.get(name)
    // The server never learned that it was left.
    if (leave?.abort()) membership.status = 'joined'
    else this.#want(membership)
    this.#host.statusChanged(membership)
    return membership
  }

  /** One less wants it. */
  leave(membership: Membership): void {
    if (--membership.holders > 0) return
    const { name } = membership
    const wasJoined = membership.status === 'joined'
    this.#wanted.delete(name)
    this.#pending.delete(membership)
    membership.retryAt = Infinity
    this.#host.abandon(membership, 'left')
    this.#move(membership, 'left')
    if (!wasJoined || !this.#linked) return
    const leave = this.#host.encodeLeave(membership)
    leave.watcher = {
      onWritten: () => this.#leaving.delete(name),
      onDropped: () => this.#leaving.delete(name),
    }
    this.#leaving.set(name, leave)
    this.#host.sendOnLink(leave)
  }

  /** Tries a failed room again. */
  retry(membership: Membership): void {
    if (membership.status !== 'failed') return
    membership.retryAt = Infinity
    this.#move(membership, membership.wasJoined ? 'rejoining' : 'joining')
    this.#want(membership)
  }

  #want(membership: Membership): void {
    if (!this.#linked) return
    this.#pending.add(membership)
    this.#host.wake()
  }

  /** The join that goes next. */
  nextJoin(now: number, needed: boolean): Outgoing | undefined {
    this.#limitedUntil = Infinity
    for (const membership of this.#pending) {
      if (needed && membership.heldCount === 0) continue
      if (!needed && !this.#rate.take(now)) {
        this.#limitedUntil = this.#rate.nextAt()
        return undefined
      }
      this.#pending.delete(membership)
      const join = this.#host.encodeJoin(membership)
      join.watcher = { onWritten: () => this.#joined(membership) }
      return join
    }
    return undefined
  }

  #joined(membership: Membership): void {
    const again = membership.wasJoined
    membership.wasJoined = true
    membership.error = undefined
    this.#move(membership, 'joined')
    this.#host.joined(membership)
    if (again && this.#gapFromMs !== undefined) {
      this.#gapRooms.push(membership.name)
      this.#host.roomGap(membership, this.#gap([membership.name]))
    }
    if (this.#pending.size === 0) this.#tellGap()
  }

  #gap(rooms: readonly string[]): GapDetail {
    return { rooms, fromMs: this.#gapFromMs ?? 0, toMs: this.#host.now(), reason: 'reconnected' }
  }

  #tellGap(): void {
    if (this.#gapFromMs === undefined) return
    const gap = this.#gap(this.#gapRooms)
    this.#gapFromMs = undefined
    this.#gapRooms = []
    this.#host.gap(gap)
  }

  linked(): void {
    this.#linked = true
    const waiting = [...this.#wanted.values()].filter(({ status }) => status !== 'failed')
    // Rooms that something waits for come first.
    for (const first of [true, false]) {
      for (const membership of waiting) {
        if (membership.heldCount > 0 === first) this.#pending.add(membership)
      }
    }
    // `open` listeners are told first.
    if (this.#pending.size === 0) this.#host.defer(() => this.#linked && this.#tellGap(), 0)
  }

  unlinked(): void {
    if (!this.#linked) return
    this.#linked = false
    this.#limitedUntil = Infinity
    this.#gapFromMs ??= this.#host.aliveAt ?? this.#host.now()
    this.#pending.clear()
    this.#leaving.clear()
    for (const membership of this.#wanted.values()) {
      if (membership.status === 'joined') this.#move(membership, 'rejoining')
    }
  }

  /** The server refuses a room. Answers whether it is one of ours. */
  failed(name: string, error: PeerError): boolean {
    const membership = this.#wanted.get(name)
    if (!membership || !this.#linked) return membership !== undefined
    this.#pending.delete(membership)
    membership.failures++
    membership.error = error
    const { failures } = membership
    const delayMs = this.#policy({ room: name, error, failures, random: () => this.#host.random() })
    const wasJoined = membership.status === 'joined'
    this.#move(membership, 'failed')
    if (wasJoined) this.#host.unjoined(membership)
    if (delayMs === false) this.#host.abandon(membership, 'room-failed')
    else {
      const retryAt = this.#host.now() + delayMs
      membership.retryAt = retryAt
      this.#host.defer(() => membership.retryAt === retryAt && this.retry(membership), delayMs)
    }
    if (this.#pending.size === 0) this.#tellGap()
    return true
  }

  #move(membership: Membership, status: RoomStatus): void {
    if (membership.status === status) return
    membership.status = status
    this.#host.statusChanged(membership)
  }
}
