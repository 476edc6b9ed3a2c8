import { harmOf } from './harms.mjs'
import { serveFile } from './static-files.mjs'
import { readTarget } from './target.mjs'

function answer(response, status, body) {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(text)
}

/**
 * The HTTP side: the files of the pages, `POST /harm/…` for their buttons, `GET /count` for whoever wants to check
 * the first page's own figures; and for the chat `GET /servers`, `POST /servers/<which>` to start one, and
 * `POST /restart/<which>`.
 *
 * @param {import('./clients.mjs').Clients} clients
 * @param {import('./plain-servers.mjs').PlainServers} plainServers
 * @returns {import('node:http').RequestListener}
 */
export function createPages(clients, plainServers) {
  const actions = {
    servers: (server) => plainServers.portOf(server),
    restart: (server) => plainServers.stop(server),
  }

  /** What is asked of a plain server; says whether that was asked for at all. */
  async function serveServers(path, { method }, response) {
    const [, action = '', server = ''] = path.split('/')
    if (path === '/servers' && method === 'GET') answer(response, 200, await plainServers.list())
    else if (method === 'POST' && Object.hasOwn(actions, action) && plainServers.has(server)) {
      try {
        await actions[action](server)
        answer(response, 200, {})
      } catch (error) {
        answer(response, 502, { error: String(/** @type {Error} */ (error).message) })
      }
    } else return false
    return true
  }

  async function handle(request, response) {
    const { path, parameters, id } = readTarget(request.url)
    if (await serveFile(path, request, response)) return
    if (await serveServers(path, request, response)) return
    const harm = request.method === 'POST' ? harmOf(path) : undefined
    if (!harm && path !== '/count') return answer(response, 404, { error: 'There is nothing here' })
    const client = id === undefined ? undefined : clients.get(id)
    if (!client) return answer(response, 404, { error: 'No page of this id has connected yet' })
    answer(response, 200, harm ? harm(client, parameters) : client.count)
  }

  return (request, response) => {
    request.resume()
    handle(request, response).catch((error) => {
      console.error(error)
      if (response.headersSent) response.destroy()
      else answer(response, 500, { error: 'The server could not answer' })
    })
  }
}
