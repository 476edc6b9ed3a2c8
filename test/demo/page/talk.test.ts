import { describe, expect, vi } from 'vitest'
import { patience } from './open-pages.ts'
import { meet, test, waitUntilJoined } from './open-talks.ts'

describe.concurrent('the chat page: rooms', () => {
  test('two pages talk in a room, and see who said what', async ({ openTalk }) => {
    const [otter, urchin] = [await openTalk(), await openTalk()]
    await otter.callItself('Otter')
    await urchin.callItself('Urchin')
    await meet(otter, urchin)
    await otter.say('Anybody on this rock?')
    await vi.waitFor(async () => expect(await urchin.said()).toEqual(['Anybody on this rock?']), patience)
    await urchin.say('Holding fast.')
    await vi.waitFor(async () => {
      expect(await otter.lines()).toEqual([
        {
          kind: 'own',
          name: 'Otter',
          said: 'Anybody on this rock?',
          fate: expect.stringMatching(/^✓ back after [\d.]+ m?s$/),
        },
        { kind: 'other', name: 'Urchin', said: 'Holding fast.', fate: '' },
      ])
      expect(await otter.people()).toEqual(['Otter (you)', 'Urchin'])
    }, patience)
  })

  test('what is said elsewhere is counted there, and nothing is heard of a room that was left', async ({
    openTalk,
  }) => {
    const [here, there] = [await openTalk(), await openTalk()]
    const first = await meet(here, there)
    const second = await meet(here, there)
    await there.show(first)
    await there.say('In the first')
    const chip = here.page.locator('#rooms button', { hasText: first })
    await vi.waitFor(async () => expect(await chip.textContent()).toBe(`${first}1 new`), patience)
    expect(await here.said()).toEqual([])
    await here.show(first)
    expect(await here.said()).toEqual(['In the first'])
    await here.press('Leave')
    await vi.waitFor(async () => expect(await there.people()).toHaveLength(1), patience)
    expect(await chip.count()).toBe(0)
    await there.say('Nobody hears this')
    await there.show(second)
    await there.say('In the second')
    await here.show(second)
    await vi.waitFor(async () => expect(await here.said()).toEqual(['In the second']), patience)
  })

  test('a room that the server refuses says why, and takes no lines', async ({ openTalk }) => {
    const talk = await openTalk()
    await talk.join('forbidden')
    await vi.waitFor(
      async () => expect(await talk.text('room-status')).toBe('refused: Nobody may enter this room'),
      patience,
    )
    await talk.say('Let me in')
    expect(await talk.fateOf('Let me in')).toMatch(/^not sent: HF_ROOM: /)
    await talk.press('Leave')
    await waitUntilJoined(talk)
    expect(await talk.text('room-name')).toBe('lobby')
  })

  test('after a cut the rooms are joined again, and what was said meanwhile arrives, in order', async ({
    openTalk,
  }) => {
    const [cut, other] = [await openTalk(), await openTalk()]
    await meet(cut, other)
    await cut.press('Go offline')
    await vi.waitFor(
      async () => expect(await cut.text('room-status')).toBe('waits to be joined again'),
      patience,
    )
    for (const text of ['one', 'two', 'three']) await cut.say(text)
    expect(await cut.fateOf('three')).toBe('waits')
    await cut.press('Go offline')
    await waitUntilJoined(cut)
    await vi.waitFor(async () => {
      expect(await other.said()).toEqual(['one', 'two', 'three'])
      expect(await cut.fateOf('three')).toMatch(/^✓ back after/)
    }, patience)
    const notes = (await cut.lines()).filter(({ kind }) => kind === 'note')
    expect(notes).toHaveLength(1)
    expect(notes[0]?.said).toMatch(/may be missing here\.$/)
    await other.say('Welcome back')
    await vi.waitFor(async () => expect(await cut.said()).toContain('Welcome back'), patience)
  })

  test('a name goes when its page is closed', async ({ openTalk }) => {
    const [stays, goes] = [await openTalk(), await openTalk()]
    await meet(stays, goes)
    await goes.close()
    // Sooner than a name that nobody heard of again: that page said goodbye.
    await vi.waitFor(async () => expect(await stays.people()).toHaveLength(1), { timeout: 8_000 })
  })

  test('a name fades when nothing is heard of it, and is back with its page', async ({ openTalk }) => {
    const [stays, lost] = [await openTalk(), await openTalk()]
    await lost.callItself('Limpet')
    await meet(stays, lost)
    await lost.press('Go offline')
    await vi.waitFor(
      async () =>
        expect(await stays.people()).toContainEqual(expect.stringMatching(/^Limpet, silent for \d+ s$/)),
      patience,
    )
    expect(await lost.people()).toContain('Limpet (you, not in there now)')
    await lost.press('Go offline')
    await vi.waitFor(async () => expect(await stays.people()).toContain('Limpet'), patience)
  })

  test('who comes with an old token is refused, gets a new one, and is let in', async ({ openTalk }) => {
    const talk = await openTalk()
    await talk.press('Expired token')
    await vi.waitFor(async () => expect(await talk.logged('reconnected')).toHaveLength(1), patience)
    expect((await talk.logged('close')).at(-1)).toMatch(/1008, “unknown token”$/)
    expect(await talk.logged('reconnecting')).toHaveLength(1)
    await waitUntilJoined(talk)
  })
})
