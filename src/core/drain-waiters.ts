import { HoldfastError } from '../base/errors.ts'

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

const NONE: readonly Waiter[] = []

/** How often the native buffer is looked at while somebody waits for it: no platform tells when it is empty. */
const POLL_MS = 10

/** Those who wait until everything they sent has left. Each is told once, whatever happens. */
export class DrainWaiters {
  #waiters: readonly Waiter[] = NONE
  /** When to look again. */
  deadline: number = Infinity

  get size(): number {
    return this.#waiters.length
  }

  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const stop = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        waiter.reject(signal?.reason)
      }
      const done = () => signal?.removeEventListener('abort', stop)
      const waiter: Waiter = {
        resolve() {
          done()
          resolve()
        },
        reject(error) {
          done()
          reject(error)
        },
      }
      this.#waiters = [...this.#waiters, waiter]
      signal?.addEventListener('abort', stop)
    })
  }

  /** Looks at what is left. Without a link there is nothing to watch: its return, or a drop, leads here again. */
  look(drained: boolean, linked: boolean, now: number): void {
    if (drained) this.resolve()
    this.deadline = this.size > 0 && linked ? now + POLL_MS : Infinity
  }

  resolve(): void {
    for (const waiter of this.#take()) waiter.resolve()
  }

  reject(): void {
    const error = new HoldfastError('HF_CLOSED', 'The socket ended before everything was sent')
    for (const waiter of this.#take()) waiter.reject(error)
  }

  #take(): readonly Waiter[] {
    const waiters = this.#waiters
    this.#waiters = NONE
    return waiters
  }
}
