import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A bare TCP end that notes all that happens to it, for proofs about single bytes, FINs and RSTs. */
export interface TcpPeer {
  readonly socket: Socket
  /** Each read by itself. */
  readonly reads: readonly Buffer[]
  readonly bytes: Buffer
  readonly connected: boolean
  /** The other side sent a FIN. */
  readonly ended: boolean
  readonly closed: boolean
  readonly errorCode: string | undefined
}

export interface TcpTarget {
  readonly port: number
  readonly peers: readonly TcpPeer[]
  close(): Promise<void>
}

export function tcpPeer(socket: Socket): TcpPeer {
  const reads: Buffer[] = []
  const state = {
    connected: !socket.connecting,
    ended: false,
    closed: false,
    errorCode: undefined as string | undefined,
  }
  socket.on('connect', () => {
    state.connected = true
  })
  socket.on('data', (bytes: Buffer) => reads.push(bytes))
  socket.on('end', () => {
    state.ended = true
  })
  socket.on('close', () => {
    state.closed = true
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    state.errorCode = error.code
  })
  return {
    socket,
    reads,
    get bytes() {
      return Buffer.concat(reads)
    },
    get connected() {
      return state.connected
    },
    get ended() {
      return state.ended
    },
    get closed() {
      return state.closed
    },
    get errorCode() {
      return state.errorCode
    },
  }
}

/** `allowHalfOpen` everywhere, so that nothing is answered which the test did not answer. */
export function tcpClient(port: number): TcpPeer {
  return tcpPeer(connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }))
}

export async function tcpTarget(): Promise<TcpTarget> {
  const peers: TcpPeer[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => peers.push(tcpPeer(socket)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const peer of peers) peer.socket.destroy()
      }),
  }
}
