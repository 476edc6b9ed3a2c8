import { describe, expect, vi } from 'vitest'
import { expectNothingMissing, patience, test, waitForReturn, waitForStatus } from './open-pages.ts'

/** The wait and its range out of `Attempt 2 in 1.3 s, drawn from 1–2 s`, in seconds. */
function readWait(line = '') {
  const [, delay, low, high] = line.match(/in ([\d.]+) s, drawn from (?:its )?([\d.]+)–([\d.]+) s$/) ?? []
  return { delay: Number(delay), low: Number(low), high: Number(high) }
}

describe.concurrent('the demo page: faults of server and link', () => {
  test('a silent link stays open until the heartbeat finds it, and what was lost with it is told', async ({
    openPage,
  }) => {
    const page = await openPage()
    await page.press('Go silent')
    const { received } = await page.figures()
    await vi.waitFor(async () => {
      const { sent } = await page.figures()
      expect(sent).toBeGreaterThan(received + 15)
    }, patience)
    expect(await page.text('status-word')).toBe('Open')
    await waitForReturn(page)
    expect(await page.logged('close')).toEqual(['Link 1 is gone: the server stopped answering'])
    expect(await page.logged('indoubt')).toHaveLength(1)
    await vi.waitFor(async () => expect((await page.toldAsLost()).size).toBeGreaterThan(10), patience)
    expect(await page.text('verdict-text')).toMatch(
      /^Nothing queued is missing\. \d+ were lost with a link, as told\./,
    )
    await expectNothingMissing(page)
  })

  test('a planned restart leads to one wait within its window, and to no vain attempt', async ({
    openPage,
  }) => {
    const page = await openPage()
    await page.press('Restart (1012)')
    await waitForStatus(page, 'Waiting')
    expect(await page.text('status-text')).toMatch(/^The server said when to come back \(1012\)\./)
    const planned = page.page.locator('#timeline .t-planned')
    await vi.waitFor(async () => expect(await planned.count()).toBe(1), patience)
    await waitForReturn(page)
    const { delay, low, high } = readWait((await page.logged('reconnecting'))[0])
    expect([low, high]).toEqual([1, 2])
    expect(delay).toBeGreaterThanOrEqual(low)
    expect(delay).toBeLessThanOrEqual(high)
    expect(await page.logged('connecting')).toHaveLength(2)
    const [wait = []] = await page.timeline('wait')
    expect(wait[1]).toBe('Wait before attempt 2, as the server asked')
    expect(wait[3]).toBe(`${delay.toFixed(1)} s from 1–2 s`)
    await expectNothingMissing(page)
  })

  test('"try again later" without a time is answered by a draw of the client', async ({ openPage }) => {
    const page = await openPage()
    await page.press('Too busy (1013)')
    await waitForReturn(page)
    expect(await page.logged('close')).toEqual([
      'Link 1 is gone: the server closed the link with 1013, “too busy”',
    ])
    const { delay, low, high } = readWait((await page.logged('reconnecting'))[0])
    expect([low, high]).toEqual([0, 0.9])
    expect(delay).toBeLessThanOrEqual(high)
    expect(await page.page.locator('#timeline .t-range').count()).toBe(1)
    expect(await page.timeline('wait')).toEqual([
      [expect.any(String), 'Wait before attempt 2', expect.any(String), `${delay.toFixed(1)} s from 0–0.9 s`],
    ])
    await expectNothingMissing(page)
  })

  test('an unwelcome client gives up, keeps its queue, and can be opened again', async ({ openPage }) => {
    const page = await openPage()
    await page.press('Unwelcome (1008)')
    await waitForStatus(page, 'Gave up')
    expect(await page.text('status-text')).toMatch(/1008, “not welcome”\. What waits is kept\.$/)
    expect(await page.logged('reconnecting')).toEqual([])
    await vi.waitFor(async () => expect((await page.figures()).queued).toBeGreaterThanOrEqual(5), patience)
    const cut = page.button('Cut the link')
    await vi.waitFor(async () => expect(await cut.getAttribute('aria-disabled')).toBe('true'), patience)
    expect(await page.text('cut-tag')).toBe('no link')
    await page.press('Open again')
    await waitForReturn(page)
    expect(await page.logged('harm')).toEqual(['You pressed “Unwelcome (1008)”', 'You pressed “Open again”'])
    await expectNothingMissing(page)
  })

  test('a slow link shows in the round trip, and holds', async ({ openPage }) => {
    const page = await openPage()
    const roundTrip = async () => Number.parseInt(await page.text('rtt'), 10)
    await page.press('Slow link')
    await vi.waitFor(async () => expect(await roundTrip()).toBeGreaterThanOrEqual(760), patience)
    expect(await page.button('Slow link').getAttribute('aria-pressed')).toBe('true')
    await page.press('Slow link')
    await vi.waitFor(async () => expect(await roundTrip()).toBeLessThan(400), patience)
    expect(await page.button('Slow link').getAttribute('aria-pressed')).toBe('false')
    expect(await page.text('links')).toBe('1')
    await expectNothingMissing(page)
  })

  test('a switch that is pressed twice before the server answers is on, once', async ({ openPage }) => {
    const page = await openPage()
    const slow = page.button('Slow link')
    const isPressed = (pressed: string) =>
      vi.waitFor(async () => expect(await slow.getAttribute('aria-pressed')).toBe(pressed), patience)
    await slow.evaluate((button) => {
      for (let presses = 0; presses < 2; presses++) button.dispatchEvent(new MouseEvent('click'))
    })
    await isPressed('true')
    await slow.click()
    await isPressed('false')
    expect(await page.logged('harm')).toEqual(['You pressed “Slow link”', 'You ended “Slow link”'])
    await vi.waitFor(
      async () =>
        expect(await page.timeline('harm')).toEqual([
          [expect.any(String), 'You: Slow', expect.stringMatching(/\d/), ''],
        ]),
      patience,
    )
  })
})
