import { defaultsOf, type Rules, reject, resolveOptions } from '../base/options.ts'
import type { RateLimiter } from '../base/token-bucket.ts'
import type { ProtocolSource, SocketOptions, UrlSource } from '../core/options.ts'
import type { Dialect } from '../wire/dialect.ts'
import type { PeerLimits } from '../wire/limits.ts'
import {
  type DeliveryOptions,
  deliveryDefaults,
  type ResolvedDeliveryOptions,
  resolveDelivery,
} from './delivery.ts'
import type { FragmentSource } from './fragments.ts'
import { defaultRejoin, type RejoinPolicy } from './rooms.ts'
import type { ClientSchemas, RequestSchemas } from './schemas.ts'
import type { StandardSchema } from './standard-schema.ts'

/**
 * How rooms are joined.
 *
 * @public
 */
export interface RoomOptions {
  /** How many joins are written a second, so that a reconnect with thousands of rooms does not choke the server. @defaultValue 1000, 100 of them at once */
  readonly joinRate?: RateLimiter
  /** When a room that the server refused is joined again. @defaultValue defaultRejoin */
  readonly rejoin?: RejoinPolicy
}

/**
 * Several small messages in one text frame, for a server that reads a JSON array of envelopes.
 *
 * @public
 */
export interface BatchOptions {
  /** The most messages in one. @defaultValue 64 */
  readonly maxCount?: number
  /** The most bytes in one. @defaultValue 16384 (16 KiB) */
  readonly maxBytes?: number
}

/**
 * The options of a client: those of its socket, and these. docs/CLIENT.md explains them at length.
 *
 * @public
 */
export interface ClientOptions extends ClientSchemas, Omit<SocketOptions, 'binaryType' | 'keepInDoubt'> {
  /** Where to connect, as for the socket. */
  readonly url: UrlSource
  /** The subprotocols to offer, as for the socket. */
  readonly protocols?: ProtocolSource
  /** The wire convention. @defaultValue envelopeDialect() */
  readonly dialect?: Dialect
  /** Whether what we send is checked by its schema first. @defaultValue false */
  readonly validateSends?: boolean
  /** Whether envelopes say when they were made. @defaultValue false */
  readonly timestamps?: boolean
  /** When messages reach their handlers; a word stands for its `mode`. @defaultValue 'immediate' */
  readonly delivery?: DeliveryOptions | NonNullable<DeliveryOptions['mode']>
  readonly rooms?: RoomOptions
  /** How many requests may wait for a reply at once. @defaultValue 1000 */
  readonly maxPendingRequests?: number
  /** What the peer takes at once; what it announces itself is laid over it. @defaultValue no limit */
  readonly limits?: PeerLimits
  /** `fragments()`, to let large messages go in pieces. @defaultValue none: a message over the limit fails at `send` */
  readonly fragments?: FragmentSource
  /** Small messages of one turn go together. Only for a server that reads it. @defaultValue false */
  readonly batch?: boolean | BatchOptions
}

export interface ResolvedBatchOptions {
  readonly maxCount: number
  readonly maxBytes: number
}

/** What of the options is the client's own, resolved; the rest is the socket's. */
export interface ResolvedClientOptions {
  readonly messages: ClientSchemas['messages']
  readonly sends: ClientSchemas['sends']
  readonly requests: ClientSchemas['requests']
  readonly serves: ClientSchemas['serves']
  readonly dialect: Dialect | undefined
  readonly validateSends: boolean
  readonly timestamps: boolean
  readonly delivery: ResolvedDeliveryOptions
  readonly rooms: RoomOptions
  readonly maxPendingRequests: number
  readonly limits: PeerLimits
  readonly fragments: FragmentSource | undefined
  readonly batch: ResolvedBatchOptions | undefined
}

function checkSchema(given: unknown, path: string): unknown {
  const { validate } = (given as Partial<StandardSchema> | undefined)?.['~standard'] ?? {}
  return typeof validate === 'function' ? given : reject(path, given, 'a Standard Schema')
}

/** A map, each of whose entries is checked. */
const mapOf = (checkEntry: (given: unknown, path: string) => unknown) => (given: unknown, path: string) => {
  if (typeof given !== 'object' || !given) reject(path, given, 'an object')
  for (const [type, entry] of Object.entries(given)) checkEntry(entry, `${path}.${type}`)
  return given
}

const schemas = /* @__PURE__ */ mapOf(checkSchema)

const requestRules: Rules<RequestSchemas> = {
  input: [undefined as never, checkSchema],
  output: [undefined as never, checkSchema],
}

const requestSchemas = /* @__PURE__ */ mapOf((given, path) => {
  if (given === undefined) reject(path, given, 'an object with input, output')
  return resolveOptions(requestRules, {}, given, `${path}.`)
})

const batchRules: Rules<ResolvedBatchOptions> = { maxCount: [64, 1], maxBytes: [16_384, 1] }
const batchDefaults = /* @__PURE__ */ defaultsOf(batchRules)

const resolveBatch = (given: unknown): unknown => {
  if (given === false) return undefined
  return resolveOptions(batchRules, batchDefaults, given === true ? undefined : given, 'batch.')
}

const limitRules: Rules<PeerLimits> = {
  maxMessageBytes: [Infinity, 1],
  fragments: [undefined, 'boolean'],
}

const resolveLimits = (given: unknown): unknown => ({ ...resolveOptions(limitRules, {}, given, 'limits.') })

const roomRules: Rules<RoomOptions> = { joinRate: [undefined, 'object'], rejoin: [defaultRejoin] }
const roomDefaults = /* @__PURE__ */ defaultsOf(roomRules)

function resolveRooms(given: unknown): unknown {
  const resolved = resolveOptions(roomRules, roomDefaults, given, 'rooms.')
  const { take, nextAt } = resolved.joinRate ?? { take: resolveRooms, nextAt: resolveRooms }
  if (typeof take !== 'function' || typeof nextAt !== 'function') {
    reject('rooms.joinRate', resolved.joinRate, 'an object with take, nextAt')
  }
  return resolved
}

function checkDialect(given: unknown, path: string): unknown {
  const { encode, decoder } = (given ?? {}) as Partial<Dialect>
  const fits = typeof encode === 'function' && typeof decoder === 'function'
  return fits ? given : reject(path, given, 'what envelopeDialect() answers')
}

function checkFragments(given: unknown, path: string): unknown {
  const fits = typeof (given as Partial<FragmentSource> | undefined)?.start === 'function'
  return fits ? given : reject(path, given, 'what fragments() answers')
}

const rules: Rules<ResolvedClientOptions> = {
  messages: [undefined, schemas],
  sends: [undefined, schemas],
  requests: [undefined, requestSchemas],
  serves: [undefined, requestSchemas],
  dialect: [undefined, checkDialect],
  validateSends: [false],
  timestamps: [false],
  delivery: [
    deliveryDefaults,
    (given) => resolveDelivery(typeof given === 'string' ? { mode: given } : given),
  ],
  rooms: [roomDefaults, resolveRooms],
  maxPendingRequests: [1_000, 1],
  limits: [{}, resolveLimits],
  fragments: [undefined, checkFragments],
  batch: [undefined, resolveBatch],
}

const defaults = /* @__PURE__ */ defaultsOf(rules)

/** Takes the client's own options from the socket's, and checks them. The socket checks the others. */
export function resolveClientOptions(given: ClientOptions): {
  readonly options: ResolvedClientOptions
  readonly url: UrlSource
  readonly protocols: ProtocolSource | undefined
  readonly socketOptions: Record<string, unknown>
} {
  if (typeof given !== 'object' || !given) reject('options', given, 'an object with a url')
  const { url, protocols, ...others } = given as ClientOptions & { readonly [name: string]: unknown }
  if (url === undefined) reject('url', url, 'an address or a function')
  const own: Record<string, unknown> = {}
  const socketOptions: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(others)) {
    // Binary messages have a form of their own here, and receipts say what is in doubt.
    if (name === 'binaryType' || name === 'keepInDoubt') throw new TypeError(`Unknown option ${name}`)
    if (Object.hasOwn(rules, name)) own[name] = value
    else socketOptions[name] = value
  }
  return { options: resolveOptions(rules, defaults, own), url, protocols, socketOptions }
}
