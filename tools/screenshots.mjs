/**
 * `node tools/screenshots.mjs`: takes the pictures of the demo that stand in docs/images, on the built bundle. It runs
 * the demo for about a minute, at its usual pace, so the waits that they show are real draws.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { chromiumLaunchOptions } from './browsers/chromium.mjs'
import { startDemo } from './demo-process.mjs'
import { leanPng } from './lean-png.mjs'
import { root } from './root.mjs'

/** @typedef {import('playwright-core').Page} Page */

const folder = fileURLToPath(new URL('docs/images/', root))
const MAX_BYTES = 250_000

const devices = {
  phone: { viewport: { width: 390, height: 1_720 }, deviceScaleFactor: 1.5 },
  desktop: { viewport: { width: 1_280, height: 900 }, deviceScaleFactor: 1 },
}
const schemes = /** @type {const} */ (['light', 'dark'])

/**
 * Waits until an element's text is, or a figure's is at least, what is asked for.
 *
 * @param {Page} page
 * @param {string} id
 * @param {string | number} wanted
 */
function reaches(page, id, wanted) {
  return page.waitForFunction(
    ({ id, wanted }) => {
      const text = document.getElementById(id)?.textContent ?? ''
      return typeof wanted === 'number' ? Number.parseInt(text, 10) >= wanted : text === wanted
    },
    { id, wanted },
  )
}

/** @param {Page} page @param {number} count how many more numbered messages the server has by then */
async function receives(page, count) {
  await reaches(page, 'received', Number(await page.locator('#received').textContent()) + count)
}

/** Makes the page interesting: ends in a wait, with a past. @param {Page} page */
async function makeHistory(page) {
  await receives(page, 6)
  for (const harm of ['silent', 'cut', 'restart']) {
    const links = Number(await page.locator('#links').textContent())
    await page.click(`#${harm}`)
    await reaches(page, 'links', links + 1)
    await receives(page, 3)
  }
  await page.click('#slow')
  await receives(page, 4)
  await page.click('#slow')
  await receives(page, 5)
  await page.click('#refuse')
  await reaches(page, 'queued', 7)
  await reaches(page, 'status-word', 'Waiting')
  // No button is pointed at in the picture.
  await page.mouse.move(0, 0)
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @param {keyof typeof devices} device
 * @param {typeof schemes[number]} colorScheme
 */
async function take(browser, address, device, colorScheme) {
  const page = await browser.newPage({ ...devices[device], colorScheme })
  await page.goto(address)
  await makeHistory(page)
  const picture = leanPng(await page.screenshot({ fullPage: device === 'desktop' }))
  const name = `demo-${device}-${colorScheme}.png`
  if (picture.length > MAX_BYTES)
    throw new Error(`${name} has ${picture.length} bytes, too many for the docs`)
  await writeFile(`${folder}${name}`, picture)
  console.log(`docs/images/${name}  ${Math.round(picture.length / 1_000)} kB`)
}

await mkdir(folder, { recursive: true })
const demo = await startDemo()
try {
  const browser = await chromium.launch(chromiumLaunchOptions())
  try {
    const pictures = schemes.flatMap((scheme) => [
      take(browser, demo.address, 'phone', scheme),
      take(browser, demo.address, 'desktop', scheme),
    ])
    await Promise.all(pictures)
  } finally {
    await browser.close()
  }
} finally {
  await demo.stop()
}
