/**
 * The JSON object of one text message.
 *
 * @public
 */
export interface Envelope {
  readonly type: string
  readonly room?: string | undefined
  readonly payload?: unknown
  /** When the sender made it: RFC 3339, in UTC. */
  readonly timestamp?: string | undefined
  /** Names a request, so that its reply can be told. */
  readonly id?: string | undefined
  /** The `id` of the request that this message answers. */
  readonly ref?: string | undefined
  /** Whether more replies to the same request follow. */
  readonly more?: boolean | undefined
}

/**
 * Writes envelopes as text and reads them back. Replace it for a server whose messages look otherwise.
 *
 * @public
 */
export interface EnvelopeCodec {
  encode(envelope: Envelope): string
  /**
   * Returns `undefined` for text that is no envelope. A {@link HoldfastError} that it throws makes the text `malformed`; what
   * else it throws counts as `undefined`.
   */
  decode(text: string): Envelope | undefined
}
