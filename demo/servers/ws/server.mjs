/**
 * A plain chat server on Node and `ws`.
 *
 *   node demo/servers/ws/server.mjs [--port 8201] [--piecewise]
 *
 * TOKENS, REFUSE, PING_MS, MAX_MESSAGE_BYTES, PIECEWISE and COMPRESSION: see docs/SERVERS.md
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { handleMessage } from './messages.mjs'
import { Rooms } from './rooms.mjs'

/** How long clients get to answer the goodbye. */
const GOODBYE_MS = 1_000
const READ_BYTES = 4_096

/** @typedef {import('ws').WebSocket} Socket */
/** @typedef {typeof defaults} PlainServerOptions */

const defaults = {
  /** 0 for any free port. */
  port: 0,
  host: '127.0.0.1',
  /** Whoever has one of these may come in. A real server would check a signature. @type {readonly string[]} */
  tokens: ['demo'],
  /** A wrong token: HTTP 401 `before` the upgrade, or close code 1008 `after` it, which a browser can see. */
  refuse: /** @type {'before' | 'after'} */ ('before'),
  /** How often clients are pinged; who has not answered by the next time is terminated. */
  pingIntervalMs: 30_000,
  maxMessageBytes: 32 * 1024 * 1024,
  perMessageDeflate: false,
  /** Takes every 4 KiB of a longer message for a message, as a server does that never looks for the end of one. */
  piecewise: false,
}

/** Starts a server; `close()` says 1001 to everybody. @param {Partial<PlainServerOptions>} [options] */
export async function createPlainServer(options = {}) {
  const settings = { ...defaults, ...options }
  const rooms = new Rooms()
  const { perMessageDeflate } = settings
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.maxMessageBytes,
    perMessageDeflate,
  })
  const server = createServer((_request, response) => response.writeHead(426).end('A WebSocket is at /ws\n'))

  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    const [path, query] = (request.url ?? '').split('?')
    const known = settings.tokens.includes(new URLSearchParams(query).get('token') ?? '')
    if (path !== '/ws') refuseUpgrade(stream, '404 Not Found')
    else if (!known && settings.refuse === 'before') refuseUpgrade(stream, '401 Unauthorized')
    else {
      sockets.handleUpgrade(request, stream, head, (socket) => {
        socket.on('error', (error) => console.error(`A client's link broke: ${error.message}`))
        if (known) serve(socket, rooms, settings.piecewise)
        else socket.close(1008, 'unknown token')
      })
    }
  })

  server.listen(settings.port, settings.host)
  await once(server, 'listening')
  const stopPings = pingRegularly(sockets, settings.pingIntervalMs)
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const address = `ws://${settings.host}:${port}/ws`

  async function close() {
    stopPings()
    await closeAll(server, sockets)
  }

  return { port, address, close }
}

/** @param {import('node:http').Server} server @param {WebSocketServer} sockets */
async function closeAll(server, sockets) {
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets.clients) socket.close(1001, 'server is shutting down')
  const rest = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
  }, GOODBYE_MS)
  await closed
  clearTimeout(rest)
}

/** @param {import('node:stream').Duplex} stream @param {string} status */
function refuseUpgrade(stream, status) {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** @param {Socket} socket @param {Rooms} rooms @param {boolean} piecewise */
function serve(socket, rooms, piecewise) {
  socket.on('message', (data, binary) => {
    const message = /** @type {Buffer} */ (data)
    const reads = piecewise ? inReads(message) : [message]
    for (const read of reads) handleMessage(socket, read, binary, rooms)
  })
  socket.on('close', () => rooms.leaveAll(socket))
}

/** @param {Buffer} message */
function* inReads(message) {
  for (let at = 0; at < message.length; at += READ_BYTES) yield message.subarray(at, at + READ_BYTES)
}

/** @param {WebSocketServer} sockets @param {number} intervalMs */
function pingRegularly(sockets, intervalMs) {
  /** @type {WeakSet<Socket>} */
  const unanswered = new WeakSet()
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (unanswered.has(socket)) {
        socket.terminate()
        continue
      }
      unanswered.add(socket)
      socket.once('pong', () => unanswered.delete(socket))
      socket.ping()
    }
  }, intervalMs)
  return () => clearInterval(timer)
}

async function run() {
  const { env } = process
  const { values } = parseArgs({ options: { port: { type: 'string' }, piecewise: { type: 'boolean' } } })
  const server = await createPlainServer({
    port: portOf(values.port ?? env['PORT'] ?? '8201'),
    tokens: (env['TOKENS'] ?? 'demo').split(','),
    refuse: env['REFUSE'] === 'after' ? 'after' : 'before',
    pingIntervalMs: Number(env['PING_MS'] ?? defaults.pingIntervalMs),
    maxMessageBytes: Number(env['MAX_MESSAGE_BYTES'] ?? defaults.maxMessageBytes),
    perMessageDeflate: env['COMPRESSION'] === '1',
    piecewise: values.piecewise ?? env['PIECEWISE'] === '1',
  })
  console.log(server.address)
  if (env['TOKENS'] === undefined)
    console.log(`Who is to come in needs a token: ${server.address}?token=demo`)
  const stop = () => server.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

/** @param {string} text */
function portOf(text) {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new RangeError(`The port must be a whole number from 0 to 65535, not ${text}`)
}

/** What a person can mend needs no stack trace. @param {unknown} error */
function tellAndExit(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
  console.error(code === 'EADDRINUSE' ? `${message}: give another one by --port` : message)
  process.exit(1)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run().catch(tellAndExit)
