import { HoldfastError } from '../base/errors.ts'
import type { Platform, WebSocketConstructor } from '../base/platform.ts'
import { clock, random, report } from './environment.ts'
import { hear, make, release } from './web.ts'
import { isWs, WsSocket } from './ws-socket.ts'

let loading: Promise<void> | undefined
let ws: WebSocketConstructor | undefined

/** Loads `ws` at the first attempt; leaves it undefined where it is not installed. */
function loadWs(): Promise<void> {
  loading ??= import('isomorphic-ws').then(
    (module) => {
      ws = module.default as unknown as WebSocketConstructor
    },
    () => {},
  )
  return loading
}

/** Node: `ws` where it is installed, else the built-in `WebSocket` (Node 22 and later). No page, so no signals. */
export const nodePlatform: Platform = {
  clock: {
    ...clock,
    // An immediate comes sooner than the one millisecond that a timer takes at least.
    setTimer: (callback, ms) => (ms > 0 ? setTimeout(callback, ms) : setImmediate(callback)),
    clearTimer(handle) {
      clearTimeout(handle as NodeJS.Timeout)
      clearImmediate(handle as NodeJS.Immediate)
    },
  },
  random,
  signals: undefined,
  resolveUrl: (url) => new URL(url),
  prepare: loadWs,
  open(request, events) {
    const Implementation = request.WebSocket ?? ws ?? globalThis.WebSocket
    if (!Implementation) {
      throw new HoldfastError(
        'HF_NO_WEBSOCKET',
        'This Node has no WebSocket: install ws, or give one as the option WebSocket',
      )
    }
    if (request.webSocketOptions && !request.WebSocket && !ws) {
      throw new HoldfastError(
        'HF_NEEDS_WS',
        'webSocketOptions need ws: install it, or give it as the option WebSocket',
      )
    }
    const native = make(Implementation as WebSocketConstructor, request)
    return isWs(native) ? new WsSocket(native, events) : hear(native, events)
  },
  release(native, abort) {
    if (native instanceof WsSocket) native.release(abort)
    else release(native)
  },
  copies: (native) => native instanceof WsSocket && native.copies,
  report,
}
