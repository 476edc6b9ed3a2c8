import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Below the ports that systems give to outgoing connections. A server that is restarted on such a port could find it
 * taken by a client, and a client that tries a port on which nobody listens can even meet itself.
 */
const firstPort = 20_000
const lastPort = 32_000
const retryMs = 10

export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort))
    const server = createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return port
    } catch {
      // Taken: another one.
    } finally {
      server.close()
    }
  }
}

/** Resolves when somebody accepts connections on the port. */
export async function accepts(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await wait(retryMs)
    } finally {
      socket.destroy()
    }
  }
}
