import { Ring } from '../base/ring.ts'
import type { Outgoing } from './outgoing.ts'

/** As many of the dead may stay among the living. */
const MOST_DEAD = 64

/** A line of messages that wait, first in, first out. One that was dropped stays in its place until that is reached. */
export class Line {
  #ring = new Ring<Outgoing>()
  #dead = 0

  /** How many wait. */
  get size(): number {
    return this.#ring.size - this.#dead
  }

  push(message: Outgoing): void {
    this.#take(message)
    this.#ring.push(message)
  }

  unshift(message: Outgoing): void {
    this.#take(message)
    this.#ring.unshift(message)
  }

  /** From now on it has a place of its own, here. */
  #take(message: Outgoing): void {
    message.line = this
    message.owner = undefined
  }

  head(): Outgoing | undefined {
    for (let first = this.#ring.peek(); first; first = this.#ring.peek()) {
      const message = first.heir ?? first
      if (message.waits) return message
      this.#ring.shift()
      this.#dead--
    }
    return undefined
  }

  /** The first of a kind. */
  first(is: (message: Outgoing) => boolean): Outgoing | undefined {
    // The dead in front go first, or they would be passed by again and again.
    this.head()
    for (const message of this) if (is(message)) return message
    return undefined
  }

  shift(): Outgoing | undefined {
    const message = this.head()
    this.#ring.shift()
    return message
  }

  /** One that is in here waits no longer. */
  bury(): void {
    this.#dead++
    if (this.#dead <= MOST_DEAD || this.#dead <= this.size) return
    const living = [...this]
    this.#ring = new Ring()
    this.#dead = 0
    for (const message of living) this.push(message)
  }

  /** Takes all that wait. */
  takeAll(): Outgoing[] {
    const all = [...this]
    this.#ring = new Ring()
    this.#dead = 0
    return all
  }

  *[Symbol.iterator](): Generator<Outgoing> {
    for (let index = 0; index < this.#ring.size; index++) {
      const place = this.#ring.at(index) as Outgoing
      const message = place.heir ?? place
      if (message.waits) yield message
    }
  }
}
