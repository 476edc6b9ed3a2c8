import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import type { Fault, FaultScope } from '../chaos/fault.ts'
import type { FaultProxy } from '../chaos/fault-proxy.ts'
import { createFaultProxy } from '../chaos/fault-proxy.ts'
import type { CaseBook } from './case-book.ts'

export interface ControlApiOptions {
  readonly book: CaseBook
  readonly targetPort: number
  /** The TLS server's port, for proxies that are opened with `secure`. */
  readonly secureTargetPort?: number
}

export interface ControlApi {
  readonly url: string
  /** Closes the proxies that tests left open, too. */
  close(): Promise<void>
}

type Body = Readonly<Record<string, unknown>>
type Handler = (id: string, body: Body) => Promise<unknown> | unknown

/** A request that the test got wrong; anything else that goes wrong is a 500. */
class BadRequest extends Error {}

const maxBodyBytes = 64 * 1024 * 1024
const host = '127.0.0.1'

/** All is POST with a JSON body of text/plain: a simple request, which costs a browser no preflight. */
export async function createControlApi(options: ControlApiOptions): Promise<ControlApi> {
  const proxies = new Map<string, FaultProxy>()
  const handlers: Readonly<Record<string, Handler>> = {
    ...proxyHandlers(options, proxies),
    ...caseHandlers(options.book),
  }
  const server = createServer((request, response) => {
    handle(request, response, handlers).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      const theirs = error instanceof BadRequest || error instanceof TypeError || error instanceof RangeError
      respond(response, theirs ? 400 : 500, { error: message })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()))
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function proxyHandlers(
  options: ControlApiOptions,
  proxies: Map<string, FaultProxy>,
): Record<string, Handler> {
  let lastId = 0
  const find = (id: string): FaultProxy => {
    const proxy = proxies.get(id)
    if (!proxy) throw new BadRequest(`no such proxy: ${id}`)
    return proxy
  }
  return {
    'proxy/open': async (_id, body) => {
      const secure = body['secure'] === true
      const targetPort = secure ? options.secureTargetPort : options.targetPort
      if (targetPort === undefined) throw new BadRequest('there is no TLS server')
      const proxy = await createFaultProxy({ targetPort, secure })
      const id = String(++lastId)
      proxies.set(id, proxy)
      return { id, port: proxy.port, url: proxy.url }
    },
    'proxy/fault': async (id, body) => {
      const scope = body['scope'] as FaultScope | undefined
      await find(id).setFault(body['faults'] as readonly Fault[], scope ? { scope } : {})
      return {}
    },
    'proxy/connections': (id) => find(id).connections,
    'proxy/close': async (id) => {
      await proxies.get(id)?.close()
      proxies.delete(id)
      return {}
    },
  }
}

function caseHandlers(book: CaseBook): Record<string, Handler> {
  const each = (name: string, body: Body, action: (socket: WebSocket) => void): { count: number } => {
    const only = body['connection']
    let count = 0
    for (const [socket, record] of book.of(name).live) {
      if (socket.readyState !== WebSocket.OPEN || (only !== undefined && record.id !== only)) continue
      action(socket)
      count += 1
    }
    return { count }
  }
  return {
    'case/connections': (name) => book.of(name).connections,
    'case/received': (name) => book.of(name).messages,
    'case/forget': (name) => {
      book.forget(name)
      return {}
    },
    'case/send': (name, body) => each(name, body, (socket) => socket.send(dataOf(body))),
    'case/ping': (name, body) => each(name, body, (socket) => socket.ping()),
    'case/close': (name, body) =>
      each(name, body, (socket) => {
        const code = body['code'] as number | undefined
        const reason = body['reason'] as string | undefined
        // By the prototype: a mute connection's own close() does nothing.
        WebSocket.prototype.close.call(socket, code, reason)
      }),
    'case/terminate': (name, body) => each(name, body, (socket) => socket.terminate()),
  }
}

function dataOf(body: Body): string | Buffer {
  const { text, base64 } = body
  if (typeof text === 'string') return text
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  throw new BadRequest('send: neither text nor base64')
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<string, Handler>>,
): Promise<void> {
  if (request.method === 'OPTIONS') {
    respond(response, 204)
    return
  }
  const [, area = '', verb = '', id = ''] = new URL(request.url ?? '/', 'http://localhost').pathname.split(
    '/',
  )
  const handler = handlers[`${area}/${verb}`]
  if (request.method !== 'POST' || !handler) {
    respond(response, 404, { error: `no such control: ${request.method ?? ''} ${request.url ?? ''}` })
    return
  }
  respond(response, 200, await handler(decodeURIComponent(id), await readBody(request)))
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new BadRequest('the body is too long')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    return text === '' ? {} : (JSON.parse(text) as Body)
  } catch {
    throw new BadRequest('the body is no JSON')
  }
}

function respond(response: ServerResponse, status: number, value?: unknown): void {
  response.writeHead(status, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'POST, OPTIONS',
    'Access-Control-Allow-Headers': '*',
    'Access-Control-Allow-Private-Network': 'true',
    'Access-Control-Max-Age': '600',
    'Cache-Control': 'no-store',
    ...(value !== undefined && { 'Content-Type': 'application/json' }),
  })
  response.end(value === undefined ? undefined : JSON.stringify(value))
}
