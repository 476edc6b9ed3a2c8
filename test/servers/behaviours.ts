import { WebSocket } from 'ws'
import { plain } from './plain-behaviour.ts'
import type { ScriptConnection } from './script-connection.ts'

export type Behaviour = (connection: ScriptConnection) => void

/** What a connection to each path does once it is open. The query holds the numbers. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  '/echo': echo,
  '/deflate': echo,
  '/protocol': tellProtocol,
  '/close': close,
  '/accept-then-close': (connection) => sendOff(connection, 30, () => closeAsAsked(connection)),
  '/terminate': (connection) => sendOff(connection, 0, () => connection.socket.terminate()),
  '/ping': ping,
  '/json-ping': jsonPing,
  '/json-pong': jsonPong,
  '/mute': mute,
  '/sink': () => undefined,
  '/push': push,
  '/relay': relay,
  '/plain': plain,
}

function echo({ socket, onMessage }: ScriptConnection): void {
  onMessage((data, binary) => socket.send(data, { binary }))
}

function tellProtocol(connection: ScriptConnection): void {
  const { socket, record } = connection
  socket.send(JSON.stringify({ offered: record.offeredProtocols, selected: socket.protocol }))
  echo(connection)
}

function close(connection: ScriptConnection): void {
  sendOff(connection, 0, () => closeAsAsked(connection))
}

function closeAsAsked({ socket, number, text }: ScriptConnection): void {
  const code = number('code', 0)
  if (code === 0) socket.close()
  else socket.close(code, text('reason') ?? '')
}

/** After the given number of messages, or else after the given time. */
function sendOff(connection: ScriptConnection, defaultAfterMs: number, action: () => void): void {
  const { number, after, onMessage } = connection
  const afterMessages = number('afterMessages', 0)
  if (afterMessages === 0) {
    after(number('afterMs', defaultAfterMs), action)
    return
  }
  onMessage(() => {
    if (connection.record.messageCount === afterMessages) after(number('afterMs', 0), action)
  })
}

function ping({ socket, number, every }: ScriptConnection): void {
  const limit = number('limit', Infinity)
  let sent = 0
  every(number('everyMs', 50), () => {
    if (sent++ < limit && socket.readyState === WebSocket.OPEN) socket.ping()
  })
}

/** `withId=1` numbers the pings; `limit` makes it a peer that stops. The answers stand in the record. */
function jsonPing({ socket, number, every }: ScriptConnection): void {
  const withId = number('withId', 0) === 1
  const limit = number('limit', Infinity)
  let sent = 0
  every(number('everyMs', 50), () => {
    if (sent >= limit || socket.readyState !== WebSocket.OPEN) return
    sent += 1
    socket.send(JSON.stringify(withId ? { type: 'ping', id: `server-${sent}` } : { type: 'ping' }))
  })
}

/** Answers pings and nothing else; `limit` makes it fall silent, `delayMs` slow. */
function jsonPong({ socket, number, after, onMessage }: ScriptConnection): void {
  const limit = number('limit', Infinity)
  const delayMs = number('delayMs', 0)
  let answered = 0
  const answer = (text: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text)
  }
  onMessage((data, binary) => {
    const message = binary ? undefined : parsed(data)
    if (message?.['type'] !== 'ping' || answered >= limit) return
    answered += 1
    const id = message['id']
    const pong = JSON.stringify(id === undefined ? { type: 'pong' } : { type: 'pong', id })
    if (delayMs === 0) answer(pong)
    else after(delayMs, () => answer(pong))
  })
}

/** Reads, and answers nothing: no pong (the server sets autoPong off for this path), no close frame. */
function mute({ socket }: ScriptConnection): void {
  // ws answers a close frame by calling this very method.
  socket.close = () => undefined
}

function push({ socket, number, every }: ScriptConnection): void {
  const count = number('count', 1)
  const size = number('size', 16)
  const everyMs = number('everyMs', 0)
  const binary = number('binary', 0) === 1
  let sent = 0
  if (everyMs > 0) {
    every(everyMs, () => {
      if (sent < count && socket.readyState === WebSocket.OPEN) socket.send(pushed(sent++, size, binary))
    })
    return
  }
  const next = (): void => {
    // One after the other, so that a slow reader does not make this process hold them all.
    if (sent < count && socket.readyState === WebSocket.OPEN) socket.send(pushed(sent++, size, binary), next)
  }
  next()
}

/** Text `<index>:xxx…`, or a uint32 index and zeros; of exactly `size` bytes where the index fits. */
function pushed(index: number, size: number, binary: boolean): string | Buffer {
  if (!binary) return `${index}:`.padEnd(size, 'x')
  const bytes = Buffer.alloc(Math.max(4, size))
  bytes.writeUInt32BE(index)
  return bytes
}

/** To everybody else in the case, as a careless chat server does it: pings are relayed too. */
function relay(connection: ScriptConnection): void {
  connection.onMessage((data, binary) => {
    for (const peer of connection.case.live.keys()) {
      if (peer !== connection.socket && peer.readyState === WebSocket.OPEN) peer.send(data, { binary })
    }
  })
}

function parsed(data: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
