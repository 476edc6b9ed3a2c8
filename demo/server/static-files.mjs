import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

const root = new URL('../../', import.meta.url)

const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
}

const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:",
}

/** The files of a folder of demo/, by the path under which the page asks for them. */
function filesOf(folder) {
  const names = readdirSync(new URL(`demo/${folder}/`, root)).filter((name) =>
    Object.hasOwn(types, extname(name)),
  )
  return names.map((name) => /** @type {const} */ ([`/${folder}/${name}`, `demo/${folder}/${name}`]))
}

/** All that is served: a path that is not in this table does not exist, so none can lead out of it. */
const files = new Map([
  ['/', 'demo/index.html'],
  ['/main.js', 'demo/main.js'],
  ['/chat', 'demo/chat.html'],
  ['/chat.js', 'demo/chat.js'],
  ...filesOf('chat'),
  ...filesOf('styles'),
  ...filesOf('page'),
  ...filesOf('shared'),
  ['/vendor/uplot.js', 'node_modules/uplot/dist/uPlot.iife.min.js'],
  ['/vendor/uplot.css', 'node_modules/uplot/dist/uPlot.min.css'],
  ['/holdfast.min.js', 'dist/holdfast.min.js'],
  ['/holdfast.min.js.map', 'dist/holdfast.min.js.map'],
])

/**
 * Answers a request for a file. Says whether there is such a file.
 *
 * @param {string} path
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
export async function serveFile(path, request, response) {
  const file = files.get(path)
  if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
  const content = await readFile(new URL(file, root))
  response.writeHead(200, {
    ...headers,
    'content-type': types[extname(file)],
    'content-length': content.length,
  })
  response.end(request.method === 'HEAD' ? undefined : content)
  return true
}
