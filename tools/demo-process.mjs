import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { root } from './root.mjs'

/**
 * demo/server.mjs as its own process, as `npm start` runs it.
 *
 * @typedef {object} DemoProcess
 * @property {string} address `http://127.0.0.1:<port>/`
 * @property {() => Promise<number | null>} stop ends it by a signal; answers its exit code
 */

/** The address stands on a line of its own. @param {import('node:stream').Readable} output */
async function readAddress(output) {
  const lines = []
  for await (const line of createInterface({ input: output })) {
    lines.push(line)
    if (/^http:\/\/\S+\/$/.test(line)) return line
  }
  throw new Error(`The demo ended before it listened: ${lines.join('\n')}`)
}

/**
 * Starts the demo on a free port, unless the environment says otherwise.
 *
 * @param {Record<string, string>} [environment]
 * @returns {Promise<DemoProcess>}
 */
export async function startDemo(environment = {}) {
  const child = spawn(process.execPath, ['demo/server.mjs'], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const address = await readAddress(child.stdout)
  // Nobody reads on; a full pipe would stop it.
  child.stdout.resume()
  return {
    address,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await exited
      return code
    },
  }
}
