/**
 * Every code that a {@link HoldfastError} can carry. docs/ERRORS.md says for each what happened and what to do.
 *
 * @public
 */
export type ErrorCode =
  | 'HF_ABORTED'
  | 'HF_BAD_FRAGMENT'
  | 'HF_BAD_FRAME'
  | 'HF_BAD_TYPE'
  | 'HF_CLOSED'
  | 'HF_GATE'
  | 'HF_INVALID'
  | 'HF_IN_DOUBT'
  | 'HF_LIMIT'
  | 'HF_NEEDS_WS'
  | 'HF_NO_WEBSOCKET'
  | 'HF_QUEUE_FULL'
  | 'HF_REMOTE'
  | 'HF_RETRY_LIMIT'
  | 'HF_ROOM'
  | 'HF_STOPPED'
  | 'HF_TIMEOUT'
  | 'HF_TOO_LARGE'
  | 'HF_UNAVAILABLE'

/**
 * What a {@link HoldfastError} tells beside its code and message. The fields that are set depend on the code.
 *
 * @public
 */
export interface ErrorContext {
  /** The error or value that led to this one. */
  readonly cause?: unknown
  /** Whether the same call may succeed later. Default `false`. */
  readonly retryable?: boolean
  /** The address concerned, without its query, user name and password. */
  readonly url?: string
}

/**
 * The one error class of the library. Branch on `code`: it is stable, the message is not.
 *
 * @public
 */
export class HoldfastError extends Error {
  readonly code: ErrorCode
  /** Whether the same call, or the next attempt, may succeed without a change on this side. */
  readonly retryable: boolean
  readonly url: string | undefined

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(`${code}: ${message}`, context)
    this.name = 'HoldfastError'
    this.code = code
    this.retryable = context.retryable === true
    this.url = context.url
  }
}

/**
 * Whether a value is a {@link HoldfastError}, also one from another copy of the library or another realm.
 *
 * @public
 */
export function isHoldfastError(value: unknown): value is HoldfastError {
  const code = (value as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && /^HF_/.test(code)
}

/** An address that may stand in a log: credentials travel in the query and before the `@`, so both go. */
export function redactUrl(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//').replace(/[?#][\s\S]*/, '?…')
}
