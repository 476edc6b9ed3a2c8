import { type BinaryType, type SocketData, toSocketData, utf8Length } from '../base/data.ts'
import { SocketEventTarget } from '../base/event-target.ts'
import type { Platform } from '../base/platform.ts'
import { webPlatform } from '../platform/web.ts'
import { MAX_REASON_BYTES } from './address.ts'
import type { SocketEventHandler, SocketEventMap } from './events.ts'
import type { ProtocolSource, SocketOptions, UrlSource } from './options.ts'
import { Shell } from './shell.ts'
import type { SocketSnapshot } from './snapshot.ts'
import type { SocketStatus } from './state.ts'

/** Shared by all sockets that offer none. */
const NO_PROTOCOLS: readonly string[] = []

/** The `readyState` that each status has for W3C code: 0 while there is hope of a link, 3 when there is none. */
const readyStates: Readonly<Record<SocketStatus, 0 | 1 | 2 | 3>> = {
  connecting: 0,
  backoff: 0,
  offline: 0,
  open: 1,
  closing: 2,
  idle: 3,
  suspended: 3,
  closed: 3,
  failed: 3,
}

/**
 * One lasting socket over many short-lived WebSockets. It goes wherever a W3C `WebSocket` goes; what differs is
 * listed in docs/SOCKET.md. Above all, `send` waits in a bounded queue while there is no link.
 *
 * @public
 */
export class ReconnectingWebSocket extends SocketEventTarget<SocketEventMap<ReconnectingWebSocket>> {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3

  /** Where the socket runs. Node's class has another. @internal */
  static readonly platform: object = webPlatform satisfies Platform

  readonly #shell: Shell

  /**
   * @param url - An address, or a function that is asked for it at each attempt.
   * @param protocols - Subprotocols to offer, or a function that is asked for them at each attempt.
   * @param options - See {@link SocketOptions}.
   * @throws SyntaxError (a `DOMException`, as in the standard) for an address or protocols that are invalid.
   * @throws TypeError or RangeError that names the option that is wrong.
   */
  constructor(url: UrlSource, protocols?: ProtocolSource, options?: SocketOptions) {
    super()
    this.#shell = new Shell(
      this,
      new.target.platform as Platform,
      { url, protocols: protocols ?? NO_PROTOCOLS },
      options,
    )
    if (options?.autoConnect !== false) this.open()
  }

  get CONNECTING(): 0 {
    return 0
  }
  get OPEN(): 1 {
    return 1
  }
  get CLOSING(): 2 {
    return 2
  }
  get CLOSED(): 3 {
    return 3
  }
  get [Symbol.toStringTag](): string {
    return 'WebSocket'
  }

  /** The address of the last attempt; of the next one where it is known; else empty. */
  get url(): string {
    return this.#shell.url
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return readyStates[this.#shell.state.status]
  }

  /** Bytes that were sent and have not reached the network: those of the native socket and those of the queue. */
  get bufferedAmount(): number {
    return this.#shell.queued.bytes + (this.#shell.native?.bufferedAmount ?? 0)
  }

  /** The subprotocol that the server chose on this link; empty without a link. */
  get protocol(): string {
    return this.#shell.native?.protocol ?? ''
  }

  /** The extensions of this link; empty without a link. */
  get extensions(): string {
    return this.#shell.native?.extensions ?? ''
  }

  /** How binary messages arrive. Kept over all links; an invalid value is ignored. */
  get binaryType(): BinaryType {
    return this.#shell.binaryType
  }
  set binaryType(type: BinaryType) {
    if (type === 'blob' || type === 'arraybuffer') this.#shell.binaryType = type
  }

  /** Where the socket stands. */
  get status(): SocketStatus {
    return this.#shell.state.status
  }

  /** What waits in the send queue. */
  get queued(): { readonly count: number; readonly bytes: number } {
    return this.#shell.queued
  }

  get onopen(): SocketEventHandler<'open'> {
    return this.handler('open')
  }
  set onopen(handler: SocketEventHandler<'open'>) {
    this.setHandler('open', handler)
  }
  get onmessage(): SocketEventHandler<'message'> {
    return this.handler('message')
  }
  set onmessage(handler: SocketEventHandler<'message'>) {
    this.setHandler('message', handler)
  }
  get onerror(): SocketEventHandler<'error'> {
    return this.handler('error')
  }
  set onerror(handler: SocketEventHandler<'error'>) {
    this.setHandler('error', handler)
  }
  get onclose(): SocketEventHandler<'close'> {
    return this.handler('close')
  }
  set onclose(handler: SocketEventHandler<'close'>) {
    this.setHandler('close', handler)
  }

  /**
   * Sends now if the link is open and not full, else keeps a copy and sends it, in order, as soon as it is.
   *
   * @throws HoldfastError `HF_QUEUE_FULL` where the queue is full and `queue.overflow` is `reject`.
   * @throws HoldfastError `HF_UNAVAILABLE` where the server is unavailable and `retry.failFast` is set.
   */
  send(data: SocketData): void {
    // biome-ignore lint/complexity/noArguments: only the count tells send() from send(undefined)
    if (arguments.length === 0) throw new TypeError('send needs the data to send')
    this.#shell.send(toSocketData(data))
  }

  /** Connects. Does nothing while that is under way or done; starts anew after `closed`, `failed` and `suspended`. */
  open(): void {
    this.#shell.dispatch({ type: 'open' })
  }

  /** Connects now: ends a wait, replaces a link that is there, starts anew after `closed`, `failed` and `suspended`. */
  reconnect(): void {
    this.#shell.reconnect()
  }

  /** Gives up the link until `wake()` and keeps the queue, for an application that goes to the background. */
  suspend(): void {
    this.#shell.dispatch({ type: 'suspend' })
  }

  /** Comes back from `suspend()`. Else a hint that the network may be there: ends a wait, probes a link. */
  wake(): void {
    this.#shell.dispatch({ type: 'wake' })
  }

  /**
   * Ends the socket: what waits is written if the link is open, and dropped, and told, if not. One `close` event
   * follows where `readyState` was 0 or 1.
   *
   * @param code - 1000, or 3000 to 4999.
   * @param reason - At most 123 bytes in UTF-8.
   * @throws InvalidAccessError or SyntaxError (a `DOMException`), as in the standard.
   */
  close(code?: number, reason?: string): void {
    // As WebIDL converts the arguments: a clamped whole number, and text.
    const status =
      code === undefined ? undefined : Math.min(Math.max(Math.round(Number(code)) || 0, 0), 65_535)
    const text = reason === undefined ? undefined : `${reason}`
    if (status !== undefined && status !== 1000 && !(status >= 3000 && status <= 4999)) {
      throw new DOMException(
        `The close code must be 1000, or 3000 to 4999, not ${status}`,
        'InvalidAccessError',
      )
    }
    if (text !== undefined && utf8Length(text) > MAX_REASON_BYTES) {
      throw new DOMException(`The close reason must have at most ${MAX_REASON_BYTES} bytes`, 'SyntaxError')
    }
    const closing = status ?? (text === undefined ? undefined : 1000)
    this.#shell.dispatch({ type: 'close', code: closing, reason: text })
  }

  /**
   * Resolves when everything that was sent has left the queue and the native buffer; at once if it has.
   *
   * @throws HoldfastError `HF_CLOSED` when the socket ends before that; the signal's reason when it is aborted.
   */
  drained(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#shell.waitForDrain(options.signal)
  }

  /** The socket at this moment; the same object as long as nothing in it changed. */
  getSnapshot(): SocketSnapshot {
    return this.#shell.snapshot
  }

  /** Calls back after each change of the snapshot. Returns the undo. */
  subscribe(listener: () => void): () => void {
    return this.on('change' as never, () => listener())
  }

  /** Closes, and resolves when that is done; also when a listener opened the socket anew meanwhile. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return new Promise((resolve) => {
      if (this.status === 'closing') this.on('status', () => resolve(), { once: true })
      else resolve()
    })
  }

  /** The shell, for the client on top of it. @internal */
  get hands(): object {
    return this.#shell
  }

  /** @internal */
  report(error: unknown): void {
    this.#shell.report(error)
  }
}
