/** Shared by all empty rings; nothing is ever written to it, since a ring grows first. */
const NONE: never[] = []

/** A double-ended queue on a ring of slots: every operation at an end costs the same, however long it is. */
export class Ring<T> {
  #slots: (T | undefined)[] = NONE
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    this.#grow()
    this.#slots[(this.#head + this.#size++) & (this.#slots.length - 1)] = item
  }

  unshift(item: T): void {
    this.#grow()
    this.#head = (this.#head - 1) & (this.#slots.length - 1)
    this.#slots[this.#head] = item
    this.#size++
  }

  peek(): T | undefined {
    return this.#slots[this.#head]
  }

  /** The item at this place, counted from the head. */
  at(index: number): T | undefined {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  shift(): T | undefined {
    const item = this.#slots[this.#head]
    if (this.#size > 0) {
      this.#slots[this.#head] = undefined
      this.#head = (this.#head + 1) & (this.#slots.length - 1)
      // A queue that was long once gives its memory back when it is empty.
      if (--this.#size === 0 && this.#slots.length > 1024) this.#slots = NONE
    }
    return item
  }

  /** Doubles the slots when they are full; their number stays a power of two, so that a mask wraps an index. */
  #grow(): void {
    const old = this.#slots
    if (this.#size < old.length) return
    this.#slots = old.slice(this.#head).concat(old.slice(0, this.#head))
    this.#slots.length = old.length * 2 || 8
    this.#head = 0
  }
}
