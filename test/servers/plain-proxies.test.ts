import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { enter, enterRooms, heardBy, settled, startMs, titled, waits } from './plain/fixtures.ts'
import type { RunningServer } from './plain/plain-server.ts'
import { wsServer } from './plain/plain-servers.ts'
import { behind, plainProxies } from './plain/proxies.ts'
import { connectRaw } from './plain/raw-client.ts'

vi.setConfig({ testTimeout: 20_000 })

describe.each(plainProxies.map((proxy) => ({ proxy, missing: proxy.missing() })))(
  '$proxy.name in front of a server',
  ({ proxy, missing }) => {
    const idleMs = 1_000
    const kind = behind(proxy, wsServer, idleMs)
    let server: RunningServer

    describe.skipIf(missing !== undefined)(titled('with a short idle timeout', missing), () => {
      beforeAll(async () => {
        server = await kind.start()
      }, startMs)
      afterAll(() => server?.end())

      it('passes on text, frames and refusals', async () => {
        const frame = Buffer.of(0, 0, 0, 1, 2)
        const client = await enterRooms(server.url(), 'lobby', 'binary:1')
        client.say({ type: 'broadcast', room: 'lobby', payload: 'x'.repeat(5_000_000) })
        client.say(frame)
        await vi.waitFor(() => expect(client.frames).toEqual([frame]), waits)
        expect(heardBy(client)[0]).toHaveLength(5_000_002)
        await expect(connectRaw(server.url('wrong'))).rejects.toMatchObject({ status: 401 })
      })

      it('cuts a silent link', async () => {
        const client = await enterRooms(server.url(), 'lobby')
        const silentFrom = performance.now()
        expect((await client.ended).code).toBe(1006)
        expect(performance.now() - silentFrom).toBeGreaterThan(idleMs * 0.9)
      })

      it('keeps a link on which pings go', async () => {
        const client = await enter(server.url())
        const from = performance.now()
        const pings = setInterval(() => client.say({ type: 'ping' }), idleMs / 5)
        await vi
          .waitFor(() => expect(client.texts.length).toBeGreaterThan(12), waits)
          .finally(() => clearInterval(pings))
        expect(performance.now() - from).toBeGreaterThan(idleMs * 2)
        await settled(client)
      })

      it('answers for a server that is gone, and finds it again', async () => {
        await server.kill()
        await expect(connectRaw(server.url())).rejects.toMatchObject({
          status: expect.toSatisfy((s) => s >= 502),
        })
        await server.restart()
        await settled(await enter(server.url()))
      })
    })
  },
)
