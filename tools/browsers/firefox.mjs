/** The Firefox that the tests drive: $FIREFOX, or where the usual packages put it. */
import { findProgram } from './find-program.mjs'
import { programVersion } from './program-version.mjs'

const usualPlaces = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]

export const findFirefox = () => findProgram('FIREFOX', usualPlaces)

/** @returns {string | undefined} */
export function firefoxVersion() {
  const path = findFirefox()
  return path && programVersion(path)
}

/**
 * For playwright's `launch`. The channel is playwright's name for a Firefox as its maker ships it, spoken to by
 * WebDriver BiDi; without it playwright expects a build of its own.
 */
export function firefoxLaunchOptions() {
  const executablePath = findFirefox()
  return {
    ...(executablePath !== undefined && { executablePath }),
    channel: 'moz-firefox',
    headless: true,
    firefoxUserPrefs: {
      'app.normandy.enabled': false,
      'app.update.auto': false,
      'browser.safebrowsing.malware.enabled': false,
      'browser.safebrowsing.phishing.enabled': false,
      'datareporting.healthreport.uploadEnabled': false,
      'extensions.update.enabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'toolkit.telemetry.enabled': false,
    },
  }
}
