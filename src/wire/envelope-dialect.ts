import type { Dialect } from './dialect.ts'
import { EnvelopeDecoder } from './envelope-decoder.ts'
import { EnvelopeEncoder } from './envelope-encoder.ts'
import { type EnvelopeDialectOptions, resolveEnvelopeOptions } from './envelope-options.ts'

/**
 * The dialect of plain servers: envelopes as text, frames as binary.
 *
 * @public
 */
export interface EnvelopeDialect extends Dialect {
  /**
   * The most data, in bytes, that one piece may hold so that its message takes at most `limitBytes`; 0 where not even an
   * empty one fits.
   */
  largestPiece(limitBytes: number, isText: boolean, room?: string): number
  /** Several encoded envelopes as one text, for a server that reads a JSON array. */
  encodeBatch(texts: readonly string[]): string
}

/**
 * Makes the dialect of the envelope convention, which docs/PROTOCOL.md describes.
 *
 * Its `encode` throws a {@link HoldfastError}: `HF_BAD_TYPE` for a type that is empty or reserved, `HF_INVALID` for a
 * payload that JSON cannot say and for a room without a name. Its decoders never throw.
 *
 * Throws a TypeError or RangeError for an option that is unknown or wrong.
 *
 * @public
 */
export function envelopeDialect(options?: EnvelopeDialectOptions): EnvelopeDialect {
  const resolved = resolveEnvelopeOptions(options)
  const encoder = new EnvelopeEncoder(resolved)
  return {
    encode: (operation) => encoder.encode(operation),
    decoder: (inbox) => new EnvelopeDecoder(resolved, inbox),
    largestPiece: (limitBytes, isText, room) => encoder.largestPiece(limitBytes, isText, room),
    encodeBatch: (texts) => `[${texts.join(',')}]`,
  }
}
