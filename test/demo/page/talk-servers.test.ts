import { describe, expect, vi } from 'vitest'
import { startDemo } from '../../../tools/demo-process.mjs'
import { patience } from './open-pages.ts'
import { meet, muchPatience, test, waitUntilJoined } from './open-talks.ts'
import { TalkPage } from './talk-page.ts'

interface Server {
  readonly id: string
  readonly name: string
  readonly missing?: string
}

async function serversOf(address: string): Promise<Server[]> {
  return (await (await fetch(`${address}servers`)).json()) as Server[]
}

// One after the other: a restart concerns all pages.
describe('the chat page: servers', () => {
  test('a restarted server knows nobody, and gets its rooms and what waits from the pages', async ({
    openTalk,
  }) => {
    const [one, two] = [await openTalk(), await openTalk()]
    await meet(one, two)
    await one.press('Restart the server')
    for (const talk of [one, two]) {
      await vi.waitFor(async () => expect(await talk.logged('reconnected')).toHaveLength(1), patience)
      expect((await talk.logged('close'))[0]).toMatch(/1001, “server is shutting down”$/)
      await waitUntilJoined(talk)
    }
    await one.say('Where were we?')
    await vi.waitFor(async () => expect(await two.said()).toEqual(['Where were we?']), patience)
  })

  test.for(['fastapi', 'aspnet'])(
    'another server is a link away: %s',
    { timeout: 150_000 },
    async (id, { demo, openTalk, skip }) => {
      const { name, missing } =
        (await serversOf(demo.server.address)).find((server) => server.id === id) ?? {}
      skip(missing !== undefined, missing)
      const one = await openTalk()
      await one.page.getByRole('link', { name: name ?? '', exact: true }).click()
      const two = await openTalk({ server: id })
      await waitUntilJoined(one, muchPatience)
      expect(await one.page.locator('#servers [aria-current]').textContent()).toBe(name)
      await meet(one, two)
      await one.say('Grüße aus dem Tang')
      await vi.waitFor(async () => expect(await two.said()).toEqual(['Grüße aus dem Tang']), patience)
      await one.press('A payload that does not fit')
      await vi.waitFor(async () => expect(await one.text('wrong-outcome')).toContain('from.name'), patience)
      await one.press('Draw a wave')
      await one.press('Send 5 MB')
      await vi.waitFor(
        async () => {
          expect(Number(await two.text('frames-others'))).toBeGreaterThan(0)
          expect(await one.arrivedAt(two)).toBe(1)
        },
        { timeout: 60_000 },
      )
    },
  )

  test('a server that the machine cannot run is shown, says what it needs, and leads nowhere', async ({
    demo,
  }) => {
    const bare = await startDemo({ PATH: '' })
    try {
      const { missing } = (await serversOf(bare.address)).find(({ id }) => id === 'aspnet') ?? {}
      expect(missing).toMatch(/^needs the \.NET SDK \d+$/)
      const talk = await TalkPage.open(demo.browser, bare.address, {})
      await waitUntilJoined(talk)
      const choice = talk.page.getByRole('link', { name: 'ASP.NET Core', exact: true })
      expect(await choice.getAttribute('aria-disabled')).toBe('true')
      expect(await choice.getAttribute('href')).toBe(null)
      expect(await talk.text('server-aspnet-why')).toBe(`Not on this machine: ${missing}`)
      await talk.page.close()
    } finally {
      await bare.stop()
    }
  })
})
