import { describe, expect, vi } from 'vitest'
import { poorContrasts } from './contrast.ts'
import { layoutShifts, overflow } from './layout.ts'
import { patience, test, waitForReturn, waitForStatus } from './open-pages.ts'

const phone = { viewport: { width: 390, height: 844 } }
const desktop = { viewport: { width: 1280, height: 900 } }

const buttons = [
  'Try now',
  'Cut the link',
  'Go silent',
  'Refuse for 2.5 s',
  'Restart (1012)',
  'Too busy (1013)',
  'Unwelcome (1008)',
  'Slow link',
  'Go offline',
]

describe.concurrent('the demo page for everybody', () => {
  test('each button has a name of its own and says what it does', async ({ openPage }) => {
    const { page } = await openPage(desktop)
    expect(await page.getByRole('button').count()).toBe(buttons.length)
    for (const name of buttons) {
      const button = page.getByRole('button', { name, exact: true })
      expect(await button.count(), name).toBe(1)
      if (name === 'Try now') continue
      const about = (await button.getAttribute('aria-describedby')) ?? ''
      const words = await Promise.all(about.split(' ').map((id) => page.locator(`#${id}`).textContent()))
      expect(words.join(' '), name).toMatch(/\bSee\b.+\./)
    }
  })

  test('all can be reached and pressed by keyboard, in the order in which it is read', async ({
    openPage,
  }) => {
    const demo = await openPage(desktop)
    const { page } = demo
    const reached: string[] = []
    for (let presses = 0; presses < 30 && reached.length < buttons.length; presses++) {
      await page.keyboard.press('Tab')
      const focus = await page.evaluate(() => {
        const element = document.activeElement
        const name = element?.getAttribute('aria-labelledby') ?? element?.id ?? ''
        const text = element?.tagName === 'BUTTON' ? (document.getElementById(name)?.textContent ?? '') : ''
        return { text: text.trim(), outline: element ? getComputedStyle(element).outlineStyle : 'none' }
      })
      if (focus.text === '') continue
      reached.push(focus.text)
      expect(focus.outline, focus.text).toBe('solid')
    }
    expect(reached).toEqual(buttons)
    await page.locator('#cut').focus()
    await page.keyboard.press('Enter')
    await waitForReturn(demo)
    expect(await demo.logged('harm')).toEqual(['You pressed “Cut the link”'])
  })

  test('nothing sticks out, from a small phone to a desktop', async ({ openPage }) => {
    const demo = await openPage(phone)
    await demo.page.locator('summary').click()
    await demo.press('Unwelcome (1008)')
    await waitForStatus(demo, 'Gave up')
    for (const width of [320, 390, 640, 800, 992, 1280, 1920]) {
      await demo.page.setViewportSize({ width, height: 844 })
      expect(await overflow(demo.page), `${width} pixels wide`).toBe(0)
    }
  })

  test.for([phone, desktop])(
    'nothing jumps where the window is $viewport.width wide',
    async (look, { openPage }) => {
      const demo = await openPage(look)
      await demo.press('Cut the link')
      await waitForReturn(demo)
      await demo.press('Unwelcome (1008)')
      await waitForStatus(demo, 'Gave up')
      const { own, planted } = await layoutShifts(demo.page)
      expect(planted).toBeGreaterThan(0.02)
      expect(own).toBeLessThan(0.02)
    },
  )

  test.for(['light', 'dark'] as const)(
    'text can be read on its ground, %s',
    async (colorScheme, { openPage }) => {
      const demo = await openPage({ ...phone, colorScheme })
      expect(await poorContrasts(demo.page)).toEqual([])
      await demo.press('Refuse for 2.5 s')
      await waitForStatus(demo, 'Waiting')
      expect(await poorContrasts(demo.page)).toEqual([])
      await waitForReturn(demo)
      await demo.press('Unwelcome (1008)')
      await waitForStatus(demo, 'Gave up')
      expect(await poorContrasts(demo.page)).toEqual([])
    },
  )

  test('pictures say in words what they show', async ({ openPage }) => {
    const demo = await openPage(desktop)
    const picture = (name: RegExp) => demo.page.getByRole('img', { name })
    await demo.press('Cut the link')
    await waitForReturn(demo)
    await vi.waitFor(async () => {
      for (const name of [
        /^The last minute: 2 links, 1 wait, 0 failed attempts, 1 button pressed\. Now: Link 2\.$/,
        /^Round trip over the last minute: [1-9]\d* answered pings?, from .+ ms, the last \d+ ms$/,
        /^Messages in the queue over the last minute: now \d+, at most \d+$/,
        /^Bytes in the queue over the last minute: now \d+ B, at most \d+ B$/,
        /^Messages 1 to \d+: \d+ of all \d+ with the server$/,
      ])
        expect(await picture(name).count(), String(name)).toBe(1)
    }, patience)
    expect(await demo.page.locator('.plot canvas').count()).toBe(3)
  })

  test('who wants less motion gets a timeline that moves once a second', async ({ openPage }) => {
    const { page } = await openPage({ ...desktop, reducedMotion: 'reduce' })
    const moves = await page.evaluate(async () => {
      const world = document.querySelectorAll('#timeline > svg > g')[1]
      let count = 0
      const observer = new MutationObserver(() => count++)
      if (world) observer.observe(world, { attributeFilter: ['transform'] })
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      return count
    })
    expect(moves).toBeGreaterThanOrEqual(2)
    expect(moves).toBeLessThanOrEqual(3)
  })
})
