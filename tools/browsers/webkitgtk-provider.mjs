/**
 * A provider for vitest's browser mode: WebKitGTK, steered by its own WebDriver. One page at a time, because that
 * driver has one session; pages are opened and closed, and nothing in them is clicked.
 */
import { defineBrowserProvider } from '@vitest/browser'
import { openSession } from './webdriver.mjs'
import { startWebKitDriver } from './webkit-driver.mjs'
import { findMiniBrowser, findWebKitDriver, findXvfb, missingOfWebKit } from './webkitgtk.mjs'
import { startXvfb } from './xvfb.mjs'

/** What was started, to be ended in the opposite order. */
class WebKitGTK {
  name = 'webkitgtk'
  supportsParallelism = false
  /** @type {(() => Promise<void>)[]} */
  #endings = []
  /** @type {Promise<import('./webdriver.mjs').Session> | undefined} */
  #session

  getCommandsContext() {
    return {}
  }

  /**
   * @param {string} _sessionId
   * @param {string} url
   */
  async openPage(_sessionId, url) {
    this.#session ??= this.#start()
    const session = await this.#session
    await session.open(url)
  }

  async close() {
    await this.#session?.catch(() => undefined)
    for (const end of this.#endings.splice(0).reverse()) await end().catch(() => undefined)
  }

  async #start() {
    const [browser, driver, xvfb] = [findMiniBrowser(), findWebKitDriver(), findXvfb()]
    if (!browser || !driver || !xvfb)
      throw new Error(`WebKitGTK can't be driven without ${missingOfWebKit()}`)
    const screen = await startXvfb(xvfb)
    this.#endings.push(screen.stop)
    const service = await startWebKitDriver(driver, screen.display)
    this.#endings.push(service.stop)
    const session = await openSession(service.url, {
      browserName: 'MiniBrowser',
      acceptInsecureCerts: true,
      'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
    })
    this.#endings.push(session.close)
    return session
  }
}

export function webkitgtk() {
  return defineBrowserProvider({
    name: 'webkitgtk',
    supportedBrowser: ['webkit'],
    options: {},
    providerFactory: () => new WebKitGTK(),
  })
}
