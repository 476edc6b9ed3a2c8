import type { Platform } from '../base/platform.ts'
import { nodePlatform } from '../platform/node.ts'
import { pingFrames } from './heartbeat-sources.ts'
import { ReconnectingWebSocket as Socket } from './reconnecting-web-socket.ts'

/** The same socket on Node's platform: `ws` where it is installed, and ping frames as its heartbeat. */
export class ReconnectingWebSocket extends Socket {
  static override readonly platform: object = {
    ...nodePlatform,
    heartbeat: /* @__PURE__ */ pingFrames(),
  } satisfies Platform
}
