import type { Clock, Random } from '../base/clock.ts'
import type { BinaryType, SocketData } from '../base/data.ts'
import type { Logger } from '../base/logger.ts'
import { defaultsOf, type Rules, reject, resolveOptions } from '../base/options.ts'
import type { WebSocketConstructor } from '../base/platform.ts'
import type { EnvironmentSignals } from '../base/signals.ts'
import type { RateLimiter } from '../base/token-bucket.ts'
import { type BackoffPolicy, defaultBackoff } from './backoff.ts'
import { type ClosePolicy, checkPolicy, type LossOutcome } from './close-policy.ts'
import type { HeartbeatSource } from './heartbeat-sources.ts'
import type { LossCause } from './loss.ts'
import { type ResolvedRetryOptions, type RetryOptions, resolveRetry, retryDefaults } from './retry.ts'
import { type QueueOptions, queueDefaults, type ResolvedQueueOptions, resolveQueue } from './send-queue.ts'

/**
 * What a URL or protocol provider is told.
 *
 * @public
 */
export interface AttemptContext {
  /** Attempts since the last stable link, this one included. */
  readonly attempt: number
  /** What ended the last link or attempt; with `code` and `reason` as in its `close` event. */
  readonly lastClose: LossCause | undefined
  /** Whether the credentials used so far may be what was refused: bring new ones rather than cached ones. */
  readonly refresh: boolean
  /** Aborted when the attempt is given up. */
  readonly signal: AbortSignal
}

/**
 * Where to connect: an address, or a function that is asked for it at each attempt, for fresh tokens or the next
 * server of a list. When it throws, the attempt has failed, and the next one asks again; an error with
 * `retryable: false` ends in `failed`.
 *
 * @public
 */
export type UrlSource = string | URL | ((context: AttemptContext) => string | URL | Promise<string | URL>)

/**
 * The subprotocols to offer, or a function that is asked for them at each attempt.
 *
 * @public
 */
export type ProtocolSource =
  | string
  | readonly string[]
  | ((context: AttemptContext) => string | readonly string[] | Promise<string | readonly string[]>)

/**
 * What `beforeFlush` gets.
 *
 * @public
 */
export interface GateContext {
  /** Aborted when the link is lost, or the time is over. */
  readonly signal: AbortSignal
}

/**
 * The options of a socket. docs/OPTIONS.md explains them at length.
 *
 * @public
 */
export interface SocketOptions {
  /** Whether the first attempt begins at once, rather than at `open()`. @defaultValue true */
  readonly autoConnect?: boolean
  /** When to try again and when to give up; `false` for one link and a terminal close. @defaultValue the defaults of RetryOptions */
  readonly retry?: boolean | RetryOptions
  /** How long to wait before each attempt. @defaultValue defaultBackoff */
  readonly backoff?: BackoffPolicy
  /** How long the first attempt may take, in milliseconds, the URL provider included. Doubles with each attempt. @defaultValue 6000, or maxConnectTimeoutMs if that is less */
  readonly connectTimeoutMs?: number
  /** The longest connect timeout, in milliseconds; at least `connectTimeoutMs`. @defaultValue 30000, or connectTimeoutMs if that is more */
  readonly maxConnectTimeoutMs?: number
  /** How long the closing handshake may take, in milliseconds, before the link is let go with 1006. @defaultValue 3000 */
  readonly closeTimeoutMs?: number
  /** What to do after which close code or HTTP status; laid over the defaults. @defaultValue docs/CLOSE-POLICY.md */
  readonly closePolicy?: ClosePolicy
  /** Asked before the table, with the structured cause; `undefined` leaves the decision to the table. */
  readonly decide?: (cause: LossCause) => LossOutcome | undefined
  /**
   * How dead links are found: `pingFrames()` in Node, `envelopeHeartbeat()` or `messageHeartbeat(…)` anywhere;
   * `false` to do without.
   * @defaultValue in Node `pingFrames()`; in browsers none, since a browser cannot send pings of its own
   */
  readonly heartbeat?: HeartbeatSource | false
  /** Network and page signals; `false` to ignore them. @defaultValue those of the page in browsers, none in Node */
  readonly signals?: EnvironmentSignals | false
  /** The bounds of the send queue. */
  readonly queue?: QueueOptions
  /** No more is handed over while the native `bufferedAmount` is at this many bytes. @defaultValue 1048576 (1 MiB) */
  readonly highWaterMarkBytes?: number
  /** How fast messages may be written, for example `tokenBucket({ perSecond: 10 })`. @defaultValue no limit */
  readonly rateLimit?: RateLimiter
  /**
   * Called on each new link before anything that waits is sent, for example to authenticate with its own `send`.
   * Everything else waits until it resolves. When it rejects, or takes longer than the connect timeout, the link is lost.
   */
  readonly beforeFlush?: (send: (data: SocketData) => void, context: GateContext) => unknown
  /** How many of the last unproven messages an `indoubt` event carries. @defaultValue 0 */
  readonly keepInDoubt?: number
  /** How binary messages arrive; the attribute of the same name changes it later. @defaultValue 'blob' */
  readonly binaryType?: BinaryType
  /** The implementation to use. @defaultValue in Node `ws` where it is installed; else the global one */
  readonly WebSocket?: WebSocketConstructor
  /** The same, asked for at each attempt. */
  readonly getWebSocket?: () => WebSocketConstructor | Promise<WebSocketConstructor>
  /** The third argument of the implementation's constructor: for `ws` headers, agent, TLS and so on. */
  readonly webSocketOptions?: object
  /** Whether the socket's timers let a Node process end. @defaultValue false */
  readonly unref?: boolean
  /** Where to log; nothing is logged without it. */
  readonly logger?: Logger
  /** The clock to live by. @defaultValue the platform's */
  readonly clock?: Clock
  /** The source of chance, for jitter and ping ids. @defaultValue Math.random */
  readonly random?: Random
}

export interface ResolvedSocketOptions {
  readonly autoConnect: boolean
  readonly retry: ResolvedRetryOptions | false
  readonly backoff: BackoffPolicy
  readonly connectTimeoutMs: number
  readonly maxConnectTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly closePolicy: ClosePolicy
  readonly decide: ((cause: LossCause) => LossOutcome | undefined) | undefined
  readonly heartbeat: HeartbeatSource | false | undefined
  readonly signals: EnvironmentSignals | false | undefined
  readonly queue: ResolvedQueueOptions
  readonly highWaterMarkBytes: number
  readonly rateLimit: RateLimiter | undefined
  readonly beforeFlush: SocketOptions['beforeFlush']
  readonly keepInDoubt: number
  readonly binaryType: BinaryType
  readonly WebSocket: WebSocketConstructor | undefined
  readonly getWebSocket: SocketOptions['getWebSocket']
  readonly webSocketOptions: object | undefined
  readonly unref: boolean
  readonly logger: Logger | undefined
  readonly clock: Clock | undefined
  readonly random: Random | undefined
}

/** An object that has some methods. */
function port(...methods: string[]): (given: unknown, path: string) => never {
  return (given, path) => {
    for (const method of methods) {
      const found = typeof (given as Record<string, unknown> | null)?.[method]
      if (found !== 'function') reject(path, given, `an object with ${methods.join(', ')}`)
    }
    return given as never
  }
}

/** The same, or `false`. */
function portOrFalse(...methods: string[]): (given: unknown, path: string) => never {
  return (given, path) => (given === false ? (given as never) : port(...methods)(given, path))
}

const rules: Rules<ResolvedSocketOptions> = {
  autoConnect: [true],
  retry: [retryDefaults, resolveRetry],
  backoff: [defaultBackoff],
  connectTimeoutMs: [6_000, 1],
  maxConnectTimeoutMs: [30_000, 1],
  closeTimeoutMs: [3_000],
  closePolicy: [{}, checkPolicy],
  decide: [undefined, 'function'],
  heartbeat: [undefined, /* @__PURE__ */ portOrFalse('start')],
  signals: [undefined, /* @__PURE__ */ portOrFalse('subscribe')],
  queue: [queueDefaults, resolveQueue],
  highWaterMarkBytes: [1_048_576, 1],
  rateLimit: [undefined, /* @__PURE__ */ port('take', 'nextAt')],
  beforeFlush: [undefined, 'function'],
  keepInDoubt: [0],
  binaryType: ['blob', ['blob', 'arraybuffer']],
  WebSocket: [undefined, 'function'],
  getWebSocket: [undefined, 'function'],
  webSocketOptions: [undefined, 'object'],
  unref: [false],
  logger: [undefined, 'object'],
  clock: [undefined, /* @__PURE__ */ port('now', 'setTimer', 'clearTimer')],
  random: [undefined, 'function'],
}

const defaults = /* @__PURE__ */ defaultsOf(rules)

/** Checks all options and lays them over the defaults. Throws a TypeError or RangeError that names what is wrong. */
export function resolveSocketOptions(given: unknown): ResolvedSocketOptions {
  const resolved = resolveOptions(rules, defaults, given)
  const { connectTimeoutMs, maxConnectTimeoutMs } = resolved
  if (connectTimeoutMs <= maxConnectTimeoutMs) return resolved
  // A default gives way to what was given; two that were given contradict each other.
  const options = given as SocketOptions
  if (options.maxConnectTimeoutMs === undefined) {
    return resolveSocketOptions({ ...options, maxConnectTimeoutMs: connectTimeoutMs })
  }
  if (options.connectTimeoutMs === undefined) {
    return resolveSocketOptions({ ...options, connectTimeoutMs: maxConnectTimeoutMs })
  }
  return reject('connectTimeoutMs', connectTimeoutMs, `at most maxConnectTimeoutMs (${maxConnectTimeoutMs})`)
}
