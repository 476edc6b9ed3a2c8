/** What the script server remembers. Types only: the control client in a browser shares them. */

export interface ConnectionRecord {
  /** Grows with each connection of the whole server. */
  readonly id: number
  readonly case: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly secure: boolean
  readonly offeredProtocols: readonly string[]
  protocol: string
  state: 'handshake' | 'open' | 'closed' | 'rejected'
  /** The HTTP status of a rejection. */
  status?: number
  /** Milliseconds since the epoch, as all times here. */
  readonly startedAt: number
  openedAt?: number
  closedAt?: number
  /** As the server's `ws` saw it: what the peer sent, 1005 for no code, 1006 for no close frame. */
  closeCode?: number
  closeReason?: string
  messageCount: number
  /** Protocol frames that the client sent. */
  pingCount: number
  pongCount: number
  /** What the server's `ws` complained of (a protocol violation, a reset). */
  error?: string
}

export interface MessageRecord {
  /** Order of arrival within the case, over all its connections, from 0. */
  readonly order: number
  readonly connection: number
  readonly at: number
  readonly sizeBytes: number
  /** Present for a text message that is not too large to keep. */
  readonly text?: string
  /** Present for a binary message that is not too large to keep. */
  readonly base64?: string
  readonly binary: boolean
}
