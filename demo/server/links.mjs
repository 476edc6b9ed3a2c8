import { WebSocketServer } from 'ws'
import { Line } from './line.mjs'
import { readTarget } from './target.mjs'
import { turnAway } from './turn-away.mjs'

const MAX_MESSAGE_BYTES = 1_024
/** The count is sent once for all numbers that come within this time: a flushed queue is one change. */
const COUNT_DELAY_MS = 20
/** A page that reads no more gets no more counts. */
const MAX_BUFFERED_BYTES = 65_536
/** A link whose page answers no ping frame within this time is let go. */
const ALIVE_MS = 30_000

/** What a message says, or `undefined` for one that says nothing to us. */
function read(data, isBinary) {
  if (isBinary) return undefined
  try {
    const message = JSON.parse(String(data))
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    return undefined
  }
}

/** One link: books the numbers that come, sends the count as it changes, answers pings. */
function serve(socket, line, client) {
  let timer
  const sendCount = () => {
    timer = undefined
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > MAX_BUFFERED_BYTES) return
    socket.send(JSON.stringify({ type: 'count', payload: client.count }))
  }

  socket.on('message', (data, isBinary) => {
    const message = read(data, isBinary)
    const number = message?.payload?.number
    if (message?.type === 'ping') {
      socket.send(
        JSON.stringify({ type: 'pong', id: typeof message.id === 'string' ? message.id : undefined }),
      )
    } else if (message?.type === 'tick' && Number.isSafeInteger(number) && number > 0) {
      if (!client.book(number)) socket.close(1008, 'too many gaps')
      timer ??= setTimeout(sendCount, COUNT_DELAY_MS)
    }
  })
  // A frame that breaks the protocol; the close that follows is enough.
  socket.on('error', () => {})
  socket.on('close', () => clearTimeout(timer))
  client.attach({ socket, line })
  sendCount()
}

/** Looks now and then whether the page behind each link is still there. */
function watchOver(wss) {
  const silent = new WeakSet()
  wss.on('connection', (socket) => socket.on('pong', () => silent.delete(socket)))
  return setInterval(() => {
    for (const socket of wss.clients) {
      if (silent.has(socket)) socket.terminate()
      silent.add(socket)
      socket.ping()
    }
  }, ALIVE_MS)
}

/**
 * The links of the first page, `/socket?client=<id>`.
 *
 * @param {import('./clients.mjs').Clients} clients
 */
export function createLinks(clients) {
  const wss = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  const watch = watchOver(wss)

  return {
    /** Takes over an upgrade. */
    upgrade(request, stream, head) {
      const { id } = readTarget(request.url)
      if (id === undefined) return turnAway(stream, '400 Bad Request')
      const client = clients.admit(id)
      if (!client || client.refusing) return turnAway(stream, '503 Service Unavailable')
      const line = new Line(stream, () => client.pace)
      wss.handleUpgrade(request, line, head, (socket) => {
        wss.emit('connection', socket, request)
        serve(socket, line, client)
      })
    },

    /** Tells each page that the server goes away. */
    close() {
      clearInterval(watch)
      for (const socket of wss.clients) socket.close(1001, 'the demo was stopped')
    },
  }
}
