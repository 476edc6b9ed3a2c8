import { describe, expect, vi } from 'vitest'
import { expectNothingMissing, patience, test, waitForReturn, waitForStatus } from './open-pages.ts'

describe.concurrent('the demo page: faults of the network', () => {
  test('a cut link is lost and comes back, and nothing queued is missing', async ({ openPage }) => {
    const page = await openPage()
    await page.press('Cut the link')
    await waitForReturn(page)
    expect(await page.logged('close')).toEqual(['Link 1 broke'])
    expect(await page.logged('reconnecting')).toEqual([
      expect.stringMatching(/^Attempt 2 in 0\.\d s, drawn from 0–0\.9 s$/),
    ])
    expect(await page.logged('open')).toEqual(['Link 1 is open', 'Link 2 is open'])
    expect(await page.text('status-word')).toBe('Open')
    expect(await page.text('status-text')).toMatch(/^Back after [\d.]+ s, on link 2\.$/)
    await expectNothingMissing(page)
  })

  test('a refusing server is tried again and again while the queue grows, and then gets all of it', async ({
    openPage,
  }) => {
    const page = await openPage()
    const drained = (await page.logged('drain')).length
    await page.press('Refuse for 2.5 s')
    await vi.waitFor(async () => {
      expect(await page.text('status-word')).toBe('Waiting')
      expect(await page.text('pace-text')).toMatch(/^Next try in 0\.\d s$/)
      expect(await page.text('refuse-tag')).toMatch(/^[123] s left$/)
    }, patience)
    const written = await vi.waitFor(async () => {
      const { sent, queued, missing } = await page.figures()
      expect(queued).toBeGreaterThanOrEqual(10)
      expect(missing).toBe('none')
      return sent - queued
    }, patience)
    expect(await page.text('queued-bytes')).toMatch(/^\d+ B$/)
    await waitForReturn(page)
    expect((await page.logged('reconnecting')).length).toBeGreaterThanOrEqual(3)
    expect(await page.logged('close')).toContain('The attempt failed: the server is out of reach')
    expect((await page.logged('drain')).length).toBeGreaterThan(drained)
    await expectNothingMissing(page, written)
  })

  test('what is done to one tab does not concern another', async ({ openPage }) => {
    const [harmed, other] = [await openPage(), await openPage()]
    await harmed.press('Refuse for 2.5 s')
    await waitForReturn(harmed)
    expect(await other.logged('close')).toEqual([])
    expect(await other.text('links')).toBe('1')
    await expectNothingMissing(other)
  })

  test('"Try now" ends a wait', async ({ openPage }) => {
    const page = await openPage()
    // The longest wait that the page knows: half a minute.
    await page.press('Go offline')
    await waitForStatus(page, 'Offline')
    const before = (await page.logged('connecting')).length
    await page.press('Try now')
    await vi.waitFor(
      async () => expect((await page.logged('connecting')).slice(before)).toEqual(['Attempt 1 begins']),
      patience,
    )
    await waitForStatus(page, 'Offline')
    await page.press('Go offline')
    await waitForStatus(page, 'Open')
    await expectNothingMissing(page)
  })

  test('the page is told that the network is gone, waits for it, and is back as soon as it returns', async ({
    openPage,
  }) => {
    const page = await openPage()
    await page.press('Go offline')
    await waitForStatus(page, 'Offline')
    expect(await page.text('offline-tag')).toBe('on')
    expect(await page.logged('close')).toEqual(['Link 1 is gone: the network is gone'])
    expect(await page.timeline('offline')).toHaveLength(1)
    const before = (await page.logged('connecting')).length
    const { queued } = await page.figures()
    await vi.waitFor(
      async () => expect((await page.figures()).queued).toBeGreaterThanOrEqual(queued + 5),
      patience,
    )
    expect(await page.logged('connecting')).toHaveLength(before)
    await page.press('Go offline')
    await waitForReturn(page)
    expect(await page.text('offline-tag')).toBe('')
    await expectNothingMissing(page)
  })
})
