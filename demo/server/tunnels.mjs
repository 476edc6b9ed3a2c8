import { connect } from 'node:net'
import { Line } from './line.mjs'
import { readTarget } from './target.mjs'
import { turnAway } from './turn-away.mjs'

/** Files go over it: as fast as a household's line, or a weak mobile network. */
const USUAL_BYTES_PER_SECOND = 2_500_000
const SLOW_BYTES_PER_SECOND = 65_536

/** The request as the plain server is to see it: its own path, the token under the name that it wants. */
function requestFor(request, port, tokenParameter, token) {
  const query = new URLSearchParams({ [tokenParameter]: token })
  const lines = [`GET /ws?${query} HTTP/1.1`, `Host: 127.0.0.1:${port}`]
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = request.rawHeaders.slice(index, index + 2)
    if (name.toLowerCase() !== 'host') lines.push(`${name}: ${value}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Lets the bytes of a page and of a server through to each other; what ends on one side ends on the other. */
function join(line, upstream) {
  line.on('error', () => upstream.destroy())
  upstream.on('error', () => line.destroy())
  line.on('close', () => upstream.destroy())
  upstream.on('close', () => {
    // After an orderly end what is on the way still arrives.
    if (!upstream.readableEnded) line.destroy()
  })
  line.pipe(upstream)
  upstream.pipe(line)
}

/**
 * The links of the chat, `/chat-link?client=<id>&server=<which>&token=<token>`: the bytes go to and from a plain server
 * as they are, through a line that can be harmed.
 *
 * @param {import('./clients.mjs').Clients} clients
 * @param {import('./plain-servers.mjs').PlainServers} plainServers
 */
export function createTunnels(clients, plainServers) {
  const pace = (client) => () => {
    const bytesPerSecond = client.slow ? SLOW_BYTES_PER_SECOND : USUAL_BYTES_PER_SECOND
    return { ...client.pace, bytesPerSecond }
  }

  async function tunnel(request, stream, head) {
    const { parameters, id } = readTarget(request.url)
    const server = parameters.get('server') ?? 'ws'
    if (id === undefined || !plainServers.has(server)) return turnAway(stream, '400 Bad Request')
    const client = clients.admit(id)
    if (!client || client.refusing) return turnAway(stream, '503 Service Unavailable')
    const port = await plainServers.portOf(server)
    if (stream.destroyed) return
    const upstream = connect(port, '127.0.0.1')
    upstream.setNoDelay(true)
    const line = new Line(stream, pace(client))
    const token = parameters.get('token') ?? ''
    upstream.write(requestFor(request, port, plainServers.tokenParameterOf(server), token))
    upstream.write(head)
    join(line, upstream)
    const end = () => line.destroy()
    // A close frame cannot be put among bytes that are not ours: this link can only be cut.
    client.attach({ line, socket: { on: line.on.bind(line), terminate: end, close: end } })
  }

  return {
    /** Takes over an upgrade. */
    upgrade(request, stream, head) {
      tunnel(request, stream, head).catch((error) => {
        console.error(`The server of the chat could not be reached: ${error.message}`)
        turnAway(stream, '502 Bad Gateway')
      })
    },
  }
}
