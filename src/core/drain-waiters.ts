import { HoldfastError } from '../base/errors.ts'

/** How often the native buffer is looked at while somebody waits for it: no platform tells when it is empty. */
const POLL_MS = 10

/** Those who wait until everything they sent has left. Each is told once, whatever happens. */
export class DrainWaiters {
  /** Ends a wait: well, or with an error. */
  readonly #waiters = new Set<(error?: unknown) => void>()
  /** When to look again. */
  deadline: number = Infinity

  get size(): number {
    return this.#waiters.size
  }

  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const stop = () => end(signal?.reason)
      const end = (error?: unknown) => {
        this.#waiters.delete(end)
        signal?.removeEventListener('abort', stop)
        if (error === undefined) resolve()
        else reject(error)
      }
      this.#waiters.add(end)
      signal?.addEventListener('abort', stop)
    })
  }

  /** Looks at what is left. Without a link there is nothing to watch: its return, or a drop, leads here again. */
  look(drained: boolean, linked: boolean, now: number): void {
    if (drained) this.#end()
    this.deadline = this.size > 0 && linked ? now + POLL_MS : Infinity
  }

  reject(): void {
    this.#end(new HoldfastError('HF_CLOSED', 'The socket ended before everything was sent'))
  }

  #end(error?: unknown): void {
    for (const end of this.#waiters) end(error)
  }
}
