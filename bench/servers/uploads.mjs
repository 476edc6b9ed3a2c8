/**
 * Takes uploads and chats over slow lines, by plain WebSocket and by Socket.IO: says when an upload is complete, and
 * how long each chat message took.
 */
import http from 'node:http'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'
import { sharedNow } from '../lib/shared-clock.mjs'
import { openSlowLink } from '../lib/slow-link.mjs'
import { serve } from '../lib/worker.mjs'

const MOST_BYTES = 64 * 2 ** 20
/** The header of a binary piece; the types of pieces begin with these three bytes. */
const PIECE_HEADER_BYTES = 24
const PIECE = 0xffffff

/** What one client sent. @param {(type: string, payload: object) => void} tell */
function taker(tell) {
  /** @type {number[]} */
  const delays = []
  let left = 0
  let completeAt = 0
  return {
    /** @param {{ bytes: number }} upload */
    begin({ bytes }) {
      left = bytes
    },
    /** @param {Buffer} data */
    data(data) {
      const isPiece = data.length > PIECE_HEADER_BYTES && data.readUIntBE(0, 3) === PIECE
      left -= data.length - (isPiece ? PIECE_HEADER_BYTES : 0)
      if (left > 0 || completeAt > 0) return
      completeAt = sharedNow()
      tell('complete', {})
    },
    /** @param {{ sent: number, last?: boolean }} chat */
    chat({ sent, last = false }) {
      delays.push(sharedNow() - sent)
      if (last) tell('result', { delays, completeAt })
    },
  }
}

/** @param {import('ws').WebSocket} socket */
function overWs(socket) {
  const tell = (/** @type {string} */ type, /** @type {object} */ payload) =>
    socket.send(JSON.stringify({ type, payload }))
  const take = taker(tell)
  socket.on('message', (/** @type {Buffer} */ data, isBinary) => {
    if (isBinary) {
      take.data(data)
      return
    }
    const { type, id, payload } = JSON.parse(data.toString())
    if (type === 'ping') socket.send(JSON.stringify({ type: 'pong', id }))
    if (type === 'begin') take.begin(payload)
    if (type === 'chat') take.chat(payload)
  })
}

/** @param {import('socket.io').Socket} socket */
function overSocketIo(socket) {
  const take = taker((type, payload) => socket.emit(type, payload))
  socket.on('begin', take.begin)
  socket.on('upload', take.data)
  socket.on('chat', take.chat)
}

/** @param {http.Server} server @returns {Promise<number>} */
async function listening(server) {
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) =>
    server.listen(0, '127.0.0.1', resolve),
  )
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

serve({
  /** @param {{ lines: import('../lib/slow-link.mjs').Line[] }} wanted */
  async listen({ lines }) {
    const plain = http.createServer()
    new WebSocketServer({ server: plain, maxPayload: MOST_BYTES }).on('connection', overWs)
    const socketIo = http.createServer()
    new Server(socketIo, { maxHttpBufferSize: MOST_BYTES }).on('connection', overSocketIo)
    const ports = { lean: await listening(plain), 'socket-io': await listening(socketIo) }
    return Promise.all(
      lines.map(async (line) => {
        const portOf = async (/** @type {number} */ targetPort) =>
          (await openSlowLink({ ...line, targetPort })).port
        return { lean: await portOf(ports.lean), 'socket-io': await portOf(ports['socket-io']) }
      }),
    )
  },
})
