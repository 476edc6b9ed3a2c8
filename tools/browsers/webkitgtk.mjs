/**
 * The WebKitGTK that the tests drive: its small browser ($MINIBROWSER), the driver that steers it
 * ($WEBKIT_WEB_DRIVER), and the X server without a screen that it is shown on ($XVFB).
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findProgram } from './find-program.mjs'
import { programVersion } from './program-version.mjs'

/** Debian's library folder bears the name of the machine's architecture, and the browser's the name of its API. */
function miniBrowserPlaces() {
  const entries = (/** @type {string} */ folder) => {
    try {
      return readdirSync(folder).map((name) => `${folder}/${name}`)
    } catch {
      return []
    }
  }
  return ['/usr/libexec', '/usr/lib', ...entries('/usr/lib')]
    .flatMap(entries)
    .filter((folder) => /\/webkit(2gtk|gtk)-[\d.]+$/.test(folder))
    .map((folder) => `${folder}/MiniBrowser`)
}

export const findMiniBrowser = () => findProgram('MINIBROWSER', miniBrowserPlaces())
export const findWebKitDriver = () => findProgram('WEBKIT_WEB_DRIVER', ['/usr/bin/WebKitWebDriver'])
export const findXvfb = () => findProgram('XVFB', ['/usr/bin/Xvfb'])

/** @returns {string | undefined} */
export function webkitVersion() {
  if (missingOfWebKit() !== undefined) return undefined
  return programVersion(process.execPath, [fileURLToPath(new URL('webkitgtk-version.mjs', import.meta.url))])
}

/** What is not there, for a person who wants to install it. */
export function missingOfWebKit() {
  const found = { MiniBrowser: findMiniBrowser(), WebKitWebDriver: findWebKitDriver(), Xvfb: findXvfb() }
  const missing = Object.entries(found).flatMap(([name, path]) => (path === undefined ? [name] : []))
  return missing.length === 0 ? undefined : missing.join(', ')
}
