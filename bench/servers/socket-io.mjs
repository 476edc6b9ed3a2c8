/** Socket.IO's own server, with its defaults and the same behaviours as the lean one. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { Server } from 'socket.io'
import { serve } from '../lib/worker.mjs'

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

/** @param {http.Server} server @returns {Promise<number>} */
function listen(server) {
  new Server(server).on('connection', (socket) => {
    const { query } = socket.handshake
    const answer = behaviours[String(query['behaviour'])]
    if (answer) socket.on('m', answer(socket, query))
    else socket.disconnect(true)
  })
  return new Promise((resolve) => {
    server.listen(0, 'localhost', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

serve({
  async listen({ certFile, keyFile }) {
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
    const plain = await listen(http.createServer())
    const secure = await listen(https.createServer(tls))
    return { ws: `ws://localhost:${plain}`, wss: `wss://localhost:${secure}` }
  },
})
