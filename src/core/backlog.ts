import type { SocketData } from '../base/data.ts'
import type { DropReason } from './send-queue.ts'

/**
 * What waits to be written, and the order in which it goes. The socket alone has a plain queue; a client puts its
 * outbox here. It holds no timer: `deadline` says when it wants to be asked again.
 */
export interface Backlog {
  /** How many messages wait, and their bytes. */
  readonly size: number
  readonly bytes: number
  /** When something expires, or may go that may not go now. */
  readonly deadline: number
  /** Whether the time of `add` matters; and when the head was added, where it does. */
  readonly keepsTime: boolean
  readonly headTime: number | undefined
  /** Keeps a copy. Answers `false` where it does not fit and is to be refused. */
  add(data: SocketData, now: number): boolean
  /** What goes next; `undefined` where nothing may go now. */
  peek(): SocketData | undefined
  /** Takes what `peek` showed. */
  shift(): SocketData | undefined
  /** Puts back what was taken and could not be written. */
  unshift(data: SocketData, time: number): void
  /** What was taken is written: the `count`-th message of this link. */
  wrote?(count: number): void
  /** What was taken can never be written. */
  refused?(error: unknown): void
  /** A link may be written to. */
  attached?(now: number): void
  /** No link is there any more. */
  detached?(): void
  /** The link is about to be closed: what can still go must go now. */
  finishing?(): void
  /** The peer has received the first `count` messages of this link. */
  proven?(count: number): void
  /** The last link is gone; all after its first `count` messages are in doubt. */
  settled?(count: number): void
  /** Drops what is too old. */
  expire(now: number): void
  /** Drops all that is there. */
  clear(reason: DropReason): void
}
