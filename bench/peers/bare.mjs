/**
 * No wrapper at all: the native socket's own methods and handlers. The base line where the socket is a no-op.
 *
 * @type {import('./peer.mjs').Peer}
 */
export const bare = {
  name: 'no wrapper',
  packages: [],
  settings: 'the no-op socket itself',
  server: 'lean',
  queues: false,
  make: ({ base, WebSocket }) => new WebSocket(base),
  listen(client, { open, message }) {
    if (open) client.onopen = open
    if (message) client.onmessage = (/** @type {{ data: string }} */ { data }) => message(data)
  },
  send: (client, text) => client.send(text),
  close: (client) => client.close(),
}
