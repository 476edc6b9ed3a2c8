import { checkSignal, defaultsOf, type Rules, resolveOptions } from '../base/options.ts'

/**
 * How a message is sent.
 *
 * @public
 */
export interface SendOptions {
  /** How long it may wait to be written, in milliseconds, before it is dropped as `expired`. @defaultValue queue.maxAgeMs */
  readonly ttlMs?: number
  /**
   * Only the latest of a key is worth sending: it takes the place of the one that waits, which is dropped as
   * `conflated`. `true` stands for the type and room.
   */
  readonly conflate?: string | boolean
  /** Whether it is dropped where it cannot be written at once. @defaultValue false */
  readonly volatile?: boolean
  /** Gives it up when it is aborted, as the receipt's `abort()` does. */
  readonly signal?: AbortSignal
  /** Called as the pieces of a large message are written. */
  readonly onProgress?: (sentBytes: number, bytes: number) => void
}

/** The same, for what may name a room. @public */
export interface ClientSendOptions extends SendOptions {
  /** The room it names. If that is a room of ours, it waits until that is joined. */
  readonly room?: string
}

interface Resolved {
  readonly ttlMs: number
  readonly conflate: string | boolean
  readonly volatile: boolean
  readonly signal: AbortSignal | undefined
  readonly onProgress: ClientSendOptions['onProgress']
  readonly room: string | undefined
}

export type ResolvedSendOptions = Resolved

const rules: Rules<Resolved> = {
  ttlMs: [Infinity],
  conflate: [
    false,
    (given, path) => {
      if (typeof given === 'string' || typeof given === 'boolean') return given
      throw new TypeError(`Option ${path} must be a string or a boolean, not ${String(given)}`)
    },
  ],
  volatile: [false],
  signal: [undefined, checkSignal],
  onProgress: [undefined, 'function'],
  room: [undefined, 'string'],
}

const defaults: Resolved = /* @__PURE__ */ defaultsOf(rules)

export function resolveSend(given: ClientSendOptions | undefined): Resolved {
  return given === undefined ? defaults : resolveOptions(rules, defaults, given)
}
