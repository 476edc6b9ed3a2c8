import type { PeerError, WireMessage } from '../wire/dialect.ts'
import { Line } from './line.ts'
import type { Registry } from './registry.ts'

/**
 * Where a client stands with a room: its join is on its way, for the first time or again after a lost link; it was
 * joined; it was left; or the server refused it.
 *
 * @public
 */
export type RoomStatus = 'joining' | 'joined' | 'rejoining' | 'left' | 'failed'

/** What a dialect makes of an operation. */
export type Encoded = WireMessage | readonly WireMessage[]

/** One wanted room, however many hold it. */
export class Membership {
  readonly name: string
  params: unknown
  /** Those who want to know how it fares. */
  readonly changed: Registry
  /** Its join, encoded once: what is wrong with it is told to whoever asks for the room. */
  join: Encoded = ''
  /** How many hold it. */
  holders = 0
  status: RoomStatus = 'joining'
  /** Whether it was ever joined: then what is missed meanwhile is a gap. */
  wasJoined = false
  /** What the server said, where it failed. */
  error: PeerError | undefined
  /** How often it failed since it last worked. */
  failures = 0
  /** When a failed one is tried again, and the timer of that while there is a link. */
  retryAt: number = Infinity
  retryTimer: unknown
  sent = 0
  received = 0
  /** How many large messages for it wait, which its leave must not overtake. */
  queuedLarge = 0
  /** What waits until it is joined; made when it is needed. */
  #held: Line | undefined

  constructor(name: string, params: unknown, changed: Registry) {
    this.name = name
    this.params = params
    this.changed = changed
  }

  get held(): Line {
    this.#held ??= new Line()
    return this.#held
  }

  get heldCount(): number {
    return this.#held?.size ?? 0
  }
}
