import { fragments } from 'holdfast'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startMs, titled } from '../servers/plain/fixtures.ts'
import type { RunningServer } from '../servers/plain/plain-server.ts'
import { plainServers } from '../servers/plain/plain-servers.ts'
import { enter, listen, longText, type Person, settled, waits } from './support/people.ts'

vi.setConfig({ testTimeout: 60_000 })

const limits = { maxMessageBytes: 4_096 }
const large = longText(5_000_000)
const rows = plainServers
  .filter(({ hasPiecewise }) => hasPiecewise)
  .map((kind) => ({ kind, missing: kind.missing() }))

describe.each(rows)('$kind.name, where it takes each read of 4 KiB for a message', ({ kind, missing }) => {
  describe.skipIf(missing !== undefined)(titled('on this machine', missing), () => {
    let server: RunningServer

    beforeAll(async () => {
      server = await kind.start({ piecewise: true })
    }, startMs)
    afterAll(() => server?.end())

    const person = (options = {}): Person => enter(kind, { url: server.url(), limits, ...options })

    it('a text of 5 MB gets through in pieces of less than that, exactly, and chat goes on meanwhile', async () => {
      const [a, b] = [person({ fragments: fragments() }), person({ fragments: fragments() })]
      const heard = listen(b, 'lobby')
      await settled(a, b)
      const lobby = a.room('lobby')
      const said: string[] = []
      let heardMeanwhile = 0
      // One chat line for each twentieth of the way, each sent when the one before was heard.
      const onProgress = (sentBytes: number, bytes: number): void => {
        if (said.length > heard.chat.length || sentBytes * 20 < bytes * said.length) return
        heardMeanwhile = heard.chat.length
        said.push(`at ${sentBytes}`)
        lobby.send('chat', { text: `at ${sentBytes}` })
      }
      const upload = lobby.send('upload', { text: large }, { onProgress })
      await vi.waitFor(() => expect(heard.upload.length).toBe(1), waits)
      expect([heard.upload[0] === large, upload.status]).toEqual([true, 'written'])
      await vi.waitFor(() => expect(heard.chat).toEqual(said), waits)
      expect(heardMeanwhile).toBeGreaterThanOrEqual(5)
    })

    it('so does a binary message', async () => {
      const [a, b] = [person({ fragments: fragments() }), person({ fragments: fragments() })]
      b.room('binary-stream')
      const heard: Buffer[] = []
      b.binary(7).on((bytes) => void heard.push(Buffer.from(bytes)))
      await settled(b)
      const sent = Buffer.from(large)
      a.binary(7).send(sent)
      await vi.waitFor(() => expect(heard.length).toBe(1), waits)
      expect(heard[0]?.equals(sent)).toBe(true)
    })

    it('without pieces a message over the limit fails at send, and harms nothing', async () => {
      const [a, b] = [person(), person()]
      const heard = listen(b, 'lobby')
      await settled(a, b)
      const lobby = a.room('lobby')
      const code = 'HF_TOO_LARGE'
      expect(() => lobby.send('upload', { text: large })).toThrow(expect.objectContaining({ code }))
      expect(() => a.binary(7).send(new Uint8Array(4_093))).toThrow(expect.objectContaining({ code }))
      lobby.send('chat', { text: 'still here' })
      await vi.waitFor(() => expect(heard.chat).toEqual(['still here']), waits)
    })
  })
})
