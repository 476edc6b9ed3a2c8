import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'
import { test as base, expect, vi } from 'vitest'
import { chromiumLaunchOptions } from '../../../tools/browsers/chromium.mjs'
import { type DemoProcess, startDemo } from '../../../tools/demo-process.mjs'
import { DemoPage } from './demo-page.ts'

export const patience = { timeout: 20_000, interval: 20 }

/** Brisk: ten messages a second, and waits that are short but can be seen. No link is stable, so attempts count on. */
export const brisk = { everyMs: 100, refuseMs: 2_500, restartMs: 1_000, maxWaitMs: 900, stableMs: 60_000 }

interface Demo {
  readonly server: DemoProcess
  readonly browser: Browser
}

type OpenPage = (look?: BrowserContextOptions) => Promise<DemoPage>

/** A page is open when it has sent a few messages. */
async function waitUntilOpen(page: DemoPage): Promise<void> {
  await vi.waitFor(async () => expect((await page.figures()).received).toBeGreaterThanOrEqual(5), patience)
  expect(await page.text('status-word')).toBe('Open')
}

/**
 * A test that can open pages of a demo. The tests of a file share a server and a browser, and may run at once: what is
 * done to one page does not concern another. What a page writes to the console as an error fails its test.
 */
export const test = base.extend<{ demo: Demo; openPage: OpenPage }>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads from the pattern what a fixture needs
    async ({}, use) => {
      const server = await startDemo()
      let code: number | null
      try {
        const browser = await chromium.launch(chromiumLaunchOptions())
        try {
          await use({ server, browser })
        } finally {
          await browser.close()
        }
      } finally {
        code = await server.stop()
      }
      // Not before: it would stand in the place of what went wrong above.
      expect(code).toBe(0)
    },
    { scope: 'file' },
  ],
  openPage: async ({ demo }, use) => {
    const pages: DemoPage[] = []
    try {
      await use(async (look) => {
        const page = await DemoPage.open(demo.browser, demo.server.address, brisk, look)
        pages.push(page)
        await waitUntilOpen(page)
        return page
      })
      for (const page of pages) expect(page.errors).toEqual([])
    } finally {
      await Promise.all(pages.map((page) => page.close()))
    }
  },
})

export async function waitForStatus(page: DemoPage, word: string): Promise<void> {
  await vi.waitFor(async () => expect(await page.text('status-word')).toBe(word), patience)
}

/** Waits until the page has told that it is back, once. */
export async function waitForReturn(page: DemoPage): Promise<void> {
  await vi.waitFor(async () => expect(await page.logged('reconnected')).toHaveLength(1), patience)
}

/**
 * Waits until all that was sent until now is accounted for, and holds the page's word against the server's. Only the
 * numbers up to `written`, which were on the wire before the link broke, can be lost with it.
 */
export async function expectNothingMissing(page: DemoPage, written = Infinity): Promise<void> {
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
