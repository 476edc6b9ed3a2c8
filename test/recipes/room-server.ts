import { once } from 'node:events'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a client said. */
export interface Heard {
  readonly type: string
  readonly room?: string
  readonly payload?: unknown
  readonly id?: string
}

export interface RoomServerOptions {
  /** How many chat messages whoever joins is told, in one turn. */
  readonly count?: number
  /** What else is done with each message. */
  readonly answer?: (message: Heard, say: (message: object) => void) => void
}

/** A plain server with rooms. */
export interface RoomServer {
  readonly url: string
  /** How many connections there ever were, and how many there are. */
  readonly opened: number
  readonly open: number
  /** What clients said, as messages and as they wrote it; and the codes with which they closed. */
  readonly heard: readonly Heard[]
  readonly texts: readonly string[]
  readonly closes: readonly number[]
  /** Says it to everybody. */
  say(message: object): void
  /** Loses every link, without a closing handshake. */
  cut(): void
  close(): Promise<void>
}

export async function createRoomServer({ count = 0, answer }: RoomServerOptions = {}): Promise<RoomServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const members = new Set<WebSocket>()
  const heard: Heard[] = []
  const texts: string[] = []
  const closes: number[] = []
  let opened = 0

  const hear = (socket: WebSocket, text: string) => {
    const message = JSON.parse(text) as Heard
    const say = (answered: object) => socket.send(JSON.stringify(answered))
    texts.push(text)
    heard.push(message)
    answer?.(message, say)
    if (message.type === 'leave') members.delete(socket)
    if (message.type === 'broadcast') for (const member of members) member.send(relayed(message.payload))
    if (message.type !== 'join') return
    members.add(socket)
    for (let index = 0; index < count; index++) {
      say({ type: 'chat', room: message.room, payload: { text: `${index}` } })
    }
  }

  server.on('connection', (socket) => {
    opened++
    socket.on('close', (code) => {
      closes.push(code)
      members.delete(socket)
    })
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.send(data, { binary: true })
      else hear(socket, String(data))
    })
  })
  return {
    url: `ws://127.0.0.1:${port}`,
    get opened() {
      return opened
    },
    get open() {
      return server.clients.size
    },
    heard,
    texts,
    closes,
    say(message) {
      for (const socket of server.clients) socket.send(JSON.stringify(message))
    },
    cut() {
      for (const socket of server.clients) socket.terminate()
    },
    close() {
      for (const socket of server.clients) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const relayed = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload)
