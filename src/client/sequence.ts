import { Ring } from '../base/ring.ts'

/** What is done for one message, when it is its turn; `undefined` as long as it is not known. */
interface Slot {
  act: (() => void) | undefined
}

/**
 * Keeps the order of what arrived where some of it has to be awaited: all that comes later waits behind it, as long as
 * there is room. What comes then is dropped.
 */
export class Sequence {
  readonly #slots = new Ring<Slot>()
  readonly #maxCount: number
  readonly #onDrop: (() => void) | undefined

  constructor(maxCount: number = Infinity, onDrop?: () => void) {
    this.#maxCount = maxCount
    this.#onDrop = onDrop
  }

  get size(): number {
    return this.#slots.size
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0
  }

  /** In its turn. */
  add(act: () => void): void {
    if (this.isEmpty) act()
    else this.#push({ act })
  }

  #push(slot: Slot): void {
    if (this.size < this.#maxCount) this.#slots.push(slot)
    else this.#onDrop?.()
  }

  /** In its turn, once it is known what to do. Answers how to tell that; it counts once. */
  await(): (act: () => void) => void {
    const slot: Slot = { act: undefined }
    this.#push(slot)
    return (act) => {
      slot.act ??= act
      for (let head = this.#slots.peek(); head?.act; head = this.#slots.peek()) {
        this.#slots.shift()
        head.act()
      }
    }
  }
}
