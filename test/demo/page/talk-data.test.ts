import { describe, expect, vi } from 'vitest'
import { patience } from './open-pages.ts'
import { meet, test } from './open-talks.ts'

/** Each button, what the client calls what comes of it, and what it says. */
const wrongs = [
  [
    'A payload that does not fit',
    'invalid',
    /chat\.line does not fit .*: text must be text, not number; from\.name /,
  ],
  [
    'A type nobody knows',
    'unknown',
    /^A message of a type that is not known here, weather\.report: .*"clear"/,
  ],
  ['Text that is no envelope', 'raw', /^Text that is no envelope: "The tide is out"$/],
  ['A frame cut short', 'malformed', /^HF_BAD_FRAME: The codec of binary type 7 cannot decode 3 bytes$/],
  ['One of our own', 'error', /^Not sent\. HF_INVALID: .*text: must be text, not number/],
  ['A request for nothing', 'error', /^HF_REMOTE: .*no\.such\.thing/],
] as const

describe.concurrent('the chat page: messages, strokes and files', () => {
  test('each bad message is told for what it is, and stops nothing', async ({ openTalk }) => {
    const talk = await openTalk()
    await meet(talk)
    for (const [button, event, words] of wrongs) {
      await talk.press(button)
      await vi.waitFor(async () => {
        expect(await talk.text('wrong-name')).toBe(event)
        expect(await talk.text('wrong-outcome')).toMatch(words)
      }, patience)
      expect((await talk.logged(event)).at(-1)).toMatch(words)
    }
    await talk.say('Still talking')
    await vi.waitFor(async () => expect(await talk.fateOf('Still talking')).toMatch(/^✓/), patience)
    expect(await talk.logged('close')).toEqual([])
  })

  test('a stroke that is drawn on one page appears on the other, also one drawn while the link was gone', async ({
    openTalk,
  }) => {
    const [draws, sees] = [await openTalk(), await openTalk()]
    await sees.page.getByLabel('Coral').check()
    expect(await sees.inked()).toBe(0)
    const canvas = draws.page.locator('#canvas')
    await canvas.scrollIntoViewIfNeeded()
    const drag = async (from: number, to: number) => {
      const { x = 0, y = 0, width = 0, height = 0 } = (await canvas.boundingBox()) ?? {}
      await draws.page.mouse.move(x + from * width, y + from * height)
      await draws.page.mouse.down()
      await draws.page.mouse.move(x + to * width, y + to * height, { steps: 8 })
      await draws.page.mouse.up()
    }
    await drag(0.1, 0.5)
    await vi.waitFor(async () => expect(await sees.inked()).toBeGreaterThan(0.001), patience)
    const frames = async (which: string) => Number(await draws.text(`frames-${which}`))
    await vi.waitFor(async () => expect(await frames('back')).toBe(await frames('sent')), patience)
    await draws.press('Go offline')
    await vi.waitFor(async () => expect(await draws.text('status-word')).toBe('Offline'), patience)
    const [sent, back, inked] = [await frames('sent'), await frames('back'), await sees.inked()]
    await canvas.scrollIntoViewIfNeeded()
    await drag(0.5, 0.9)
    await vi.waitFor(async () => expect(await frames('sent')).toBeGreaterThan(sent), patience)
    expect(await frames('back')).toBe(back)
    await draws.press('Go offline')
    await vi.waitFor(async () => {
      expect(await frames('back')).toBeGreaterThan(sent)
      expect(await frames('back')).toBe(await frames('sent'))
      expect(await sees.inked()).toBeGreaterThan(inked)
    }, patience)
  })

  test('a large file arrives whole, and a chat line passes it', { timeout: 120_000 }, async ({
    openTalk,
  }) => {
    const [sends, other] = [await openTalk(), await openTalk()]
    await meet(sends, other)
    await sends.press('Send 16 MB')
    await vi.waitFor(
      async () => expect(await sends.text('upload-note')).toMatch(/^[1-9]\d*\.\d MB of 16\.0 MB sent/),
      patience,
    )
    await sends.say('Past the file')
    await vi.waitFor(async () => expect(await other.said()).toEqual(['Past the file']), patience)
    // The line takes more than six seconds for all of it.
    expect(await sends.text('upload-note')).toMatch(/ sent, \d+ %$/)
    expect(await sends.arrivedAt(other, '16.0 MB')).toBe(0)
    await vi.waitFor(
      async () => {
        expect(await sends.text('upload-note')).toMatch(/^16\.0 MB went out in/)
        expect(await sends.text('arrivals')).toContain('Your file is back: 16.0 MB, each byte as it was sent')
        expect(await sends.arrivedAt(other, '16.0 MB')).toBe(1)
      },
      { timeout: 90_000, interval: 100 },
    )
    expect(await sends.text('trip-worst')).toMatch(/^\d+ ms$/)
  })

  test('a file whose link is cut is sent anew, and arrives whole and once', async ({ openTalk }) => {
    const [sends, other] = [await openTalk(), await openTalk()]
    await sends.press('Send 5 MB')
    await vi.waitFor(
      async () => expect(await sends.text('upload-note')).toMatch(/sent, [1-9]\d? %$/),
      patience,
    )
    await sends.press('Cut the link')
    await vi.waitFor(async () => expect(await sends.logged('reconnected')).toHaveLength(1), patience)
    expect(await sends.text('upload-note')).toMatch(/ sent, \d+ %$/)
    await vi.waitFor(async () => expect(await sends.arrivedAt(other)).toBe(1), { timeout: 40_000 })
    await vi.waitFor(
      async () => expect(await sends.text('upload-note')).toMatch(/^5\.0 MB went out in/),
      patience,
    )
    await meet(sends, other)
    expect(await sends.arrivedAt(other)).toBe(1)
  })

  test('a file that is given up is given up on both sides', async ({ openTalk }) => {
    const [sends, other] = [await openTalk(), await openTalk()]
    await sends.press('Send 16 MB')
    await vi.waitFor(
      async () => expect(await other.text('arrivals')).toMatch(/Arriving: .* of 16\.0 MB/),
      patience,
    )
    await sends.press('Cancel')
    await vi.waitFor(async () => {
      expect(await sends.text('upload-note')).toMatch(/^Given up after [\d.]+ s, aborted\.$/)
      expect(await other.text('arrivals')).toContain('Given up by its sender at')
    }, patience)
    await meet(sends, other)
    await sends.say('The link is free')
    await vi.waitFor(async () => expect(await other.said()).toEqual(['The link is free']), patience)
  })
})
