/** The Chromium that the tests drive: $CHROMIUM, or where the usual packages put it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** @returns {string | undefined} */
export function findChromium() {
  const chosen = process.env['CHROMIUM']
  return (chosen ? [chosen] : usualPlaces).find((path) => existsSync(path))
}

/** @returns {string | undefined} */
export function chromiumVersion() {
  const path = findChromium()
  if (path === undefined) return undefined
  const { stdout } = spawnSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8', timeout: 20_000 })
  return stdout?.match(/[\d.]+/)?.[0]
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
