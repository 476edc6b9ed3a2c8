/**
 * The demo: one process that serves the pages, the built bundle, the WebSocket endpoint that the first page holds on to,
 * and the way to the plain servers that the chat talks to. `npm start` builds the bundle first.
 *
 * PORT  where to listen: 8123 unless given, and a free port if that one is taken; 0 for any free port
 * HOST  the address to bind: 127.0.0.1 unless given; 0.0.0.0 shows the page to a phone in the same network
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createClients } from './server/clients.mjs'
import { createLinks } from './server/links.mjs'
import { addressOf, listen } from './server/listen.mjs'
import { createPages } from './server/pages.mjs'
import { createPlainServers } from './server/plain-servers.mjs'
import { readTarget } from './server/target.mjs'
import { createTunnels } from './server/tunnels.mjs'
import { turnAway } from './server/turn-away.mjs'

/** How long the pages get to answer the goodbye. */
const GOODBYE_MS = 500

const { PORT = '8123', HOST = '127.0.0.1' } = process.env

function fail(message) {
  console.error(message)
  process.exit(1)
}

const port = Number(PORT || 8123)
if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) fail(`PORT must be a port number, not ${PORT}`)
if (!existsSync(new URL('../dist/holdfast.min.js', import.meta.url))) {
  fail('The bundle is missing: run `npm start`, or `npm run build` first')
}

const clients = createClients()
const plainServers = createPlainServers()
const server = createServer(createPages(clients, plainServers))
const links = createLinks(clients)
const upgrades = new Map([
  ['/socket', links.upgrade],
  ['/chat-link', createTunnels(clients, plainServers).upgrade],
])

server.on('upgrade', (request, stream, head) => {
  stream.on('error', () => {})
  const upgrade = upgrades.get(readTarget(request.url).path)
  if (upgrade) upgrade(request, stream, head)
  else turnAway(stream, '400 Bad Request')
})

await listen(server, port, HOST).catch((error) => fail(`The demo cannot listen: ${error.message}`))
console.log(`The demo runs. Open this in a browser; Ctrl+C ends it.\n${addressOf(server)}`)

let stopping = false
function stop() {
  if (stopping) return
  stopping = true
  clients.stop()
  links.close()
  server.close()
  setTimeout(() => process.exit(0), GOODBYE_MS).unref()
  server.closeIdleConnections()
  void plainServers.close()
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
