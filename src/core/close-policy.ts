import { reject } from '../base/options.ts'
import type { LossCause } from './loss.ts'

/**
 * What to do after a loss: `now` tries again at once (then with backoff), `retry` waits as the backoff says,
 * `refresh` does so too and asks the URL provider for new credentials, `stop` ends in `failed`.
 *
 * @public
 */
export type LossOutcome = 'now' | 'retry' | 'refresh' | 'stop'

/**
 * Outcomes by close code (1000 to 4999) and by HTTP status of a refused handshake (100 to 599).
 *
 * @public
 */
export type ClosePolicy = Readonly<Record<number, LossOutcome>>

/** How often in a row, without a stable link between, new credentials are tried before a refusal is believed. */
const REFRESH_LIMIT = 3

/**
 * The default table in code; docs/CLOSE-POLICY.md argues for each row. An HTTP status `s` is read as `4000 + s`,
 * the convention by which many servers choose their private close codes.
 */
function defaultOutcome(code: number): LossOutcome {
  if (code === 1008 || code === 4401 || code === 4403) return 'refresh'
  if (code === 4404 || code === 4408 || code === 4425 || code === 4429) return 'retry'
  const refused = code >= 4400 && code < 4500
  const unusable = code === 1002 || code === 1003 || code === 1007 || code === 1010
  return refused || unusable ? 'stop' : 'retry'
}

const OUTCOMES: readonly unknown[] = ['now', 'retry', 'refresh', 'stop']

/** Whether a function of the user's gave an outcome, or left the decision to the table. */
export function isOutcome(answer: unknown): boolean {
  return answer === undefined || OUTCOMES.includes(answer)
}

/** Checks a table of the user's. */
export function checkPolicy(given: unknown, path: string): ClosePolicy {
  if (typeof given !== 'object' || !given) reject(path, given, 'an object')
  for (const [code, outcome] of Object.entries(given)) {
    const isStatus = /^[1-5]\d\d$/.test(code)
    const isCloseCode = /^[1-4]\d{3}$/.test(code)
    if (!isStatus && !isCloseCode) {
      reject(
        path,
        Number(code) || code,
        'keyed by status (at least 100, at most 599) or close code (1000 to 4999)',
      )
    }
    if (!OUTCOMES.includes(outcome)) reject(`${path}.${code}`, outcome, `one of ${OUTCOMES.join(', ')}`)
  }
  return given as ClosePolicy
}

/** Errors that a provider marks as final, whatever their class: `retryable: false`. */
function isFinal(error: unknown): boolean {
  return (error as { retryable?: unknown } | undefined)?.retryable === false
}

export interface CloseRules {
  readonly closePolicy: ClosePolicy
  readonly decide: ((cause: LossCause) => LossOutcome | undefined) | undefined
  /** Whether asking again can bring other credentials, that is whether a provider was given. */
  readonly refreshable: boolean
}

/** Decides after a loss. `refreshed` counts the refreshes in a row before this one. */
export function decideOutcome(cause: LossCause, rules: CloseRules, refreshed: number): LossOutcome {
  const key = cause.status ?? cause.code
  const asked = rules.decide?.(cause)
  if (asked) return asked
  // What the platform refuses to set up it will refuse again, unless something else is given to it.
  if (isFinal(cause.error) || (cause.kind === 'setup' && !rules.refreshable)) return 'stop'
  const outcome = rules.closePolicy[key] ?? defaultOutcome(key < 1000 ? key + 4000 : key)
  if (outcome === 'refresh' && (!rules.refreshable || refreshed >= REFRESH_LIMIT)) return 'stop'
  return outcome
}

/** The wait that a server asked for: at least `retryAfterMs`, plus a uniform draw from `windowMs`. */
export interface RetryHint {
  readonly retryAfterMs: number
  readonly windowMs: number
}

/**
 * Reads the hint from a close reason such as `{"retryAfterMs":5000,"windowMs":2000}`, or from `Retry-After`.
 * Anything else is no hint: the reason is the peer's, and may hold whatever it likes.
 */
export function readRetryHint(cause: LossCause, maxMs: number): RetryHint | undefined {
  let hint: Partial<RetryHint> | undefined
  try {
    hint = cause.retryAfterMs === undefined ? JSON.parse(cause.reason) : cause
  } catch {
    // A reason that is no JSON is an ordinary reason.
  }
  const retryAfterMs = hint?.retryAfterMs
  if (typeof retryAfterMs !== 'number') return undefined
  const within = (ms: unknown) => (typeof ms === 'number' ? Math.min(Math.max(ms, 0), maxMs) : 0)
  return { retryAfterMs: within(retryAfterMs), windowMs: within(hint?.windowMs) }
}
