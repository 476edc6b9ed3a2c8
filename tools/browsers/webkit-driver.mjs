import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild } from './child.mjs'
import { isReady } from './webdriver.mjs'

const readyTimeoutMs = 20_000
const host = '127.0.0.1'

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/**
 * WebKitWebDriver, listening. It can't be asked to choose a port by itself.
 *
 * @param {string} program
 * @param {string} display
 * @returns {Promise<import('./child.mjs').Child & { readonly url: string }>}
 */
export async function startWebKitDriver(program, display) {
  const port = await freePort()
  const url = `http://${host}:${port}`
  const child = startChild(program, [`--host=${host}`, `--port=${port}`], {
    env: { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1' },
  })
  let gone = false
  void child.ended.then(() => {
    gone = true
  })
  const deadline = performance.now() + readyTimeoutMs
  while (!(await isReady(url))) {
    if (gone || performance.now() > deadline) {
      await child.stop()
      throw new Error(`${program} ${gone ? 'ended' : 'was not ready in time'}`)
    }
    await sleep(50)
  }
  return { ...child, url }
}
