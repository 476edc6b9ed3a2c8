import { type Browser, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { chromiumLaunchOptions } from '../../tools/chromium.mjs'
import { DemoPage } from './demo-page.ts'
import { type DemoServer, startDemo } from './demo-server.ts'

/** Brisk: ten messages a second, and waits that are short but can be seen. */
const options = { everyMs: 100, refuseMs: 2_500, maxWaitMs: 900 }
const patience = { timeout: 20_000, interval: 20 }

let server: DemoServer
let browser: Browser
const pages: DemoPage[] = []

beforeAll(async () => {
  server = await startDemo()
  browser = await chromium.launch(chromiumLaunchOptions())
}, 60_000)

afterAll(async () => {
  await browser?.close()
  expect(await server?.stop()).toBe(0)
})

afterEach(async () => {
  for (const page of pages.splice(0)) {
    expect(page.errors).toEqual([])
    await page.close()
  }
})

async function openPage(): Promise<DemoPage> {
  const page = await DemoPage.open(browser, server.address, options)
  pages.push(page)
  await vi.waitFor(async () => expect((await page.figures()).received).toBeGreaterThanOrEqual(5), patience)
  expect(await page.text('status-word')).toBe('Open')
  return page
}

/**
 * Waits until all that was sent until now is accounted for, and holds the page's word against the server's. Only the
 * numbers up to `written`, which were on the wire before the link broke, can be lost with it.
 */
async function expectNothingMissing(page: DemoPage, written = Infinity): Promise<void> {
  const { sent } = await page.figures()
  const { ranges, duplicates } = await vi.waitFor(async () => {
    const count = await page.count()
    expect(count.ranges.at(-1)?.[1]).toBeGreaterThan(sent)
    return count
  }, patience)
  const told = await vi.waitFor(async () => {
    expect(await page.figures()).toMatchObject({ queued: 0, missing: 'none' })
    return page.toldAsLost()
  }, patience)
  const gaps: number[] = []
  let next = 1
  for (const [from, to] of ranges) {
    while (next < from) gaps.push(next++)
    next = to + 1
  }
  expect(gaps).toEqual([...told])
  expect(duplicates).toBe(0)
  expect(Math.max(0, ...gaps)).toBeLessThanOrEqual(written)
}

describe('the demo page', () => {
  test('a cut link is lost and comes back, and nothing queued is missing', async () => {
    const page = await openPage()
    await page.press('Cut the link')
    await vi.waitFor(async () => expect(await page.logged('reconnected')).toHaveLength(1), patience)
    expect(await page.logged('close')).toEqual(['Link 1 broke'])
    expect(await page.logged('reconnecting')).toEqual([expect.stringMatching(/^Attempt 2 in 0\.\d s$/)])
    expect(await page.logged('open')).toEqual(['Link 1 is open', 'Link 2 is open'])
    expect(await page.text('status-word')).toBe('Open')
    expect(await page.text('status-text')).toMatch(/^Back after [\d.]+ s, on link 2\.$/)
    await expectNothingMissing(page)
  })

  test('a refusing server is tried again and again while the queue grows, and then gets all of it', async () => {
    const page = await openPage()
    const drained = (await page.logged('drain')).length
    await page.press('Refuse for 2.5 s')
    await vi.waitFor(async () => {
      expect(await page.text('status-word')).toBe('Waiting')
      expect(await page.text('pace-text')).toMatch(/^Next try in 0\.\d s$/)
    }, patience)
    const written = await vi.waitFor(async () => {
      const { sent, queued, missing } = await page.figures()
      expect(queued).toBeGreaterThanOrEqual(10)
      expect(missing).toBe('none')
      return sent - queued
    }, patience)
    expect(await page.text('queued-bytes')).toMatch(/^\d+ B$/)
    await vi.waitFor(async () => expect(await page.logged('reconnected')).toHaveLength(1), patience)
    expect((await page.logged('reconnecting')).length).toBeGreaterThanOrEqual(3)
    expect(await page.logged('close')).toContain('The attempt failed: the server is out of reach')
    expect((await page.logged('drain')).length).toBeGreaterThan(drained)
    await expectNothingMissing(page, written)
  })

  test('what is done to one tab does not concern another', async () => {
    const [harmed, other] = [await openPage(), await openPage()]
    await harmed.press('Refuse for 2.5 s')
    await vi.waitFor(async () => expect(await harmed.logged('reconnecting')).not.toEqual([]), patience)
    await vi.waitFor(async () => expect(await harmed.logged('reconnected')).toHaveLength(1), patience)
    expect(await other.logged('close')).toEqual([])
    expect(await other.text('links')).toBe('1')
    await expectNothingMissing(other)
  })

  test('"Try now" ends a wait', async () => {
    const page = await openPage()
    await page.press('Refuse for 2.5 s')
    await vi.waitFor(async () => expect(await page.text('status-word')).toBe('Waiting'), patience)
    const before = (await page.logged('connecting')).length
    await page.press('Try now')
    await vi.waitFor(
      async () => expect((await page.logged('connecting')).slice(before)).toContain('Attempt 1 begins'),
      patience,
    )
    await vi.waitFor(async () => expect(await page.text('status-word')).toBe('Open'), patience)
    await expectNothingMissing(page)
  })
})
