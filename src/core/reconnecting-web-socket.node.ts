import type { Platform } from '../base/platform.ts'
import { nodePlatform } from '../platform/node.ts'
import { pingFrames } from './heartbeat-sources.ts'
import type { ProtocolSource, SocketOptions, UrlSource } from './options.ts'
import { ReconnectingWebSocket as Socket } from './reconnecting-web-socket.ts'

const platform: Platform = { ...nodePlatform, heartbeat: /* @__PURE__ */ pingFrames() }

/** The same socket on Node's platform: `ws` where it is installed, and ping frames as its heartbeat. */
export class ReconnectingWebSocket extends Socket {
  constructor(url: UrlSource, protocols?: ProtocolSource, options?: SocketOptions) {
    super(url, protocols, options, platform)
  }
}
