import type { RawData } from 'ws'
import { WebSocket } from 'ws'
import type { Case, CaseBook } from './case-book.ts'
import type { ConnectionRecord } from './records.ts'

/** One open connection, as a behaviour sees it. Its timers end with it. */
export interface ScriptConnection {
  readonly socket: WebSocket
  readonly record: ConnectionRecord
  readonly case: Case
  /** A number from the query; `fallback` where there is none. Nonsense closes the link with 1011. */
  number(name: string, fallback: number): number
  text(name: string): string | undefined
  after(delayMs: number, action: () => void): void
  every(periodMs: number, action: () => void): void
  onMessage(listener: (data: Buffer, binary: boolean) => void): void
}

export function createScriptConnection(
  socket: WebSocket,
  record: ConnectionRecord,
  query: URLSearchParams,
  book: CaseBook,
): ScriptConnection {
  const timers = new Set<NodeJS.Timeout>()
  const listeners: ((data: Buffer, binary: boolean) => void)[] = []
  const found = book.of(record.case)
  const guarded = (action: () => void) => () => runOrClose(socket, action)

  found.live.set(socket, record)
  socket.on('message', (raw: RawData, binary: boolean) => {
    const data = toBuffer(raw)
    book.recordMessage(record, data, binary)
    for (const listener of listeners) runOrClose(socket, () => listener(data, binary))
  })
  socket.on('ping', () => {
    record.pingCount += 1
  })
  socket.on('pong', () => {
    record.pongCount += 1
  })
  socket.on('error', (error: Error) => {
    record.error = error.message
  })
  socket.on('close', (code: number, reason: Buffer) => {
    for (const timer of timers) clearTimeout(timer)
    found.live.delete(socket)
    record.state = 'closed'
    record.closedAt = Date.now()
    record.closeCode = code
    record.closeReason = reason.toString('utf8')
  })

  return {
    socket,
    record,
    case: found,
    number: (name, fallback) => queryNumber(query, name, fallback),
    text: (name) => query.get(name) ?? undefined,
    after: (delayMs, action) => void timers.add(setTimeout(guarded(action), delayMs)),
    every: (periodMs, action) => void timers.add(setInterval(guarded(action), periodMs)),
    onMessage: (listener) => void listeners.push(listener),
  }
}

/** A mistake in a test's query must be seen in that test, and must not end the server for the others. */
export function runOrClose(socket: WebSocket, action: () => void): void {
  try {
    action()
  } catch (error) {
    // By the prototype: a mute connection's own close() does nothing.
    const reason = error instanceof Error ? error.message : String(error)
    WebSocket.prototype.close.call(socket, 1011, reason.slice(0, 100))
  }
}

export function queryNumber(query: URLSearchParams, name: string, fallback: number): number {
  const given = query.get(name)
  if (given === null) return fallback
  const value = Number(given)
  if (given === '' || !Number.isFinite(value) || value < 0) {
    throw new RangeError(`query: ${name} must be a number >= 0, not '${given}'`)
  }
  return value
}

function toBuffer(raw: RawData): Buffer {
  if (Array.isArray(raw)) return Buffer.concat(raw)
  return Buffer.isBuffer(raw) ? raw : Buffer.from(raw)
}
