import { WebSocket as Ws } from 'ws'
import { addressOf } from './peer.mjs'

/** @type {import('./peer.mjs').Peer} */
export const rawWs = {
  name: 'raw ws',
  packages: ['ws'],
  settings: 'its own events (`on`), which are faster than its W3C face; text made of each message',
  server: 'lean',
  queues: false,
  make: ({ WebSocket = Ws, ...target }) => new WebSocket(addressOf(target)),
  listen(client, { open, message }) {
    if (open) client.on('open', open)
    if (message) client.on('message', (/** @type {Buffer} */ data) => message(data.toString()))
  },
  send: (client, text) => client.send(text),
  close: (client) => client.close(),
}

/** The same in a process of its own: how far it comes from itself is what a run can tell apart at all. */
export const rawWsAgain = {
  ...rawWs,
  name: 'raw ws, a second time',
  settings: 'as raw ws: the noise of the run',
}
