import { byteLength, copyData, type SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { Backlog } from '../core/backlog.ts'
import type { ResolvedQueueOptions } from '../core/send-queue.ts'
import type { WireMessage } from '../wire/dialect.ts'
import { Flow, type FlowHost } from './flow.ts'
import { Line } from './line.ts'
import type { Membership } from './membership.ts'
import { type LaneName, Ledger, Outgoing, outgoingOf } from './outgoing.ts'
import type { SendDropReason } from './receipt.ts'
import { Stock } from './stock.ts'

/** What the outbox asks of the client around it. */
export interface OutboxHost extends FlowHost {
  /** Something may go that could not before. */
  wake(): void
  /** Writes at once if the link is there and not full, past all that waits where `past`. Answers whether it did. */
  sendNow(data: SocketData, past: boolean): boolean
  /** The join that goes next, if one may go now; and when the next may. Only those that something waits for, where `needed`. */
  nextJoin(now: number, needed: boolean): Outgoing | undefined
  readonly nextJoinAt: number
  /** Whether what is sent now goes ahead of what waits: `open` listeners speak first on a new link. */
  readonly ahead: boolean
  onDrop(message: Outgoing, reason: SendDropReason): void
  /** A link may be written to, or may not any more. */
  linked(): void
  unlinked(): void
  /** The lanes are in order again: all may be told of it. */
  tellUnlinked(): void
}

/** How many small messages go in one. */
export interface Batching {
  readonly maxCount: number
  readonly maxBytes: number
  /** Makes one wire message of several. */
  join(texts: readonly string[]): string
}

/**
 * What a client wants sent, and the one place that decides what goes next: control, then joins, then small messages,
 * then large ones; in order within each, and in order within a room and type across them. What names a room waits
 * until that is joined.
 */
export class Outbox implements Backlog {
  readonly #options: ResolvedQueueOptions
  readonly #batch: Batching | undefined
  readonly #host: OutboxHost
  readonly #lanes: Readonly<Record<LaneName, Line>> = {
    control: new Line(),
    small: new Line(),
    large: new Line(),
  }
  readonly #stock: Stock
  readonly #flow: Flow
  /** The rooms that hold messages until they are joined. */
  readonly #holding = new Set<Membership>()
  #order = 0
  #join: Outgoing | undefined
  /** A piece, as long as it is the next. */
  #piece: { readonly of: Outgoing; readonly index: number; readonly data: SocketData } | undefined
  /** One between whose parts nothing may go, and whose first part is written. */
  #together: Outgoing | undefined
  /** What is being written. */
  #writing: readonly Outgoing[] = []
  #ledger: Ledger
  #linked = false
  #finishing = false
  #telling = false

  readonly #ask = (): void => {
    this.#host.ask()
  }

  constructor(options: ResolvedQueueOptions, batch: Batching | undefined, host: OutboxHost) {
    this.#options = options
    this.#batch = batch
    this.#host = host
    this.#stock = new Stock(options)
    this.#flow = new Flow(host)
    this.#ledger = new Ledger(this.#ask)
  }

  get size(): number {
    return this.#stock.count + this.#lanes.control.size
  }

  get bytes(): number {
    return this.#stock.bytes
  }

  readonly keepsTime = true
  readonly headTime = undefined

  get deadline(): number {
    const { pollAt } = this.#flow
    const onLink = this.#linked ? Math.min(pollAt, this.#host.nextJoinAt) : Infinity
    return Math.min(this.#stock.expiresAt, onLink)
  }

  // ── In ──

  /**
   * Writes a message at once if nothing of its kind waits before it, else keeps it. `isVolatile` ones are never kept.
   *
   * @throws HoldfastError `HF_QUEUE_FULL` where it does not fit and is to be refused.
   */
  send(message: Outgoing, isVolatile = false): void {
    if (this.#mayPass(message, isVolatile) && this.#sendNow(message)) {
      // Where the link is just going, it was kept for the next one.
      if (isVolatile) this.drop(message, 'volatile')
      return
    }
    if (isVolatile) {
      this.#giveUp(message, 'volatile')
      return
    }
    message.own()
    this.#keep(message)
  }

  /** What the link needs, before all else. Lost with the link. */
  control(encoded: WireMessage | readonly WireMessage[]): void {
    this.#lanes.control.push(outgoingOf('control', encoded))
    this.#host.wake()
  }

  #mayPass(message: Outgoing, isVolatile = false): boolean {
    const { lane, membership, data, key } = message
    return (
      (lane === 'small' || (isVolatile && this.#lanes.large.size === 0)) &&
      data !== undefined &&
      (isVolatile || !this.#batch) &&
      (membership === undefined || membership.status === 'joined') &&
      !this.#stock.latest(key) &&
      !this.#stock.hasLargeKin(message) &&
      !(this.#stock.count > 0 && this.#host.ahead && this.#kinWaits(message))
    )
  }

  /** Whether one of the same type and room waits, which none may overtake. */
  #kinWaits({ type, membership }: Outgoing): boolean {
    for (const other of this.#lanes.small) {
      if (other.type === type && other.membership === membership) return true
    }
    return false
  }

  #sendNow(message: Outgoing): boolean {
    const { control, small } = this.#lanes
    this.#writing = [message]
    const past = control.size === 0 && small.size === 0 && !this.#together
    if (this.#host.sendNow(message.data as SocketData, past)) return true
    this.#writing = []
    return false
  }

  /** What concerns this link only, in its place behind what waits; lost with the link. Without bounds. */
  sendOnLink(message: Outgoing): void {
    message.ofLink = true
    if (this.#mayPass(message) && this.#sendNow(message)) return
    this.#enqueue(message)
    this.#host.wake()
  }

  /** A raw message of the application's, sent past the client. */
  add(data: SocketData): boolean {
    const message = rawMessage(copyData(data))
    if (!this.#stock.fits(message)) return this.#overflow(message)
    this.#enqueue(message)
    return true
  }

  #keep(message: Outgoing): void {
    const old = this.#replaceable(message.key)
    const fits = this.#stock.fits(message, old)
    if (old && fits && old.lane === message.lane) this.#replace(old, message)
    else {
      // Where the policy refuses or drops the new one, the old one is still the latest.
      if (old && (fits || this.#policy === 'drop-oldest')) this.drop(old, 'conflated')
      if (!fits && !this.#overflow(message)) throw this.#full(message)
      // Who heard of a drop may have left the room.
      if (message.membership?.status === 'left') this.#giveUp(message, 'left')
      if (message.waits && !message.remove) this.#enqueue(message)
    }
    this.#host.wake()
  }

  #full({ weight }: Outgoing): HoldfastError {
    const { maxCount, maxBytes } = this.#options
    const { count, bytes } = this.#stock
    const text = `A message of ${weight} bytes does not fit (queued: ${count} of ${maxCount} messages, ${bytes} of ${maxBytes} bytes; see the option queue)`
    return new HoldfastError('HF_QUEUE_FULL', text, { retryable: count > 0 })
  }

  #enqueue(message: Outgoing): void {
    const { membership } = message
    const now = this.#host.now()
    message.order = this.#order++
    // What concerns a link has no age: a leave that expired would leave us in the room.
    if (!message.ofLink) message.expiresAt = Math.min(message.expiresAt, now + this.#options.maxAgeMs)
    message.remove = this.drop
    if (this.#stock.hasLargeKin(message)) message.lane = 'large'
    this.#stock.enter(message)
    if (membership && membership.status !== 'joined') this.#hold(membership, message)
    else this.#lanes[message.lane].push(message)
  }

  #hold(membership: Membership, message: Outgoing): void {
    membership.held.push(message)
    this.#holding.add(membership)
  }

  /** The one of this key that waits. Of which something is written already, that is finished. */
  #replaceable(key: string | undefined): Outgoing | undefined {
    const old = this.#stock.latest(key)
    return old && old.cursor === 0 && !this.#writing.includes(old) ? old : undefined
  }

  /** Takes the place of the one of the same key that waits. */
  #replace(old: Outgoing, message: Outgoing): void {
    message.order = old.order
    message.owner = old.owner ?? old
    message.owner.heir = message
    message.line = old.line
    message.expiresAt = Math.min(message.expiresAt, this.#host.now() + this.#options.maxAgeMs)
    this.#stock.leave(old)
    message.remove = this.drop
    this.#stock.enter(message)
    this.#giveUp(old, 'conflated')
  }

  /** What a listener sends while it is told of a drop is refused, or two would push each other out for ever. */
  get #policy(): ResolvedQueueOptions['overflow'] {
    return this.#telling ? 'reject' : this.#options.overflow
  }

  /** Makes room for a message, or drops it, as the policy says. Answers `false` where it is to be refused. */
  #overflow(message: Outgoing): boolean {
    const policy = this.#policy
    if (policy === 'reject') return false
    const dropped = policy === 'drop-oldest' ? this.#makeRoom(message) : []
    if (policy === 'drop-oldest' && this.#stock.fits(message)) this.#enqueue(message)
    else this.#giveUp(message, 'overflow')
    // They have left: a listener finds the lines as they are, and may use them.
    this.#telling = true
    for (const old of dropped) this.#host.onDrop(old, 'overflow')
    this.#telling = false
    return true
  }

  /** Takes out the oldest until a message fits. Whoever hears of it must be told. */
  #makeRoom(message: Outgoing): Outgoing[] {
    const dropped: Outgoing[] = []
    if (!this.#stock.couldFit(message)) return dropped
    for (let oldest = this.#oldest(); oldest && !this.#stock.fits(message); oldest = this.#oldest()) {
      this.#takeOut(oldest, 'overflow')
      dropped.push(oldest)
    }
    return dropped
  }

  #oldest(): Outgoing | undefined {
    const { small, large } = this.#lanes
    let oldest: Outgoing | undefined
    for (const line of [small, large, ...[...this.#holding].map(({ held }) => held)]) {
      const first = line.first((message) => !message.ofLink && message !== this.#together)
      if (first && first.order < (oldest?.order ?? Infinity)) oldest = first
    }
    return oldest
  }

  /** Its data came while it waited: it weighs `more` than was counted. */
  loaded(message: Outgoing, more: number): void {
    if (!message.waits || !message.remove) return
    this.#stock.reweigh(more)
    if (message.parts) this.#sort()
    this.#host.wake()
  }

  /**
   * The peer takes less than was thought: `resize` cuts what is too large, and answers whether it can go at all.
   */
  refit(resize: (message: Outgoing) => boolean): void {
    const waiting = [...this.#lanes.small, ...this.#lanes.large]
    for (const { held } of this.#holding) waiting.push(...held)
    for (const message of waiting) {
      const before = message.weight
      if (!resize(message)) this.drop(message, 'too-large')
      else this.#stock.reweigh(message.weight - before)
    }
    this.#piece = undefined
    this.#sort()
  }

  /** What goes in pieces leaves the small lane, and so does what is behind it of the same room and type. */
  #sort(): void {
    const { small, large } = this.#lanes
    const heavy = large.takeAll()
    for (const message of small.takeAll()) {
      if (this.#isHeavy(message)) heavy.push(message)
      else small.push(message)
    }
    // One that is half written stays first.
    heavy.sort((a, b) => Number(b.cursor > 0) - Number(a.cursor > 0) || a.order - b.order)
    for (const message of heavy) large.push(message)
    for (const { held } of this.#holding) for (const message of held) this.#isHeavy(message)
  }

  #isHeavy(message: Outgoing): boolean {
    const { lane, parts } = message
    const goesInPieces = parts !== undefined && !parts.together
    if (lane === 'small' && (goesInPieces || this.#stock.hasLargeKin(message)))
      this.#stock.becameLarge(message)
    return message.lane === 'large'
  }

  /** The peer does not want the rest of a message in pieces. */
  abortPieces(id: string): void {
    for (const line of [this.#lanes.large, this.#lanes.small]) {
      const heavy = line.head()
      if (heavy?.parts?.id === id) this.drop(heavy, 'aborted')
    }
  }

  // ── Out ──

  peek(): SocketData | undefined {
    const message = this.#select()
    return message && this.#dataOf(message)
  }

  shift(): SocketData | undefined {
    const message = this.#select()
    if (!message) return undefined
    if (message.lane === 'small' && this.#batch) return this.#shiftBatch(message, this.#batch)
    this.#writing = [message]
    return this.#dataOf(message)
  }

  #dataOf(message: Outgoing): SocketData | undefined {
    const { parts, cursor: index } = message
    if (!parts) return message.data
    if (this.#piece?.of !== message || this.#piece.index !== index) {
      this.#piece = { of: message, index, data: parts.part(index) }
    }
    return this.#piece.data
  }

  #select(): Outgoing | undefined {
    const { control, small, large } = this.#lanes
    if (this.#together?.waits) return this.#together
    const first = control.head()
    if (first) return first
    // One whose room was left meanwhile waits no longer.
    if (!this.#join?.waits) this.#join = this.#host.nextJoin(this.#host.now(), this.#finishing)
    if (this.#join) return this.#join
    const next = small.head()
    if (next && isReady(next)) return next
    const heavy = large.head()
    // Behind one that is still being made, others of its kind may wait.
    const isHeldUp = next && heavy && this.#kinWaits(heavy)
    return heavy && isReady(heavy) && !isHeldUp && (this.#finishing || this.#flow.mayGo()) ? heavy : undefined
  }

  #shiftBatch(first: Outgoing, { maxCount, maxBytes, join }: Batching): SocketData | undefined {
    const messages: Outgoing[] = []
    // Two brackets, and a comma between two.
    let bytes = 1
    for (const message of this.#lanes.small) {
      if (typeof message.data !== 'string' || message.isRaw || messages.length >= maxCount) break
      bytes += byteLength(message.data) + 1
      if (messages.length > 0 && bytes > maxBytes) break
      messages.push(message)
    }
    this.#writing = messages.length > 1 ? messages : [first]
    return messages.length <= 1 ? this.#dataOf(first) : join(messages.map(({ data }) => data as string))
  }

  /** The link is going: what was taken goes first on the next one. Of what was sent past the client there is only the data. */
  unshift(data: SocketData): void {
    const taken = this.#writing.length > 0 ? this.#writing : [rawMessage(data)]
    for (const message of taken) {
      // One that is in a line has not left it. A join is done again on each link.
      if (message.remove || message === this.#join || message.lane === 'control') continue
      message.own()
      message.order = -1
      message.remove = this.drop
      message.expiresAt = Math.min(message.expiresAt, this.#host.now() + this.#options.maxAgeMs)
      this.#stock.enter(message)
      this.#lanes[message.lane].unshift(message)
    }
    this.#writing = []
  }

  wrote(count: number): void {
    const written = this.#writing
    this.#writing = []
    // All have left their lines before anybody is told: a listener may write what comes next.
    for (const message of written) {
      this.#together = undefined
      if (message.parts && !this.#wrotePiece(message, message.parts.total)) {
        if (message.parts.together) this.#together = message
        continue
      }
      if (message === this.#join) this.#join = undefined
      else if (message.lane === 'control') this.#lanes.control.shift()
      else if (message.remove) {
        this.#lanes[message.lane].shift()
        this.#stock.leave(message)
      }
      if (message.membership) message.membership.sent++
      message.wrote(this.#ledger, count)
    }
    for (const message of written) message.tellWritten()
    this.#flow.wrote(this.#lanes.large.size > 0)
  }

  /** Answers whether it was the last. */
  #wrotePiece(message: Outgoing, total: number): boolean {
    const bytes = message.parts?.bytes ?? 0
    message.cursor++
    message.sentBytes = Math.min(Math.ceil(bytes / total) * message.cursor, bytes)
    this.#piece = undefined
    return message.cursor === total
  }

  refused(): void {
    const refused = this.#writing
    this.#writing = []
    this.#together = undefined
    for (const message of refused) {
      if (message === this.#join) {
        this.#join = undefined
        message.drop('write-failed')
      } else if (message.lane === 'control') this.#lanes.control.shift()
      else this.drop(message, 'write-failed')
    }
  }

  // ── The link ──

  attached(now: number): void {
    this.#linked = true
    this.#flow.attached(now)
    this.#host.linked()
  }

  detached(): void {
    this.#linked = this.#finishing = false
    this.#flow.pollAt = Infinity
    this.#join = this.#piece = this.#together = undefined
    this.#lanes.control.takeAll()
    this.#host.unlinked()
    this.#holdBack((message) => message.membership)
    this.#lanes.small.head()?.restart()
    this.#lanes.large.head()?.restart()
    this.#host.tellUnlinked()
  }

  /** Takes what names a room that is not joined any more out of the lanes. */
  #holdBack(roomOf: (message: Outgoing) => Membership | undefined): void {
    const left: Outgoing[] = []
    const lost: Outgoing[] = []
    for (const line of [this.#lanes.small, this.#lanes.large]) {
      for (const message of line.takeAll()) {
        const room = roomOf(message)
        if (message.ofLink && !this.#linked) lost.push(message)
        else if (!room) line.push(message)
        else if (room.status === 'left') left.push(message)
        else {
          message.restart()
          this.#hold(room, message)
        }
      }
    }
    // When the lanes are whole again: who is told may use them.
    this.#dropAll(lost, 'closed')
    this.#dropAll(left, 'left')
  }

  /** A room is not joined any more: what names it waits. */
  unjoined(membership: Membership): void {
    this.#holdBack((message) => (message.membership === membership ? membership : undefined))
  }

  finishing(): void {
    this.#finishing = true
  }

  proven(count: number): void {
    this.#ledger.prove(count)
    this.#flow.proven(this.#lanes.large.size > 0)
  }

  settled(certainCount: number): void {
    this.#ledger.settle(certainCount)
    this.#ledger = new Ledger(this.#ask)
  }

  /** A room is joined: what waited for it goes. */
  joined(membership: Membership): void {
    this.#holding.delete(membership)
    if (membership.heldCount === 0) return
    for (const message of membership.held.takeAll()) this.#lanes[message.lane].push(message)
    this.#host.wake()
  }

  /** A room is not wanted any more, or failed for good: what waited for it is dropped. */
  abandon(membership: Membership, reason: SendDropReason): void {
    this.#holding.delete(membership)
    if (membership.heldCount > 0) this.#dropAll(membership.held.takeAll(), reason)
  }

  // ── Ends ──

  /** Drops one that waits. */
  readonly drop = (message: Outgoing, reason: SendDropReason): void => {
    // Half of what must go together is worse than all of it.
    if (!message.waits || message === this.#together) return
    if (message.remove) this.#takeOut(message, reason)
    this.#giveUp(message, reason)
  }

  #takeOut(message: Outgoing, reason: SendDropReason): void {
    const { line, parts, cursor } = message
    this.#stock.leave(message)
    // Of a message that is half sent, the peer keeps pieces.
    if (parts?.abort && cursor > 0) this.control(parts.abort() as WireMessage)
    message.drop(reason)
    line?.bury()
    // What waited behind data that will not come may go now.
    if (message.data === undefined && !parts) this.#host.wake()
  }

  #giveUp(message: Outgoing, reason: SendDropReason): void {
    message.drop(reason)
    // What concerns the link only is none of the application's messages.
    if (!message.ofLink) this.#host.onDrop(message, reason)
  }

  expire(now: number): void {
    if (now >= this.#flow.pollAt) this.#flow.pollAt = Infinity
    if (this.#linked && now >= this.#host.nextJoinAt && !this.#join?.waits) {
      this.#join = this.#host.nextJoin(now, false)
    }
    for (const message of this.#stock.expired(now)) this.drop(message, 'expired')
  }

  clear(reason: SendDropReason): void {
    const { control, small, large } = this.#lanes
    control.takeAll()
    const all = [small, large].flatMap((line) => line.takeAll())
    for (const { held } of this.#holding) all.push(...held.takeAll())
    this.#holding.clear()
    this.#dropAll(
      all.sort((a, b) => a.order - b.order),
      reason,
    )
  }

  /** Drops those that have left their lines. */
  #dropAll(messages: readonly Outgoing[], reason: SendDropReason): void {
    for (const message of messages) this.#stock.leave(message)
    for (const message of messages) this.#giveUp(message, reason)
  }
}

/** Whether there is something to write. */
function isReady({ data, parts }: Outgoing): boolean {
  return data !== undefined || parts !== undefined
}

/** What the application sent past the client. */
function rawMessage(data: SocketData): Outgoing {
  const message = new Outgoing('', 'small', data)
  message.isRaw = true
  return message
}
