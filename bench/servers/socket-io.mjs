/** Socket.IO's own server, with its defaults and the same behaviours as the lean one. */
import { Server } from 'socket.io'
import { serve } from '../lib/worker.mjs'
import { listen } from './listen.mjs'

/** @type {Record<string, (socket: import('socket.io').Socket, query: any) => (text: string) => void>} */
const behaviours = {
  sink(socket, { every }) {
    let count = 0
    return () => {
      if (++count % Number(every) === 0) socket.emit('m', 'ack')
    }
  },
  source(socket, { every, size }) {
    const text = 'x'.repeat(Number(size))
    return () => {
      for (let count = 0; count < Number(every); count++) socket.emit('m', text)
    }
  },
  echo: (socket) => (text) => socket.emit('m', text),
}

/** @param {import('node:http').Server} server */
function attach(server) {
  new Server(server).on('connection', (socket) => {
    const { query } = socket.handshake
    const answer = behaviours[String(query['behaviour'])]
    if (answer) socket.on('m', answer(socket, query))
    else socket.disconnect(true)
  })
}

serve({ listen: (certificate) => listen(certificate, attach) })
