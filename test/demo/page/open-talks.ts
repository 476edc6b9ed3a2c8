import type { BrowserContextOptions } from 'playwright-core'
import { expect, vi } from 'vitest'
import { test as base, brisk, patience } from './open-pages.ts'
import { TalkPage } from './talk-page.ts'

type OpenTalk = (options?: { server?: string; look?: BrowserContextOptions }) => Promise<TalkPage>

/** Room for a server that has to be built first. */
export const muchPatience = { timeout: 100_000, interval: 100 }

export async function waitUntilJoined(talk: TalkPage, wait: typeof patience = patience): Promise<void> {
  await vi.waitFor(async () => {
    expect(await talk.text('status-word')).toBe('Open')
    expect(await talk.text('room-status')).toBe('joined')
  }, wait)
}

/** A test that can open pages of the demo's chat. What a page writes to the console as an error fails its test. */
export const test = base.extend<{ openTalk: OpenTalk }>({
  openTalk: async ({ demo }, use) => {
    const talks: TalkPage[] = []
    try {
      await use(async ({ server = 'ws', look } = {}) => {
        const talk = await TalkPage.open(demo.browser, demo.server.address, { ...brisk, server }, look)
        talks.push(talk)
        await waitUntilJoined(talk, server === 'ws' ? patience : muchPatience)
        return talk
      })
      for (const talk of talks) expect(talk.errors).toEqual([])
    } finally {
      await Promise.all(talks.map((talk) => talk.page.close()))
    }
  },
})

let rooms = 0

/** A room that no other test is in: they run at once. */
export function drawRoom(): string {
  return `test ${++rooms}`
}

/** Brings pages together in a room of their own. */
export async function meet(...talks: readonly TalkPage[]): Promise<string> {
  const room = drawRoom()
  for (const talk of talks) {
    await talk.join(room)
    await waitUntilJoined(talk)
  }
  // Who is there has been heard by who came before: the joins of all are known to the server.
  await vi.waitFor(async () => {
    for (const talk of talks) expect(await talk.people()).toHaveLength(talks.length)
  }, patience)
  return room
}
