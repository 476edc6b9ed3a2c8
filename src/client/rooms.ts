import type { RateLimiter } from '../base/token-bucket.ts'
import type { PeerError } from '../wire/dialect.ts'
import { type Encoded, Membership, type RoomStatus } from './membership.ts'
import { type Outgoing, outgoingOf } from './outgoing.ts'
import type { SendDropReason } from './receipt.ts'
import { Registry } from './registry.ts'

/** Timers take no more than 2^31 - 1 ms, and nobody waits for a room as long as that. */
const MOST_RETRY_MS = 3_600_000

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
 * The default: an error that says `retryable` is tried again, after what the server asks for, an hour at most, else
 * after 1 s, doubled each time up to 30 s, times a draw from [0.5, 1.5). Any other error is final.
 *
 * @public
 */
export const defaultRejoin: RejoinPolicy = ({ error, failures, random }) => {
  if (!error.retryable) return false
  // A server that has no wish may write 0: to join at once, again and again, would help nobody.
  if (error.retryAfterMs) return Math.min(error.retryAfterMs, MOST_RETRY_MS)
  return Math.min(1_000 * 2 ** (failures - 1), 30_000) * (0.5 + random())
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
  setTimer(callback: () => void, ms: number): unknown
  clearTimer(handle: unknown): void
  wake(): void
  /** Throws what speaks against it. */
  encodeJoin(name: string, params: unknown): Encoded
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

/** What a room fails with where the platform refuses to write its join. */
const notWritten: PeerError = {
  code: 'write-failed',
  message: 'The join could not be written',
  retryable: true,
}

/** The wanted rooms: joined on each new link, in an order and at a rate that the server can take. */
export class Rooms {
  readonly #wanted = new Map<string, Membership>()
  /** Those whose join is still to be written on this link. */
  readonly #pending = new Set<Membership>()
  /** The join that was handed out to be written, and whose it is. */
  #next: { readonly membership: Membership; readonly join: Outgoing } | undefined
  /** Those whose leave has not been written yet. */
  readonly #leaving = new Map<string, { readonly leave: Outgoing; readonly membership: Membership }>()
  readonly #rate: RateLimiter
  readonly #policy: RejoinPolicy
  readonly #host: RoomsHost
  #linked = false
  #limitedUntil: number = Infinity
  /** Where the gap begins that is still to be told, and the rooms it concerns. */
  #gapFromMs: number | undefined
  #gapRooms = new Set<string>()
  /** Those whose link is gone, and who have not been told. */
  readonly #unlinkedRooms: Membership[] = []

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
      // One that failed for good is tried again for whoever asks anew.
      if (known.retryAt === Infinity) this.retry(known)
      return known
    }
    // Before anything changes: it throws what is wrong with the params.
    const join = this.#host.encodeJoin(name, params)
    const back = this.#comeBack(name, params, join)
    if (back) return back
    const membership = new Membership(name, params, new Registry(this.#host.report))
    membership.join = join
    membership.holders = 1
    this.#wanted.set(name, membership)
    this.#want(membership)
    this.#host.statusChanged(membership)
    return membership
  }

  /** Of a room that was just left the server has not learned it. With other params it is joined again. */
  #comeBack(name: string, params: unknown, join: Encoded): Membership | undefined {
    const leaving = this.#leaving.get(name)
    if (!leaving?.leave.abort()) return undefined
    const { membership } = leaving
    const isSame = membership.params === params
    membership.join = join
    membership.holders = 1
    membership.params = params
    membership.status = isSame ? 'joined' : 'rejoining'
    this.#wanted.set(name, membership)
    if (!isSame) this.#want(membership)
    this.#host.statusChanged(membership)
    return membership
  }

  /** One less wants it. */
  leave(membership: Membership): void {
    if (--membership.holders > 0) return
    this.#wanted.delete(membership.name)
    this.#forget(membership)
    membership.retryAt = Infinity
    this.#host.clearTimer(membership.retryTimer)
    // Before anybody is told: who enters again at once must not have its join overtake this leave.
    if (membership.status === 'joined' && this.#linked) this.#sendLeave(membership)
    membership.status = 'left'
    this.#host.abandon(membership, 'left')
    this.#host.statusChanged(membership)
    this.#tellGapIfAllBack()
  }

  #sendLeave(membership: Membership): void {
    const { name } = membership
    const leave = this.#host.encodeLeave(membership)
    const forget = () => void this.#leaving.delete(name)
    leave.watcher = { onWritten: forget, onDropped: forget }
    this.#leaving.set(name, { leave, membership })
    this.#host.sendOnLink(leave)
  }

  /** Its join is not to be written any more. */
  #forget(membership: Membership): void {
    this.#pending.delete(membership)
    if (this.#next?.membership !== membership) return
    this.#next.join.drop('left')
    this.#next = undefined
  }

  /** Tries a failed room again. */
  retry(membership: Membership): void {
    if (membership.status !== 'failed') return
    membership.retryAt = Infinity
    this.#host.clearTimer(membership.retryTimer)
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
      const join = outgoingOf('control', membership.join)
      join.watcher = {
        onWritten: () => this.#joined(membership),
        onDropped: (reason) => reason === 'write-failed' && this.failed(membership.name, notWritten),
      }
      this.#next = { membership, join }
      return join
    }
    return undefined
  }

  #joined(membership: Membership): void {
    this.#next = undefined
    const again = membership.wasJoined
    membership.wasJoined = true
    membership.error = undefined
    membership.status = 'joined'
    // Before anybody is told: what a listener sends goes behind what waited, and it may leave, close or reconnect.
    this.#host.joined(membership)
    this.#host.statusChanged(membership)
    if (again && this.#gapFromMs !== undefined) {
      this.#gapRooms.add(membership.name)
      this.#host.roomGap(membership, this.#gap([membership.name]))
    }
    this.#tellGapIfAllBack()
  }

  #gap(rooms: readonly string[]): GapDetail {
    return { rooms, fromMs: this.#gapFromMs ?? 0, toMs: this.#host.now(), reason: 'reconnected' }
  }

  #tellGapIfAllBack(): void {
    if (this.#gapFromMs === undefined || !this.#linked || this.#pending.size > 0 || this.#next) return
    const gap = this.#gap([...this.#gapRooms])
    this.#gapFromMs = undefined
    this.#gapRooms = new Set()
    this.#host.gap(gap)
  }

  linked(): void {
    this.#linked = true
    for (const membership of this.#wanted.values()) this.#retryLater(membership)
    const waiting = [...this.#wanted.values()].filter(({ status }) => status !== 'failed')
    // Rooms that something waits for come first.
    for (const first of [true, false]) {
      for (const membership of waiting) {
        if (membership.heldCount > 0 === first) this.#pending.add(membership)
      }
    }
    // `open` listeners are told first.
    if (this.#pending.size === 0) this.#host.defer(() => this.#tellGapIfAllBack(), 0)
  }

  /** The link is gone. Nobody is told before `tellUnlinked`: the lanes are not in order yet. */
  unlinked(): void {
    if (!this.#linked) return
    this.#linked = false
    this.#limitedUntil = Infinity
    this.#gapFromMs ??= this.#host.aliveAt ?? this.#host.now()
    this.#pending.clear()
    this.#next = undefined
    this.#leaving.clear()
    for (const membership of this.#wanted.values()) {
      // Without a link there is nothing to try, and after a close nothing may keep the process alive.
      this.#host.clearTimer(membership.retryTimer)
      if (membership.status !== 'joined') continue
      membership.status = 'rejoining'
      this.#unlinkedRooms.push(membership)
    }
  }

  tellUnlinked(): void {
    for (const membership of this.#unlinkedRooms.splice(0)) {
      // Who was told before may have left it.
      if (membership.status === 'rejoining') this.#host.statusChanged(membership)
    }
  }

  /** The server refuses a room. Answers whether it is one of ours. */
  failed(name: string, error: PeerError): boolean {
    const membership = this.#wanted.get(name)
    if (!membership || !this.#linked) return membership !== undefined
    this.#forget(membership)
    membership.failures++
    membership.error = error
    const delayMs = this.#delayFor(membership, error)
    const wasJoined = membership.status === 'joined'
    const retryAt = delayMs === false ? Infinity : this.#host.now() + delayMs
    membership.status = 'failed'
    membership.retryAt = retryAt
    if (wasJoined) this.#host.unjoined(membership)
    this.#host.statusChanged(membership)
    // A listener may have left it, or tried it again.
    const { status } = membership as { readonly status: RoomStatus }
    if (status === 'failed' && membership.retryAt === retryAt) {
      if (delayMs === false) this.#host.abandon(membership, 'room-failed')
      else this.#retryLater(membership)
    }
    this.#tellGapIfAllBack()
    return true
  }

  /** What the policy says. One that throws, or says what is no time, says no. */
  #delayFor({ name: room, failures }: Membership, error: PeerError): number | false {
    try {
      const delayMs = this.#policy({ room, error, failures, random: () => this.#host.random() })
      if (delayMs === false || delayMs >= 0) return delayMs
      throw new RangeError(
        `The policy rooms.rejoin must answer milliseconds or false, not ${String(delayMs)}`,
      )
    } catch (thrown) {
      this.#host.report(thrown)
      return false
    }
  }

  #retryLater(membership: Membership): void {
    const { retryAt } = membership
    this.#host.clearTimer(membership.retryTimer)
    membership.retryTimer = undefined
    if (retryAt === Infinity) return
    const ms = Math.min(Math.max(retryAt - this.#host.now(), 0), MOST_RETRY_MS)
    const isDue = () => this.#host.now() >= retryAt
    membership.retryTimer = this.#host.setTimer(
      () => (isDue() ? this.retry(membership) : this.#retryLater(membership)),
      ms,
    )
  }

  #move(membership: Membership, status: RoomStatus): void {
    if (membership.status === status) return
    membership.status = status
    this.#host.statusChanged(membership)
  }
}
