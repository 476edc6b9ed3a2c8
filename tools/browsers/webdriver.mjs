/**
 * The few words of W3C WebDriver that a test run needs, over HTTP.
 *
 * @typedef {{ open(url: string): Promise<void>, close(): Promise<void> }} Session
 */

/** Longer than a page takes to load on a busy machine; a driver that hangs must not hang the run. */
const callTimeoutMs = 60_000

/**
 * @param {string} driver The driver's address.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<unknown>}
 */
async function call(driver, method, path, body) {
  const response = await fetch(`${driver}${path}`, {
    method,
    signal: AbortSignal.timeout(callTimeoutMs),
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }),
  })
  const { value } = /** @type {{ value: any }} */ (await response.json())
  if (!response.ok) throw new Error(`WebDriver ${method} ${path}: ${value?.error}: ${value?.message}`)
  return value
}

/**
 * @param {string} driver
 * @returns {Promise<boolean>} Whether it is there and takes a session.
 */
export async function isReady(driver) {
  try {
    const status = /** @type {{ ready?: boolean }} */ (await call(driver, 'GET', '/status'))
    return status.ready === true
  } catch {
    return false
  }
}

/**
 * @param {string} driver
 * @param {Readonly<Record<string, unknown>>} capabilities
 * @returns {Promise<Session>}
 */
export async function openSession(driver, capabilities) {
  const created = await call(driver, 'POST', '/session', { capabilities: { alwaysMatch: capabilities } })
  const path = `/session/${/** @type {{ sessionId: string }} */ (created).sessionId}`
  return {
    open: async (url) => void (await call(driver, 'POST', `${path}/url`, { url })),
    close: async () => void (await call(driver, 'DELETE', path)),
  }
}
