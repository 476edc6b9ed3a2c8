import { rawWs } from './raw-ws.mjs'

/** The streams of the clients, each with whether it is corked in this tick. */
const streams = new WeakMap()

/**
 * Not a contender but a ceiling: what somebody reaches who does the corking by hand, with nothing around it.
 *
 * @type {import('./peer.mjs').Peer}
 */
export const corkedWs = {
  ...rawWs,
  name: 'raw ws, corked by hand',
  settings: 'as raw ws; its stream is corked at the first send of a tick and uncorked at the end of it',
  make(target) {
    const client = rawWs.make(target)
    client.on('upgrade', (/** @type {{ socket: import('node:net').Socket }} */ { socket }) => {
      streams.set(client, { socket, corked: false })
    })
    return client
  },
  send(client, text) {
    const stream = streams.get(client)
    if (!stream.corked) {
      stream.corked = true
      stream.socket.cork()
      process.nextTick(() => {
        stream.corked = false
        stream.socket.uncork()
      })
    }
    client.send(text)
  },
}
