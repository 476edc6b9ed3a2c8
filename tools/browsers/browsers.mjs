/**
 * The browsers that the tests know: which one is here, and why another is not.
 *
 * @typedef {{ title: () => string, missing: () => string | undefined }} Browser
 */
import { chromiumVersion, findChromium } from './chromium.mjs'
import { findFirefox, firefoxVersion } from './firefox.mjs'
import { missingOfWebKit, webkitVersion } from './webkitgtk.mjs'

/**
 * @param {string} name
 * @param {() => string | undefined} version
 */
const titled = (name, version) => () => `${name} ${version() ?? ''}`.trim()

/** @satisfies {Readonly<Record<string, Browser>>} */
export const browsers = {
  chromium: {
    title: titled('Chromium', chromiumVersion),
    missing: () => (findChromium() === undefined ? 'no Chromium found: set CHROMIUM to its path' : undefined),
  },
  firefox: {
    title: titled('Firefox', firefoxVersion),
    missing: () => (findFirefox() === undefined ? 'no Firefox found: set FIREFOX to its path' : undefined),
  },
  webkit: {
    title: titled('WebKitGTK', webkitVersion),
    missing: () => {
      const missing = missingOfWebKit()
      return missing && `no ${missing} found: tools/browsers/webkitgtk.mjs says where it is looked for`
    },
  },
}
