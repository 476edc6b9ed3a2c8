import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'

/** @param {http.Server} server @returns {Promise<number>} */
function listenOn(server) {
  return new Promise((resolve) => {
    server.listen(0, 'localhost', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

/**
 * Two servers with the same behaviour, one without and one with TLS.
 *
 * @param {{ certFile: string, keyFile: string }} certificate
 * @param {(server: http.Server) => void} attach gives a server its behaviour
 * @returns {Promise<import('../lib/context.mjs').Bases>}
 */
export async function listen({ certFile, keyFile }, attach) {
  const plain = http.createServer()
  const secure = https.createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) })
  for (const server of [plain, secure]) attach(server)
  return {
    ws: `ws://localhost:${await listenOn(plain)}`,
    wss: `wss://localhost:${await listenOn(secure)}`,
  }
}
