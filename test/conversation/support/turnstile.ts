import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server on which nothing is changed, and everybody who comes is counted. */
export interface Turnstile {
  /** How many connections were made so far. */
  readonly count: number
  /** The same address, by this way. */
  by(url: string): string
}

/** A turnstile of the running test's, in front of a port. */
export async function startTurnstile(port: number): Promise<Turnstile> {
  let count = 0
  const open = new Set<Socket>()
  const server = createServer((inner) => {
    count++
    const outer = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  const own = (server.address() as AddressInfo).port
  return {
    get count() {
      return count
    },
    by: (url) => url.replace(`:${port}/`, `:${own}/`),
  }
}
