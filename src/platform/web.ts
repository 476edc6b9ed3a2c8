import { HoldfastError } from '../base/errors.ts'
import type {
  NativeEvents,
  NativeSocket,
  OpenRequest,
  Platform,
  WebSocketConstructor,
} from '../base/platform.ts'
import { clock, random, report } from './environment.ts'
import { pageSignals } from './page-signals.ts'

/** The part of a native socket that carries its events. */
interface Handlers {
  onopen: unknown
  onmessage: unknown
  onerror: unknown
  onclose: unknown
}

/** Hears a socket with the W3C face. `isDenos` where it is Deno's own. */
export function hear(native: NativeSocket, events: NativeEvents, isDenos = false): NativeSocket {
  const handlers = native as unknown as Handlers
  handlers.onopen = () => {
    handlers.onopen = null
    events.opened()
  }
  handlers.onmessage = (event: MessageEvent) => events.received(event.data)
  handlers.onerror = (event: ErrorEvent) => events.errored(event.error ?? event.message)
  handlers.onclose = (event: CloseEvent) => {
    // Deno 2.9 tells 1005 and clean where a link was cut during the closing handshake: there it says nothing.
    const isMadeUp = isDenos && event.code === 1005
    events.closed(isMadeUp ? { code: 0, reason: '', wasClean: false } : event)
  }
  return native
}

/** Makes a socket of an implementation. Nothing happens on it before the caller's turn ends, so it can be heard then. */
export function make(Implementation: WebSocketConstructor, request: OpenRequest): NativeSocket {
  const native = new Implementation(request.url, request.protocols, request.webSocketOptions as never)
  native.binaryType = request.binaryType
  return native as NativeSocket
}

export function release(native: NativeSocket): void {
  const handlers = native as unknown as Handlers
  handlers.onopen = handlers.onmessage = handlers.onerror = handlers.onclose = null
  if (native.readyState < 2) native.close()
}

/**
 * The standard has `send` take its own copy of bytes, and browsers do. Of what another implementation does, such as a
 * mock in the browser's place, nothing is known.
 */
function copies(native: NativeSocket): boolean {
  const isBrowser = 'document' in globalThis || 'importScripts' in globalThis
  const Native = native.constructor
  return isBrowser && Native === globalThis.WebSocket && /\[native code]/.test(String(Native))
}

/** Browsers, workers, Bun and Deno: the global `WebSocket`, looked up at each attempt. */
export const webPlatform: Platform = {
  clock,
  random,
  get signals() {
    return 'addEventListener' in globalThis ? pageSignals : undefined
  },
  resolveUrl: (url) =>
    new URL(url, (globalThis.document as Document | undefined)?.baseURI ?? globalThis.location?.href),
  open(request, events) {
    const Implementation = request.WebSocket ?? globalThis.WebSocket
    if (!Implementation) {
      throw new HoldfastError(
        'HF_NO_WEBSOCKET',
        'There is no WebSocket here: give one as the option WebSocket',
      )
    }
    if (request.webSocketOptions && !request.WebSocket) {
      throw new HoldfastError(
        'HF_NEEDS_WS',
        'webSocketOptions need an implementation that takes them, such as ws, as the option WebSocket',
      )
    }
    const isDenos = !request.WebSocket && 'Deno' in globalThis
    return hear(make(Implementation as WebSocketConstructor, request), events, isDenos)
  },
  release,
  copies,
  get nextFrame() {
    const frame = globalThis.requestAnimationFrame as typeof requestAnimationFrame | undefined
    return frame && ((callback: () => void) => void frame(callback))
  },
  report,
}
