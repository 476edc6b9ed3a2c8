import { io, NodeWebSocket } from 'socket.io-client'

/** Its transport over another implementation than its own `ws`. @param {any} WebSocket @returns {any} */
function transportOver(WebSocket) {
  return class extends NodeWebSocket {
    /** @override */
    createSocket(/** @type {string} */ url, /** @type {any} */ protocols, /** @type {object} */ options) {
      return new WebSocket(url, protocols ?? [], options)
    }
  }
}

/** @type {import('./peer.mjs').Peer} */
export const socketIo = {
  name: 'socket.io',
  packages: ['socket.io', 'socket.io-client'],
  settings:
    'defaults but `transports: ["websocket"]` and a connection for each client; its own server and `ws`',
  server: 'socket-io',
  queues: true,
  make: ({ base, behaviour, query = {}, WebSocket }) =>
    io(base, {
      transports: [WebSocket ? transportOver(WebSocket) : 'websocket'],
      forceNew: true,
      query: { behaviour, ...query },
    }),
  listen(client, { open, message }) {
    if (open) client.on('connect', open)
    if (message) client.on('m', message)
  },
  send: (client, text) => client.emit('m', text),
  close: (client) => client.disconnect(),
  onWire: (text) => `42${JSON.stringify(['m', text])}`,
}
