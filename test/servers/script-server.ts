import type { IncomingMessage, Server } from 'node:http'
import { createServer, STATUS_CODES } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { behaviours } from './behaviours.ts'
import type { CaseBook } from './case-book.ts'
import { createCaseBook } from './case-book.ts'
import type { ConnectionRecord } from './records.ts'
import { createScriptConnection, queryNumber, runOrClose } from './script-connection.ts'

export interface ScriptServerOptions {
  /** Servers that share one book look like one server to the control API. */
  readonly book?: CaseBook
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface ScriptServer {
  readonly port: number
  /** `ws://127.0.0.1:<port>` or `wss://…`, without a path. */
  readonly url: string
  readonly secure: boolean
  readonly book: CaseBook
  close(): Promise<void>
}

/** A connection that came, and what its URL asks for. */
interface Arrival {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly query: URLSearchParams
  readonly record: ConnectionRecord
}

const host = '127.0.0.1'

export async function createScriptServer(options: ScriptServerOptions = {}): Promise<ScriptServer> {
  const { book = createCaseBook(), tls } = options
  const secure = tls !== undefined
  const server: Server = tls ? createSecureServer(tls) : createServer()
  const sockets = new Set<Duplex>()
  const acceptors = createAcceptors()

  server.on('request', (_request, response) => response.writeHead(426).end())
  server.on(secure ? 'secureConnection' : 'connection', (socket: Duplex) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until ws takes over, a reset by the client would otherwise end the process.
    socket.on('error', () => undefined)
    const arrival = { request, socket, head, ...register(request, book, secure) }
    socket.once('close', () => markGone(arrival.record))
    const delayMs = optionalNumber(arrival.query, 'upgradeDelayMs') ?? 0
    if (delayMs === 0) answer(arrival, book, acceptors)
    else later(delayMs, socket, () => answer(arrival, book, acceptors))
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${secure ? 'wss' : 'ws'}://${host}:${port}`,
    secure,
    book,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
        server.closeAllConnections()
      }),
  }
}

function register(
  request: IncomingMessage,
  book: CaseBook,
  secure: boolean,
): Pick<Arrival, 'query' | 'record'> {
  const url = new URL(request.url ?? '/', 'ws://localhost')
  const query = url.searchParams
  const record: ConnectionRecord = {
    id: book.nextConnectionId(),
    case: query.get('case') ?? 'default',
    path: url.pathname,
    query: Object.fromEntries(query),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    secure,
    offeredProtocols: (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/).filter(Boolean),
    protocol: '',
    state: 'handshake',
    startedAt: Date.now(),
    messageCount: 0,
    pingCount: 0,
    pongCount: 0,
  }
  book.of(record.case).connections.push(record)
  return { query, record }
}

function answer(arrival: Arrival, book: CaseBook, acceptors: Acceptors): void {
  const { request, socket, head, query, record } = arrival
  const refusal = refusalFor(arrival, book)
  const behaviour = behaviours[record.path]
  if (refusal !== undefined || !behaviour) {
    reject(arrival, refusal ?? 404)
    return
  }
  acceptors.for(record.path, query).handleUpgrade(request, socket, head, (accepted) => {
    record.state = 'open'
    record.openedAt = Date.now()
    record.protocol = accepted.protocol
    const connection = createScriptConnection(accepted, record, query, book)
    runOrClose(accepted, () => behaviour(connection))
  })
}

/** `/reject`, or on any path `rejectFirst=N`: the first N attempts of the case. */
function refusalFor({ query, record }: Arrival, book: CaseBook): number | undefined {
  const found = book.of(record.case)
  const first = optionalNumber(query, 'rejectFirst') ?? 0
  const refused = record.path === '/reject' || found.rejections < first
  if (refused) found.rejections += 1
  return refused ? (optionalNumber(query, 'status') ?? 503) : undefined
}

function reject({ socket, query, record }: Arrival, status: number): void {
  record.state = 'rejected'
  record.status = status
  record.closedAt = Date.now()
  const body = STATUS_CODES[status] ?? 'Refused'
  const lines = [
    `HTTP/1.1 ${status} ${body}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
  ]
  const retryAfter = query.get('retryAfter')
  if (retryAfter !== null) lines.push(`Retry-After: ${retryAfter.replace(/[\r\n]/g, '')}`)
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

interface Acceptors {
  for(path: string, query: URLSearchParams): WebSocketServer
}

/** `ws` sets these by server and not by connection, so there is one acceptor for each combination in use. */
function createAcceptors(): Acceptors {
  const known = new Map<string, WebSocketServer>()
  return {
    for(path, query) {
      const autoPong = path !== '/mute' && query.get('autoPong') !== '0'
      const deflate = path === '/deflate'
      const maxPayload = optionalNumber(query, 'maxPayload') ?? 100 * 1024 * 1024
      const key = `${autoPong} ${deflate} ${maxPayload}`
      const acceptor =
        known.get(key) ??
        new WebSocketServer({
          noServer: true,
          clientTracking: false,
          autoPong,
          maxPayload,
          perMessageDeflate: deflate ? { threshold: 0 } : false,
          handleProtocols,
        })
      known.set(key, acceptor)
      return acceptor
    },
  }
}

/** The first that was offered; or as `pick` says: `last`, `none`, or a name (offered or not). */
function handleProtocols(offered: Set<string>, request: IncomingMessage): string | false {
  const pick = new URL(request.url ?? '/', 'ws://localhost').searchParams.get('pick')
  if (pick === 'none') return false
  if (pick === 'last') return [...offered].at(-1) ?? false
  return pick ?? [...offered][0] ?? false
}

/** A client that left before it was answered. */
function markGone(record: ConnectionRecord): void {
  if (record.state !== 'handshake') return
  record.state = 'closed'
  record.closedAt = Date.now()
}

function optionalNumber(query: URLSearchParams, name: string): number | undefined {
  try {
    return query.has(name) ? queryNumber(query, name, 0) : undefined
  } catch {
    return undefined
  }
}

/** Unread, a socket would not show that its client has left; before the answer there is nothing to lose. */
function later(delayMs: number, socket: Duplex, action: () => void): void {
  const leave = (): void => void socket.end()
  const timer = setTimeout(() => {
    socket.off('end', leave)
    socket.pause()
    action()
  }, delayMs)
  socket.once('close', () => clearTimeout(timer))
  socket.once('end', leave)
  socket.resume()
}
