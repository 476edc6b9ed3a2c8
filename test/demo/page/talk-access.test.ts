import { describe, expect, vi } from 'vitest'
import { poorContrasts } from './contrast.ts'
import { layoutShifts, overflow } from './layout.ts'
import { patience } from './open-pages.ts'
import { meet, test, waitUntilJoined } from './open-talks.ts'
import type { TalkPage } from './talk-page.ts'

const phone = { viewport: { width: 390, height: 844 } }
const desktop = { viewport: { width: 1280, height: 900 } }

/** Has the page show what it can show: a refused room, a line that waits, a bad message, a file on its way. */
async function makeBusy(talk: TalkPage): Promise<void> {
  await meet(talk)
  await talk.say('A line')
  await talk.press('A payload that does not fit')
  await talk.press('Draw a wave')
  await talk.press('Send 5 MB')
  await vi.waitFor(async () => expect(await talk.text('arrivals')).toMatch(/^Arriving/), patience)
  await talk.press('Cancel')
  await vi.waitFor(async () => expect(await talk.text('upload-note')).toMatch(/^Given up/), patience)
}

describe.concurrent('the chat page for everybody', () => {
  test('each button, field and link has a name of its own', async ({ openTalk }) => {
    const { page } = await openTalk({ look: desktop })
    await vi.waitFor(async () => expect(await page.locator('#servers a').count()).toBe(3), patience)
    const names = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('a, button, input')].map((element) => {
        const labels = element.getAttribute('aria-labelledby')?.split(' ') ?? []
        const byLabel = labels.map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
        const byField = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
        return (byLabel || byField || element.textContent || '').trim()
      }),
    )
    expect(names.length).toBeGreaterThan(25)
    expect(names).not.toContain('')
    expect(new Set(names).size).toBe(names.length)
  })

  test('one can join, talk, draw and break things by keyboard alone', async ({ openTalk }) => {
    const talk = await openTalk({ look: desktop })
    const { page } = talk
    await page.getByLabel('Another room').focus()
    await page.keyboard.type('by keys')
    await page.keyboard.press('Enter')
    await waitUntilJoined(talk)
    // The focus is where one goes on.
    await page.keyboard.type('No mouse')
    await page.keyboard.press('Enter')
    await vi.waitFor(async () => expect(await talk.fateOf('No mouse')).toMatch(/^✓/), patience)
    await page.locator('#wave').focus()
    await page.keyboard.press('Enter')
    await vi.waitFor(async () => expect(Number(await talk.text('frames-back'))).toBeGreaterThan(0), patience)
    await page.locator('#cut').focus()
    await page.keyboard.press('Enter')
    await vi.waitFor(async () => expect(await talk.logged('reconnected')).toHaveLength(1), patience)
  })

  test('nothing sticks out, from a small phone to a desktop', async ({ openTalk }) => {
    const talk = await openTalk({ look: phone })
    await talk.callItself('Somebody with a long name')
    await talk.join('a room whose name is as long as may be..')
    await talk.say('Longwordwithoutaplacetobreak'.repeat(8))
    await talk.join('forbidden')
    for (const width of [320, 390, 640, 800, 992, 1280, 1920]) {
      await talk.page.setViewportSize({ width, height: 844 })
      expect(await overflow(talk.page), `${width} pixels wide`).toBe(0)
    }
  })

  test.for([phone, desktop])(
    'nothing jumps where the window is $viewport.width wide',
    async (look, { openTalk }) => {
      const talk = await openTalk({ look })
      await talk.press('Cut the link')
      await vi.waitFor(async () => expect(await talk.logged('reconnected')).toHaveLength(1), patience)
      const { own, planted } = await layoutShifts(talk.page)
      expect(planted).toBeGreaterThan(0.02)
      expect(own).toBeLessThan(0.02)
    },
  )

  test.for(['light', 'dark'] as const)(
    'text can be read on its ground, %s',
    async (colorScheme, { openTalk }) => {
      const talk = await openTalk({ look: { ...phone, colorScheme } })
      await makeBusy(talk)
      expect(await poorContrasts(talk.page)).toEqual([])
      await talk.press('Go offline')
      await vi.waitFor(async () => expect(await talk.text('status-word')).toBe('Offline'), patience)
      await talk.say('A line that waits')
      await talk.join('forbidden')
      expect(await poorContrasts(talk.page)).toEqual([])
      await talk.press('Go offline')
      await vi.waitFor(async () => expect(await talk.text('room-status')).toMatch(/^refused/), patience)
      expect(await poorContrasts(talk.page)).toEqual([])
    },
  )
})
