import ReconnectingWebSocketModule from 'reconnecting-websocket'
import { WebSocket as Ws } from 'ws'
import { addressOf, w3cFace } from './peer.mjs'

/** Its CommonJS build stands under `default` for Node. @type {any} */
const ReconnectingWebSocket =
  /** @type {any} */ (ReconnectingWebSocketModule).default ?? ReconnectingWebSocketModule

/** @type {import('./peer.mjs').Peer} */
export const reconnectingWebSocket = {
  ...w3cFace,
  name: 'reconnecting-websocket',
  packages: ['reconnecting-websocket', 'ws'],
  settings: 'defaults; `ws` as the option `WebSocket`',
  server: 'lean',
  queues: true,
  make: ({ WebSocket = Ws, ...target }) => new ReconnectingWebSocket(addressOf(target), [], { WebSocket }),
}
