import { once } from 'node:events'

/** Listens on a port; on a free one where that is taken. */
export async function listen(server, port, host) {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code !== 'EADDRINUSE' || port === 0) throw error
    console.log(`Port ${port} is taken, so another one it is.`)
    server.listen(0, host)
    await once(server, 'listening')
  }
}

/** Where a browser on this machine finds a server that listens. */
export function addressOf(server) {
  const { address, port, family } = server.address()
  const everywhere = address === '0.0.0.0' || address === '::'
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}/`
}
