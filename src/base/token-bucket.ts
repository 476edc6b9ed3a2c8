import { defaultsOf, type Rules, reject, resolveOptions } from './options.ts'

/**
 * Says when messages may go. Holds no timer: it is told the time, in milliseconds.
 *
 * @public
 */
export interface RateLimiter {
  /** Takes one turn if there is one. */
  take(now: number): boolean
  /** When there will be the next turn, after a `take` that failed. */
  nextAt(): number
}

/** @public */
export interface TokenBucketOptions {
  /** Messages a second in the long run. */
  readonly perSecond: number
  /** How many may go at once after a pause. @defaultValue `perSecond`, at least 1 */
  readonly burst?: number
}

const rules: Rules<Required<TokenBucketOptions>> = { perSecond: [0], burst: [0, 1] }

/**
 * A token bucket, for the option `rateLimit`. Sockets that are given the same one share its rate.
 *
 * @public
 */
export function tokenBucket(options: TokenBucketOptions): RateLimiter {
  const { perSecond, burst } = resolveOptions(rules, defaultsOf(rules), options, 'rateLimit.')
  if (!(perSecond > 0)) reject('rateLimit.perSecond', perSecond, 'a number above 0')
  const most = burst || Math.max(1, perSecond)
  let tokens = most
  let at = -Infinity
  return {
    take(now) {
      tokens = Math.min(most, tokens + ((now - at) * perSecond) / 1000)
      at = now
      // The moment that nextAt named may be short of a whole token by a rounding error.
      if (tokens < 1 - 1e-6) return false
      tokens--
      return true
    },
    nextAt: () => Math.max(at + 1, Math.ceil(at + ((1 - tokens) * 1000) / perSecond)),
  }
}
