import { type BinaryType, type SocketData, toSocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { NativeSocket, OpenRequest, Platform } from '../base/platform.ts'
import { parseProtocols, parseUrl } from './address.ts'
import { Link, type LinkHost } from './link.ts'
import { type LossKind, unclean } from './loss.ts'
import type { AttemptContext, ProtocolSource, SocketOptions, UrlSource } from './options.ts'
import type { Settings } from './settings.ts'

/** How often the native buffer is looked at before a close: no platform tells when it is empty. */
const EMPTY_POLL_MS = 5

/** Where to connect: what the user gave as address and protocols. */
export interface Sources {
  readonly url: UrlSource
  readonly protocols: ProtocolSource
}

/** What lives and dies with one generation: an attempt, and the link that it may lead to. */
export class Connection extends Link {
  readonly #platform: Platform
  /** Made when somebody asks for its signal: most sockets have nobody who does. */
  #abort: AbortController | undefined
  native: NativeSocket | undefined
  /** The address; until it is known, that of the attempt before. */
  url: string
  /** When `beforeFlush` must be through, while it runs. */
  gateAt: number | undefined

  constructor(host: LinkHost, platform: Platform, generation: number, url: string) {
    super(host, generation)
    this.#platform = platform
    this.url = url
  }

  /**
   * Asks for address, protocols and implementation, and opens a native socket. Nothing of it happens in the caller's
   * own turn, so that `new` and `close()` in one tick open nothing. `binaryType` may change until then.
   */
  async begin(
    sources: Sources,
    settings: Settings,
    known: Omit<AttemptContext, 'signal'>,
    binaryType: () => BinaryType,
  ): Promise<void> {
    const signal = () => this.#signal
    const context: AttemptContext = {
      ...known,
      get signal() {
        return signal()
      },
    }
    let kind: LossKind = 'url'
    try {
      await undefined
      if (this.over) return
      // An address that is no function was read when the socket was made.
      const isKnown = typeof sources.url !== 'function'
      const url = isKnown ? this.url : parseUrl(await ask(sources.url, context), this.#platform.resolveUrl)
      if (this.over) return
      const protocols = parseProtocols(
        (await ask<string | readonly string[]>(sources.protocols, context)) ?? [],
      )
      if (this.over) return
      kind = 'setup'
      const WebSocket = settings.WebSocket ?? (await settings.getWebSocket?.())
      if (!WebSocket) await this.#platform.prepare?.()
      if (this.over) return
      const { webSocketOptions } = settings
      const request: OpenRequest = { url, protocols, binaryType: binaryType(), WebSocket, webSocketOptions }
      this.url = url
      this.native = this.#platform.open(request, this)
    } catch (error) {
      this.lose(unclean(kind, error))
    }
  }

  /**
   * Lets the user speak first on the new link, until `gateAt` at most. Calls `then` when everything else may follow.
   */
  async passGate(
    beforeFlush: NonNullable<SocketOptions['beforeFlush']>,
    write: (data: SocketData) => void,
    gateAt: number,
    then: () => void,
  ): Promise<void> {
    this.gateAt = gateAt
    const send = (data: SocketData) => {
      if (this.over) throw new HoldfastError('HF_CLOSED', 'The link of this beforeFlush is gone')
      write(toSocketData(data))
    }
    try {
      await beforeFlush(send, { signal: this.#signal })
      this.gateAt = undefined
      if (!this.over) then()
    } catch (error) {
      this.lose(unclean('gate', error))
    }
  }

  /** Gives up a gate that takes too long. */
  tick(now: number): void {
    if (now < (this.gateAt ?? Infinity)) return
    const message = 'beforeFlush took longer than the connect timeout'
    this.lose(unclean('gate', new HoldfastError('HF_GATE', message, { retryable: true })))
  }

  /**
   * Starts the closing handshake; once the native buffer is empty, where that is to be waited for. Should it never be,
   * the link is let go without a close frame when the time for closing is over. Some
   * implementations tell an argument that is `undefined` from one that is not there.
   */
  close(code: number | undefined, reason: string | undefined, whenEmpty: boolean): void {
    const { native } = this
    this.hears = false
    if (whenEmpty && native?.readyState === 1 && native.bufferedAmount > 0) {
      this.host.defer(() => this.close(code, reason, whenEmpty), EMPTY_POLL_MS)
      return
    }
    try {
      if (code === undefined) native?.close()
      else native?.close(code, reason)
    } catch (error) {
      this.#platform.report(error)
    }
  }

  /** Lets go: nothing more is heard of it. `abort` does not wait for the peer. */
  release(abort: boolean): void {
    this.gateAt = undefined
    this.drop()
    this.#abort?.abort()
    const { native } = this
    this.native = undefined
    try {
      if (native) this.#platform.release(native, abort)
    } catch (error) {
      // An implementation may throw here; its socket is of no interest any more.
      this.#platform.report(error)
    }
  }

  get #signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.over) this.#abort.abort()
    return this.#abort.signal
  }
}

function ask<T>(
  source: T | ((context: AttemptContext) => T | Promise<T>),
  context: AttemptContext,
): T | Promise<T> {
  if (typeof source !== 'function') return source
  return (source as (context: AttemptContext) => T | Promise<T>)(context)
}
