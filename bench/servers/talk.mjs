/**
 * Servers that read and make real messages, in the style of each side: a plain `ws` server with envelopes, which looks
 * each type up, and Socket.IO's own.
 *
 *   /sink?every=N    answers each N `chat` messages with an `ack`
 *   /source?every=N  answers each `go` with N `chat` messages
 */
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'
import { chatPayloads } from '../lib/chat-message.mjs'
import { serve } from '../lib/worker.mjs'
import { listen } from './listen.mjs'

const payloads = chatPayloads()

/**
 * What the server does, whatever carries it.
 *
 * @param {number} every @param {(type: string, payload: object) => void} send
 * @returns {Record<string, (payload: any) => void>}
 */
function handlers(every, send) {
  let count = 0
  return {
    chat({ id }) {
      // To look at the payload is part of the work.
      if (id >= 0 && ++count % every === 0) send('ack', { count })
    },
    go() {
      for (let index = 0; index < every; index++) {
        send('chat', /** @type {object} */ (payloads[index % payloads.length]))
      }
    },
  }
}

/** @param {import('node:http').Server} server */
function attachPlain(server) {
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    const { searchParams } = new URL(request.url ?? '', 'ws://bench')
    const send = (/** @type {string} */ type, /** @type {object} */ payload) =>
      socket.send(JSON.stringify({ type, payload }))
    const handle = handlers(Number(searchParams.get('every')), send)
    socket.on('message', (/** @type {Buffer} */ data) => {
      const { type, payload } = JSON.parse(data.toString())
      handle[type]?.(payload)
    })
  })
}

/** @param {import('node:http').Server} server */
function attachSocketIo(server) {
  new Server(server).on('connection', (socket) => {
    const send = (/** @type {string} */ type, /** @type {object} */ payload) =>
      void socket.emit(type, payload)
    const handle = handlers(Number(socket.handshake.query['every']), send)
    for (const [type, handler] of Object.entries(handle)) socket.on(type, handler)
  })
}

serve({
  async listen(certificate) {
    return {
      plain: await listen(certificate, attachPlain),
      socketIo: await listen(certificate, attachSocketIo),
    }
  },
})
