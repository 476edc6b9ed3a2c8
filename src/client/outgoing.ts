import { byteLength, copyData, mostBytes, quickLength, type SocketData } from '../base/data.ts'
import type { WireMessage } from '../wire/dialect.ts'
import type { Line } from './line.ts'
import type { Membership } from './membership.ts'
import type { Receipt, ReceiptStatus, SendDropReason } from './receipt.ts'

/** Control goes before small, small before large. */
export type LaneName = 'control' | 'small' | 'large'

/** A message that goes in pieces: made one by one, as they are written. */
export interface Parts {
  readonly total: number
  readonly bytes: number
  part(index: number): SocketData
  /** The name of a message in pieces, and what tells the peer that the rest will not come. */
  readonly id?: string
  abort?(): SocketData
  /** The most bytes that one of its parts has, and the same message in smaller ones. */
  readonly largestBytes?: number
  recut?(limitBytes: number): Parts
  /** Whether nothing may go between its parts. */
  readonly together?: boolean
}

/** What was written on one link, and how much of it the peer has proven to have received. */
export class Ledger {
  provenCount = 0
  /** After the link: all after this are in doubt. */
  certainCount: number = Infinity
  /** Those of whom somebody wants to know how they end. */
  #watched: Outgoing[] = []
  readonly #ask: () => void

  constructor(ask: () => void) {
    this.#ask = ask
  }

  watch(message: Outgoing): void {
    this.#watched.push(message)
    // Who wants to know need not wait for the heartbeat's own time.
    this.#ask()
  }

  prove(count: number): void {
    this.provenCount = count
    this.#tell()
  }

  settle(certainCount: number): void {
    this.certainCount = certainCount
    this.#tell()
  }

  #tell(): void {
    const watched = this.#watched
    this.#watched = watched.filter((message) => !message.tellSettled())
  }
}

/** Who is told of what becomes of a message. */
export interface Watcher {
  onWritten?(): void
  /** It will not be sent. */
  onDropped?(reason: SendDropReason): void
  onProgress?(sentBytes: number, bytes: number): void
}

type Resolve = (status: ReceiptStatus) => void

/** A message that no handler of ours is asked about. */
export function outgoingOf(lane: LaneName, encoded: WireMessage | readonly WireMessage[]): Outgoing {
  if (typeof encoded === 'string' || encoded instanceof Uint8Array) {
    return new Outgoing('', lane, encoded as SocketData)
  }
  const message = new Outgoing('', lane)
  message.loadAll(encoded as readonly SocketData[])
  return message
}

/** One message on its way out; it is its own receipt. */
export class Outgoing implements Receipt {
  readonly type: string | number
  lane: LaneName
  /** What is written; `undefined` as long as it is being made. */
  data: SocketData | undefined
  /** The room that must be joined first. */
  readonly membership: Membership | undefined
  parts: Parts | undefined
  /** Only the latest message of a key is worth sending. */
  key: string | undefined
  /** Who took its place in the line, as the latest of its key; and whose place it has. */
  heir: Outgoing | undefined
  owner: Outgoing | undefined
  /** Where it waits. */
  line: Line | undefined
  /** When it was queued, in the order of all. */
  order = 0
  /** What it counts for in the bounds: exact where it was counted, else the most it can be. */
  weight: number
  /** Whether `weight` is exact. */
  counted = false
  expiresAt: number = Infinity
  /** Whether its data is a buffer that is used again, so that a copy is kept if it has to wait. */
  transient = false
  /** Whether it means this link only, and is lost with it. */
  ofLink = false
  /** Whether it is no message of the client's, so that it goes into no batch. */
  isRaw = false
  watcher: Watcher | undefined
  /** Drops it from wherever it waits; set while it waits somewhere. */
  remove: ((message: Outgoing, reason: SendDropReason) => void) | undefined
  /** How many of its parts are written. */
  cursor = 0
  sentBytes = 0
  reason: SendDropReason | undefined
  #state: 'queued' | 'written' | 'dropped' = 'queued'
  #ledger: Ledger | undefined
  #number = 0
  #onWritten: Resolve[] | undefined
  #onSettled: Resolve[] | undefined

  constructor(type: string | number, lane: LaneName, data?: SocketData, membership?: Membership) {
    this.type = type
    this.lane = lane
    this.data = data
    this.membership = membership
    this.weight = data === undefined ? 0 : mostBytes(data)
  }

  /** Whether it still waits. */
  get waits(): boolean {
    return this.#state === 'queued'
  }

  get status(): ReceiptStatus {
    if (this.#state === 'dropped') return this.reason === 'expired' ? 'expired' : 'dropped'
    if (this.#state === 'queued') return 'queued'
    return this.#number > (this.#ledger?.certainCount ?? Infinity) ? 'in-doubt' : 'written'
  }

  get progress(): { readonly sentBytes: number; readonly bytes: number } {
    const bytes = this.parts?.bytes ?? (this.data === undefined ? 0 : quickLength(this.data))
    return { sentBytes: this.parts || this.waits ? this.sentBytes : bytes, bytes }
  }

  get written(): Promise<ReceiptStatus> {
    if (!this.waits) return Promise.resolve(this.status)
    return new Promise((resolve) => {
      this.#onWritten ??= []
      this.#onWritten.push(resolve)
    })
  }

  get settled(): Promise<ReceiptStatus> {
    if (this.#isSettled()) return Promise.resolve(this.status)
    return new Promise((resolve) => {
      if (!this.#onSettled && this.#ledger) this.#ledger.watch(this)
      this.#onSettled ??= []
      this.#onSettled.push(resolve)
    })
  }

  #isSettled(): boolean {
    if (this.#state === 'dropped') return true
    const ledger = this.#ledger
    if (!ledger || this.waits) return false
    return ledger.certainCount < Infinity || this.#number <= ledger.provenCount
  }

  /** Answers whether all was told. */
  tellSettled(): boolean {
    if (!this.#isSettled()) return false
    for (const resolve of this.#onSettled ?? []) resolve(this.status)
    this.#onSettled = undefined
    return true
  }

  /** It is the `number`-th message that was written on the link of this ledger. */
  wrote(ledger: Ledger, number: number): void {
    this.#state = 'written'
    this.#ledger = ledger
    this.#number = number
    this.remove = undefined
    if (this.#onSettled) ledger.watch(this)
  }

  /** Several wire messages that must follow each other directly. */
  loadAll(messages: readonly SocketData[]): void {
    const bytes = messages.reduce((sum, data) => sum + byteLength(data), 0)
    const part = (index: number) => messages[index] as SocketData
    this.parts = { total: messages.length, bytes, part, together: true }
    this.weight = bytes
  }

  /** Tells of what was written of it just now. */
  tellWritten(): void {
    if (this.#state === 'written') {
      this.#resolveWritten()
      this.watcher?.onWritten?.()
    }
    if (this.parts) this.watcher?.onProgress?.(this.sentBytes, this.parts.bytes)
  }

  /** It has to wait: a buffer that is used again will not do. */
  own(): void {
    if (this.transient && this.data !== undefined) this.data = copyData(this.data)
    this.transient = false
  }

  /** What of it was written on a lost link is written again. */
  restart(): void {
    this.cursor = this.sentBytes = 0
  }

  drop(reason: SendDropReason): void {
    if (!this.waits) return
    this.#state = 'dropped'
    this.reason = reason
    this.remove = undefined
    this.#resolveWritten()
    this.tellSettled()
    this.watcher?.onDropped?.(reason)
  }

  #resolveWritten(): void {
    for (const resolve of this.#onWritten ?? []) resolve(this.status)
    this.#onWritten = undefined
  }

  abort(): boolean {
    if (!this.waits) return false
    if (this.remove) this.remove(this, 'aborted')
    else this.drop('aborted')
    return !this.waits
  }
}
