/**
 * Time that stands still until it is moved, in place of the process's own: timers and Date are replaced for all code
 * that is loaded after `install`. Promises go on in real turns, which take no virtual time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** @typedef {{ at: number, order: number, run: () => void, unref(): void, ref(): void }} Timer */

/** Real turns in which what a callback has begun settles, such as the steps of an async function. */
const TURNS = 3

export class VirtualTime {
  now = 1_000_000
  #order = 0
  /** @type {Set<Timer>} */
  #timers = new Set()

  install() {
    const set = (
      /** @type {(...args: unknown[]) => void} */ callback,
      ms = 0,
      /** @type {unknown[]} */ ...args
    ) => this.after(ms, () => callback(...args))
    const clear = (/** @type {Timer} */ timer) => this.#timers.delete(timer)
    const immediately = (/** @type {() => void} */ callback) => set(callback)
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
    Object.assign(globalThis, { setImmediate: immediately, clearImmediate: clear })
    Date.now = () => this.now
  }

  /** @param {number} ms @param {() => void} run @returns {Timer} */
  after(ms, run) {
    /** @type {Timer} */
    const timer = {
      at: this.now + Math.max(0, Number(ms) || 0),
      order: this.#order++,
      run,
      ref() {},
      unref() {},
    }
    this.#timers.add(timer)
    return timer
  }

  /** Moves to `until`, or to the first moment at which `found` answers yes. @param {number} until @param {() => boolean} [found] */
  async advanceTo(until, found = () => false) {
    await settle()
    while (!found()) {
      const next = this.#next()
      if (!next || next.at > until) {
        this.now = Math.max(this.now, until)
        return
      }
      this.#timers.delete(next)
      this.now = Math.max(this.now, next.at)
      next.run()
      await settle()
    }
  }

  /** The soonest, and of those of one moment the first that was set. */
  #next() {
    /** @type {Timer | undefined} */
    let first
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }
}

async function settle() {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn()
}
