import { defaultsOf, type Rules, reject, resolveOptions } from '../base/options.ts'
import type { EnvelopeCodec } from './envelope.ts'
import { envelopeCodec } from './envelope-codec.ts'

/**
 * How a server wants envelopes. docs/PROTOCOL.md has the convention that the defaults follow.
 *
 * @public
 */
export interface EnvelopeDialectOptions {
  /** How envelopes become text. Replace it for a server whose messages look otherwise. @defaultValue envelopeCodec */
  readonly codec?: EnvelopeCodec
  /**
   * How a message to a room goes out: `'broadcast'` puts it into an envelope of that type, which is all that a plain
   * server relays; `'type'` sends it as it is, for a server that routes by type.
   * @defaultValue 'broadcast'
   */
  readonly rooms?: 'broadcast' | 'type'
  /**
   * How payloads stand in an envelope: as the JSON that they are, or as a string that holds that JSON, for a server whose
   * type for the payload is a string. With `'string'`, strings that arrive are read as JSON where they are JSON.
   * @defaultValue 'json'
   */
  readonly payload?: 'json' | 'string'
  /** The field in which a reply names its request, beside `ref`. Read in any case. @defaultValue 'id' */
  readonly replyField?: string
  /**
   * How the pieces of a large message go out: `'auto'` sends those of text, and all that go to a room, as text, the
   * others as binary; `'text'` and `'binary'` send all in one form, but to a room they are always text. Both forms are
   * read at any time.
   * @defaultValue 'auto'
   */
  readonly pieces?: 'auto' | 'text' | 'binary'
  /** Whether the type of a binary message has its lowest byte first, as .NET's `BitConverter` writes it. @defaultValue false */
  readonly littleEndian?: boolean
  /** Whether a JSON array is read as several envelopes, rather than as text that is none. @defaultValue false */
  readonly batch?: boolean
  /**
   * The longest text that is read, in UTF-16 units; a longer one is `malformed`, with `HF_TOO_LARGE`.
   * @defaultValue 16777216 (16 Mi)
   */
  readonly maxTextLength?: number
}

export type ResolvedEnvelopeOptions = Required<EnvelopeDialectOptions>

const rules: Rules<ResolvedEnvelopeOptions> = {
  codec: [envelopeCodec, checkCodec],
  rooms: ['broadcast', ['broadcast', 'type']],
  payload: ['json', ['json', 'string']],
  replyField: [
    'id',
    (given, path) => (typeof given === 'string' && given !== '' ? given : reject(path, given, 'a name')),
  ],
  pieces: ['auto', ['auto', 'text', 'binary']],
  littleEndian: [false],
  batch: [false],
  maxTextLength: [16_777_216, 1],
}

function checkCodec(given: unknown, path: string): unknown {
  const { encode, decode } = (given ?? {}) as Partial<EnvelopeCodec>
  const fits = typeof encode === 'function' && typeof decode === 'function'
  return fits ? given : reject(path, given, 'an object with encode, decode')
}

const defaults = /* @__PURE__ */ defaultsOf(rules)

/** Throws a TypeError or RangeError that names the option that is unknown or wrong. */
export function resolveEnvelopeOptions(given: unknown): ResolvedEnvelopeOptions {
  return resolveOptions(rules, defaults, given)
}
