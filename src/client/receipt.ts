import type { DropReason } from '../core/send-queue.ts'

/**
 * Where a sent message stands: it waits; it was handed to the network; its link was lost before the peer proved that
 * it received it; it waited too long; or it will not be sent, for the reason beside it.
 *
 * @public
 */
export type ReceiptStatus = 'queued' | 'written' | 'in-doubt' | 'expired' | 'dropped'

/**
 * Why a message will not be sent: those of the socket; a newer one with the same `conflate` key took its place;
 * it was `volatile` and could not go at once; it was aborted; its room was left, or failed; its schema refused it; or the peer
 * announced that it takes less.
 *
 * @public
 */
export type SendDropReason =
  | DropReason
  | 'conflated'
  | 'volatile'
  | 'aborted'
  | 'left'
  | 'room-failed'
  | 'invalid'
  | 'too-large'

/**
 * The honest outcome of one sent message. It costs nothing until it is looked at.
 *
 * @public
 */
export interface Receipt {
  /** Where it stands now. `written` may still become `in-doubt` when its link is lost. */
  readonly status: ReceiptStatus
  /** Why it will not be sent, where `status` is `dropped` or `expired`. */
  readonly reason: SendDropReason | undefined
  /** How much of it was written, and how large it is, in bytes; between 0 and all only for messages in pieces. */
  readonly progress: { readonly sentBytes: number; readonly bytes: number }
  /** Resolves as soon as it is written, or certain that it will not be. Never rejects. */
  readonly written: Promise<ReceiptStatus>
  /**
   * Resolves when no more can be learned: `written` once the peer's answer to a later ping proves that it arrived,
   * `in-doubt` when the link is lost before, else `expired` or `dropped`. Without a heartbeat nothing is ever proven. Never rejects.
   */
  readonly settled: Promise<ReceiptStatus>
  /** Gives it up if it is not written yet; of a message in pieces, what is left. Answers whether there was anything to give up. */
  abort(): boolean
}
