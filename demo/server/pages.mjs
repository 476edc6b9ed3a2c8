import { harmOf } from './harms.mjs'
import { serveFile } from './static-files.mjs'
import { readTarget } from './target.mjs'

function answer(response, status, body) {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(text)
}

/**
 * The HTTP side: the files of the page, `POST /harm/…` for its buttons, and `GET /count` for whoever wants to check
 * the page's own figures.
 *
 * @param {import('./clients.mjs').Clients} clients
 * @returns {import('node:http').RequestListener}
 */
export function createPages(clients) {
  async function handle(request, response) {
    const { path, parameters, id } = readTarget(request.url)
    if (await serveFile(path, request, response)) return
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
