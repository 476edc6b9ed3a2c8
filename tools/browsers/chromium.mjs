/** The Chromium that the tests drive: $CHROMIUM, or where the usual packages put it. */
import { findProgram } from './find-program.mjs'
import { programVersion } from './program-version.mjs'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export const findChromium = () => findProgram('CHROMIUM', usualPlaces)

/** @returns {string | undefined} */
export function chromiumVersion() {
  const path = findChromium()
  return path && programVersion(path, ['--version', '--no-sandbox'])
}

/** For playwright's `launch`: Debian's browser instead of a downloaded one, as root, silent on the network. */
export function chromiumLaunchOptions() {
  const executablePath = findChromium()
  return {
    ...(executablePath !== undefined && { executablePath }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  }
}
