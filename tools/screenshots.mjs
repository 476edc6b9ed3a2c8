/**
 * `node tools/screenshots.mjs`: takes the pictures of the demo that stand in docs/images, on the built bundle. It runs
 * the demo for about two minutes, at its usual pace, so the waits that they show are real draws.
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
const MAX_BYTES = 280_000

const devices = {
  phone: { viewport: { width: 390, height: 1_720 }, deviceScaleFactor: 1.5 },
  desktop: { viewport: { width: 1_280, height: 900 }, deviceScaleFactor: 1 },
}
/** Narrower, because it is longer. */
const CHAT_DESKTOP = { width: 1_100, height: 900 }
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

/** @param {Page} page @param {string} text */
async function say(page, text) {
  await page.fill('#text', text)
  await page.press('#text', 'Enter')
}

/** @param {Page} page @param {string} name */
async function join(page, name) {
  await page.fill('#my-name', name)
  await page.press('#my-name', 'Enter')
  await reaches(page, 'room-status', 'joined')
}

/**
 * Two pages talk and draw; one loses its link, is sent a bad message, and sends a file when its picture is taken.
 *
 * @param {Page} page
 * @param {Page} other
 */
async function makeTalk(page, other) {
  await join(other, 'Sea otter')
  await join(page, 'Limpet')
  await say(page, 'Anybody on this rock?')
  await say(other, 'Holding fast.')
  for (const [painter, ink] of /** @type {const} */ ([
    [page, 0],
    [page, 2],
    [other, 1],
  ])) {
    await painter.check(`#ink-${ink}`)
    await painter.click('#wave')
  }
  await reaches(page, 'frames-back', 240)
  await reaches(page, 'frames-others', 120)
  await page.fill('#room-wanted', 'forbidden')
  await page.press('#room-wanted', 'Enter')
  await page.click('#rooms button')
  await page.click('#cut')
  await say(page, 'Was that a wave?')
  await reaches(page, 'status-word', 'Open')
  await page.click('#wrong-payload')
  await reaches(page, 'wrong-name', 'invalid')
  await page.click('#send-5')
  await page.waitForFunction(() =>
    /[5-9]\d %$/.test(document.getElementById('upload-note')?.textContent ?? ''),
  )
  await say(page, 'And I talk while a file goes up.')
  await page.waitForFunction(() =>
    /✓/.test(document.querySelector('#lines li:last-child small')?.textContent ?? ''),
  )
  // Neither a button nor a field is pointed at in the picture.
  await page.mouse.move(0, 0)
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    scrollTo(0, 0)
  })
}

/** @typedef {{ device: keyof typeof devices, colorScheme: typeof schemes[number] }} Look */

/**
 * @param {Page} page
 * @param {string} subject
 * @param {Look} look
 * @param {import('playwright-core').PageScreenshotOptions} [part]
 */
async function take(page, subject, { device, colorScheme }, part = { fullPage: device === 'desktop' }) {
  const picture = leanPng(await page.screenshot(part))
  const name = `${subject}-${device}-${colorScheme}.png`
  if (picture.length > MAX_BYTES)
    throw new Error(`${name} has ${picture.length} bytes, too many for the docs`)
  await writeFile(`${folder}${name}`, picture)
  console.log(`docs/images/${name}  ${Math.round(picture.length / 1_000)} kB`)
}

/** @param {import('playwright-core').Browser} browser @param {string} address @param {Look} look */
async function takeDemo(browser, address, look) {
  const page = await browser.newPage({ ...devices[look.device], colorScheme: look.colorScheme })
  await page.goto(address)
  await makeHistory(page)
  await take(page, 'demo', look)
  await page.close()
}

/** All but the last row of cards: the whole page would be too much for the docs. @param {Page} page */
async function untilFile(page) {
  const last = await page.locator('.upload-card').boundingBox()
  const height = Math.round((last?.y ?? 0) + (last?.height ?? 0) + 16)
  return { fullPage: true, clip: { x: 0, y: 0, width: CHAT_DESKTOP.width, height } }
}

/** @param {import('playwright-core').Browser} browser @param {string} address @param {Look} look */
async function takeChat(browser, address, look) {
  const other = await browser.newPage()
  const page = await browser.newPage({ ...devices[look.device], colorScheme: look.colorScheme })
  if (look.device === 'desktop') await page.setViewportSize(CHAT_DESKTOP)
  for (const each of [other, page]) await each.goto(`${address}chat`)
  await makeTalk(page, other)
  await take(page, 'chat', look, look.device === 'desktop' ? await untilFile(page) : {})
  for (const each of [other, page]) await each.close()
}

await mkdir(folder, { recursive: true })
const demo = await startDemo()
try {
  const browser = await chromium.launch(chromiumLaunchOptions())
  try {
    const looks = schemes.flatMap((colorScheme) => [
      /** @type {const} */ ({ device: 'phone', colorScheme }),
      /** @type {const} */ ({ device: 'desktop', colorScheme }),
    ])
    await Promise.all(looks.map((look) => takeDemo(browser, demo.address, look)))
    // One after the other: pages of the chat see each other.
    for (const look of looks) await takeChat(browser, demo.address, look)
  } finally {
    await browser.close()
  }
} finally {
  await demo.stop()
}
