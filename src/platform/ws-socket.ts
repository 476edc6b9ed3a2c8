import { copyData, type SocketData } from '../base/data.ts'
import type { NativeEvents, NativeSocket } from '../base/platform.ts'

/** The part of `ws` that is used beyond the W3C face. */
export interface Ws extends Omit<NativeSocket, 'send'> {
  send(data: unknown): void
  ping(payload: string): void
  terminate(): void
  on(event: string, listener: (...args: never[]) => void): void
  removeAllListeners(): void
  addEventListener(type: 'close', listener: (event: CloseEvent) => void): void
}

interface UpgradeResponse {
  readonly statusCode: number
  readonly headers: { readonly 'retry-after'?: string }
  readonly socket: {
    readonly encrypted?: boolean
    readonly writableLength: number
    cork(): void
    uncork(): void
  } | null
}

/** How much is joined at most: the kernel takes it while the rest of a long tick is made, and memory stays young. */
const CHUNK_BYTES = 16_384
/** How long a peer may take to close a link that was given up, in milliseconds. */
const RELEASE_MS = 3_000

/** Whether a socket is one of `ws`: it has ping frames and Node's events. A mock that stands in for `ws` has neither. */
export function isWs(native: object): native is Ws {
  const { ping, on } = native as Partial<Ws>
  return typeof ping === 'function' && typeof on === 'function'
}

/** `Retry-After` in its two forms: seconds, or a date. */
export function parseRetryAfter(header: string | undefined, wallNow: number): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallNow
  return ms >= 0 ? ms : undefined
}

/**
 * `ws` by its own events rather than its W3C face, which spares an event object a message and tells of pings, pongs
 * and the status of a refused handshake.
 */
export class WsSocket implements NativeSocket {
  readonly #ws: Ws
  /** Whether `ws` may keep the bytes it is given after `send` returned: while it compresses, or reads a blob. */
  #keeps = false
  /** The TCP stream, where small writes of one tick are worth joining: TLS joins them by itself. */
  #stream: UpgradeResponse['socket'] = null
  /** Whether something was sent in this turn of the event loop already, and more of it is being joined. */
  #inTurn = false
  #corked = false

  constructor(ws: Ws, events: NativeEvents) {
    this.#ws = ws
    ws.on('open', () => {
      this.#keeps = ws.extensions.includes('permessage-deflate')
      events.opened()
    })
    ws.on('message', (data: Buffer, isBinary: boolean) => events.received(isBinary ? data : data.toString()))
    ws.on('error', (error: Error) => events.errored(error))
    ws.on('ping', () => events.pinged())
    ws.on('pong', (payload: Buffer) => events.ponged(payload.toString()))
    ws.on('upgrade', ({ socket }: UpgradeResponse) => {
      // Bun's stand-in for ws has no stream to give.
      if (socket && !socket.encrypted) this.#stream = socket
    })
    ws.on('unexpected-response', (_request: unknown, response: UpgradeResponse) => {
      events.refused(response.statusCode, parseRetryAfter(response.headers['retry-after'], Date.now()))
    })
    // Only the W3C event knows whether both close frames were seen.
    ws.addEventListener('close', (event) => events.closed(event))
  }

  /** A client masks what it sends, in a copy; unless it compresses first, which takes time. */
  get copies(): boolean {
    return !this.#keeps
  }

  get readyState(): number {
    return this.#ws.readyState
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount
  }

  get protocol(): string {
    return this.#ws.protocol
  }

  get extensions(): string {
    return this.#ws.extensions
  }

  get binaryType(): string {
    return this.#ws.binaryType
  }

  set binaryType(type: string) {
    this.#ws.binaryType = type
  }

  /** Writes of one turn leave together: one system call instead of one a message. */
  send(data: SocketData): void {
    const stream = this.#stream
    if (stream && !this.#corked) this.#join(stream)
    if (typeof data === 'object' && 'size' in data) this.#keeps = true
    this.#ws.send(this.#keeps ? copyData(data) : data)
    if (this.#corked && stream && stream.writableLength >= CHUNK_BYTES) {
      stream.uncork()
      stream.cork()
    }
  }

  /** The first message of a turn goes out at once; from the second on they wait for the turn's end. */
  #join(stream: NonNullable<UpgradeResponse['socket']>): void {
    if (this.#inTurn) {
      this.#corked = true
      stream.cork()
      return
    }
    this.#inTurn = true
    process.nextTick(() => {
      this.#inTurn = false
      if (this.#corked) stream.uncork()
      this.#corked = false
    })
  }

  ping(payload: string): void {
    this.#ws.ping(payload)
  }

  close(code?: number, reason?: string): void {
    this.#ws.close(code, reason)
  }

  /**
   * Lets go. An error without a listener would end the process, so one that does nothing stays. `ws` itself waits 30 s
   * for a closing handshake, and keeps the process up for so long.
   */
  release(abort: boolean): void {
    const ws = this.#ws
    ws.removeAllListeners()
    ws.on('error', () => {})
    if (abort || ws.readyState === 0) {
      ws.terminate()
      return
    }
    const patience = setTimeout(() => ws.terminate(), RELEASE_MS)
    patience.unref()
    ws.on('close', () => clearTimeout(patience))
    ws.close()
  }
}
