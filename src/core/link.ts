import type { NativeEnd, NativeEvents } from '../base/platform.ts'
import { type LossCause, unclean } from './loss.ts'

/** What a link tells the shell. The generation says of which link it speaks. */
export interface LinkHost {
  linkOpened(generation: number): void
  received(data: unknown): void
  lost(generation: number, cause: LossCause): void
  peerPinged(): void
  ponged(id: string): void
  /** Calls back in a later macrotask, after `ms` milliseconds. */
  defer(callback: () => void, ms?: number): void
}

/** `ws` names by such a code what a peer broke of the protocol; browsers tell nothing of it. */
function isProtocolError(error: unknown): boolean {
  return String((error as { code?: unknown } | undefined)?.code).startsWith('WS_ERR_')
}

/**
 * One native socket, from its attempt to its end. It says exactly once how it ended, whichever of `error`, `close`
 * and an HTTP refusal comes, and in which order; and nothing after that.
 */
export class Link implements NativeEvents {
  protected readonly host: LinkHost
  readonly #generation: number
  #open = false
  protected over = false
  /** Whether messages are wanted: as in the standard, not any more after `close()`. */
  protected hears = true
  #error: unknown

  constructor(host: LinkHost, generation: number) {
    this.host = host
    this.#generation = generation
  }

  opened(): void {
    if (this.over) return
    this.#open = true
    this.host.linkOpened(this.#generation)
  }

  received(data: unknown): void {
    if (this.hears) this.host.received(data)
  }

  /** A `close` with the true code may still follow, but not everywhere: it gets one macrotask. */
  errored(error: unknown): void {
    this.#error = error
    this.host.defer(() => this.#end(unclean(this.#open ? 'close' : 'refused')))
  }

  /**
   * A code of 0, as Deno gives for a refused connection, means that none came: the standard's 1006. With it nobody said
   * a reason either, whatever the platform makes up: workerd does.
   */
  closed({ code, reason, wasClean }: NativeEnd): void {
    const kind = this.#open ? 'close' : 'refused'
    this.#end(code && code !== 1006 ? { kind, code, reason, wasClean } : unclean(kind))
  }

  refused(status: number, retryAfterMs: number | undefined): void {
    this.#end({ ...unclean('http'), status, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }

  pinged(): void {
    if (!this.over) this.host.peerPinged()
  }

  ponged(id: string): void {
    if (!this.over) this.host.ponged(id)
  }

  #end(cause: LossCause): void {
    const error = this.#error
    const kind = this.#open && isProtocolError(error) ? 'protocol' : cause.kind
    this.lose({ ...cause, kind, error })
  }

  /** Nothing of this link is of interest any more. */
  drop(): void {
    this.over = true
    this.hears = false
  }

  /** Tells the loss, unless the link is over already. */
  protected lose(cause: LossCause): void {
    if (this.over) return
    this.drop()
    this.host.lost(this.#generation, cause)
  }
}
