import { defaultsOf, type Rules, resolveOptions } from '../base/options.ts'

/**
 * When to try again, how long, and when to give up.
 *
 * @public
 */
export interface RetryOptions {
  /**
   * Attempts since the last stable link (or since `open()`) after which the socket gives up and is `failed`. Those
   * made while the network is said to be gone do not count.
   * @defaultValue Infinity
   */
  readonly maxAttempts?: number
  /** Time since the loss, in milliseconds, after which a failed attempt is the last. @defaultValue Infinity */
  readonly maxElapsedMs?: number
  /**
   * How long a link must live, in milliseconds, before the count of attempts falls back to zero. A server that
   * accepts and closes at once is thus met with growing waits.
   * @defaultValue 10000
   */
  readonly stableMs?: number
  /** The most that a server's hint counts for, in milliseconds: its `retryAfterMs` or `Retry-After`, and its `windowMs`, each. @defaultValue 300000 */
  readonly maxRetryAfterMs?: number
  /** While the network is said to be gone, an attempt is made this often, in milliseconds: the signal can lie. @defaultValue 30000 */
  readonly offlineProbeMs?: number
  /**
   * Attempts that failed in a row, after which the snapshot says `unavailable`, the URL provider is asked with
   * `refresh: true`, and waits are at least `slowMs`. `Infinity` turns this off.
   * @defaultValue 5
   */
  readonly unavailableAfter?: number
  /**
   * The least wait while `unavailable`, in milliseconds: a shorter one becomes a draw from this to half as much
   * again. The default is the least that the default backoff draws there anyway.
   * @defaultValue 10000
   */
  readonly slowMs?: number
  /** While `unavailable`: whether `send` throws `HF_UNAVAILABLE` and what waits is dropped, and told. @defaultValue false */
  readonly failFast?: boolean
}

export type ResolvedRetryOptions = Required<RetryOptions>

const rules: Rules<ResolvedRetryOptions> = {
  maxAttempts: [Infinity, 1],
  maxElapsedMs: [Infinity],
  stableMs: [10_000],
  maxRetryAfterMs: [300_000],
  offlineProbeMs: [30_000, 1],
  unavailableAfter: [5, 1],
  slowMs: [10_000],
  failFast: [false],
}

export const retryDefaults: ResolvedRetryOptions = /* @__PURE__ */ defaultsOf(rules)

/** `true` and nothing mean the defaults; `false` means one link and a terminal close. */
export function resolveRetry(given: unknown): ResolvedRetryOptions | false {
  return given === false ? given : resolveOptions(rules, retryDefaults, given === true ? {} : given, 'retry.')
}
