import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type DemoProcess, startDemo } from '../../tools/demo-process.mjs'

let server: DemoProcess

beforeAll(async () => {
  server = await startDemo()
})

afterAll(async () => {
  await server?.stop()
})

/** As it stands: `fetch` would tidy the path up before it asks. */
async function statusOf(path: string, method = 'GET'): Promise<number | undefined> {
  const { hostname, port } = new URL(server.address)
  const asked = request({ hostname, port, path, method }).end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.statusCode
}

async function connect(client: string): Promise<WebSocket> {
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}socket?client=${client}`)
  await once(socket, 'open')
  return socket
}

describe('the demo server', () => {
  test.each([
    '/',
    '/main.js',
    '/styles/base.css',
    '/vendor/uplot.js',
    '/vendor/uplot.css',
    '/page/ledger.js',
    '/shared/number-set.js',
    '/holdfast.min.js',
    '/chat',
    '/chat.js',
    '/chat/talk.js',
    '/servers',
  ])('serves %s', async (path) => {
    expect(await statusOf(path)).toBe(200)
  })

  test.each([
    '/../package.json',
    '/page/../../package.json',
    '/page/%2e%2e/%2e%2e/package.json',
    '/server/links.mjs',
    '/page/..',
    '//etc/passwd',
    '/harm/cut',
    '/toString',
    '/chat/',
    '/servers/ws',
    '/servers/constructor',
  ])('has nothing at %s', async (path) => {
    expect(await statusOf(path)).toBe(404)
  })

  test.each(['cut', 'constructor', '__proto__', ''])('does no harm "%s" to an unknown page', async (name) => {
    expect(await statusOf(`/harm/${name}?client=nobody-knows-me`, 'POST')).toBe(404)
  })

  test.each(['/servers/nobody', '/servers/constructor', '/restart/', '/restart/__proto__'])(
    'starts and stops nothing at %s',
    async (path) => {
      expect(await statusOf(path, 'POST')).toBe(404)
    },
  )

  test.each([
    '/chat-link',
    '/chat-link?client=short',
    '/chat-link?client=some-page-2&server=toString',
    '/ws',
  ])('opens no link at %s', async (path) => {
    const socket = new WebSocket(`${server.address.replace(/^http(.*)\/$/, 'ws$1')}${path}`)
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('400')
  })

  test('leads to a plain server, on which it lays a token and faults of its own', async () => {
    const address = `${server.address.replace('http', 'ws')}chat-link?client=tunnel-client&server=ws`
    const stranger = new WebSocket(`${address}&token=wrong`)
    expect((await once(stranger, 'close'))[0]).toBe(1008)
    const socket = new WebSocket(`${address}&token=demo`)
    await once(socket, 'open')
    socket.send('{"type":"ping","id":"a1"}')
    const [pong] = await once(socket, 'message')
    expect(JSON.parse(String(pong))).toEqual({ type: 'pong', id: 'a1' })
    const closed = once(socket, 'close')
    expect(await statusOf('/harm/cut?client=tunnel-client', 'POST')).toBe(200)
    expect((await closed)[0]).toBe(1006)
  })

  test('ends a plain server in order where that is asked, and starts it for who comes next', async () => {
    const address = `${server.address.replace('http', 'ws')}chat-link?client=restart-client&token=demo`
    const socket = new WebSocket(address)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    expect(await statusOf('/restart/ws', 'POST')).toBe(200)
    expect((await closed)[0]).toBe(1001)
    const next = new WebSocket(address)
    await once(next, 'open')
    next.terminate()
  })

  test('counts numbers, duplicates and gaps, and answers pings with their id', async () => {
    const socket = await connect('counting-client')
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(JSON.parse(String(data))))
    for (const number of [1, 2, 2, 4]) socket.send(JSON.stringify({ type: 'tick', payload: { number } }))
    for (const odd of ['', '[', 'null', '{"type":"tick"}', '{"type":"tick","payload":{"number":"7"}}'])
      socket.send(odd)
    socket.send(Buffer.from([1, 2, 3]))
    socket.send('{"type":"ping","id":"a1"}')
    const count = { received: 3, ranges: [[1, 2], [4, 4]], duplicates: 1 } // biome-ignore format: one look
    await expect.poll(() => heard).toContainEqual({ type: 'pong', id: 'a1' })
    await expect.poll(() => heard.at(-1)).toEqual({ type: 'count', payload: count })
    const answer = await fetch(`${server.address}count?client=counting-client`)
    expect(await answer.json()).toEqual(count)
    socket.terminate()
  })

  test('says why it closes a link, and turns the page away while it restarts, no longer', async () => {
    const socket = await connect('restarted-client')
    const closed = once(socket, 'close')
    expect(await statusOf('/harm/restart?client=restarted-client&ms=60000', 'POST')).toBe(200)
    const [code, reason] = await closed
    expect([code, JSON.parse(String(reason))]).toEqual([1012, { retryAfterMs: 60_000, windowMs: 60_000 }])
    await expect(connect('restarted-client')).rejects.toThrow('503')
    // A restart that is over soon, in the place of the one that no test waits for.
    expect(await statusOf('/harm/restart?client=restarted-client&ms=50', 'POST')).toBe(200)
    const back = await vi.waitFor(() => connect('restarted-client'), { timeout: 20_000, interval: 20 })
    back.terminate()
  })

  test('lets nobody in who is offline, until it is told otherwise', async () => {
    const socket = await connect('offline-client')
    await statusOf('/harm/offline?client=offline-client&on=true', 'POST')
    await expect(connect('offline-client')).rejects.toThrow('503')
    await statusOf('/harm/offline?client=offline-client&on=false', 'POST')
    const back = await connect('offline-client')
    back.terminate()
    socket.terminate()
  })

  test('takes a free port where the wished one is taken, and ends in order', async () => {
    const second = await startDemo({ PORT: new URL(server.address).port })
    expect(second.address).not.toBe(server.address)
    expect((await fetch(second.address)).status).toBe(200)
    expect(await second.stop()).toBe(0)
  })

  test.each(['socket?', 'chat-link?token=demo&'])(
    'says goodbye to its pages when it ends: %s',
    async (path) => {
      const leaving = await startDemo()
      const socket = new WebSocket(`${leaving.address.replace('http', 'ws')}${path}client=some-page-1`)
      await once(socket, 'open')
      const closed = once(socket, 'close')
      expect(await leaving.stop()).toBe(0)
      expect((await closed)[0]).toBe(1001)
    },
  )
})
