/**
 * What a peer takes at once: told by an option, or announced by the peer itself.
 *
 * @public
 */
export interface PeerLimits {
  /** The largest message that it takes, in bytes of its payload, without the WebSocket frame around it. */
  readonly maxMessageBytes?: number
  /** Whether it puts fragments together. */
  readonly fragments?: boolean
}
