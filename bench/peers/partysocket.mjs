import ReconnectingWebSocket from 'partysocket/ws'
import { WebSocket as Ws } from 'ws'
import { addressOf, w3cFace } from './peer.mjs'

/** @type {import('./peer.mjs').Peer} */
export const partysocket = {
  ...w3cFace,
  name: 'partysocket',
  packages: ['partysocket', 'ws'],
  settings: 'its `partysocket/ws`, defaults; `ws` as the option `WebSocket`',
  server: 'lean',
  queues: true,
  make: ({ WebSocket = Ws, ...target }) => new ReconnectingWebSocket(addressOf(target), [], { WebSocket }),
}
