import { createServer } from 'node:http'

/**
 * @typedef {import('../../test/harness/report.ts').Told} Told
 * @typedef {{ url: string, told: Told[], doneWith(file: string): Promise<void>, close(): void }} Results
 */

/** Hears what the runtimes tell of their tests. @returns {Promise<Results>} */
export async function listenForResults() {
  /** @type {Told[]} */
  const told = []
  /** @type {Map<string, () => void>} */
  const waiting = new Map()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    /** @type {Told} */
    const one = JSON.parse(body)
    told.push(one)
    response.end()
    if ('done' in one) waiting.get(one.done)?.()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    doneWith: (file) => new Promise((resolve) => waiting.set(file, resolve)),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
