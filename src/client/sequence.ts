import { Ring } from '../base/ring.ts'

/** What is done for one message, when it is its turn; `undefined` as long as it is not known. */
interface Slot {
  act: (() => void) | undefined
}

/** Keeps the order of what arrived where some of it has to be awaited: all that comes later waits behind it. */
export class Sequence {
  readonly #slots = new Ring<Slot>()

  get size(): number {
    return this.#slots.size
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0
  }

  /** In its turn. */
  add(act: () => void): void {
    if (this.isEmpty) act()
    else this.#slots.push({ act })
  }

  /** In its turn, once it is known what to do. Answers how to tell that; it counts once. */
  await(): (act: () => void) => void {
    const slot: Slot = { act: undefined }
    this.#slots.push(slot)
    return (act) => {
      slot.act ??= act
      for (let head = this.#slots.peek(); head?.act; head = this.#slots.peek()) {
        this.#slots.shift()
        head.act()
      }
    }
  }
}
