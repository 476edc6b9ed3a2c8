/** Rooms, large messages and cuts over real sockets, with a plain server that knows nothing of pieces. */
import { constantBackoff, createClient, fragments } from 'holdfast'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Joins, leaves and broadcasts, as a plain server does it. */
async function plainServer(port = 0) {
  const server = new WebSocketServer({ port, host: '127.0.0.1' })
  const rooms = new Map<string, Set<WebSocket>>()
  const heard: string[] = []
  server.on('connection', (socket) => {
    socket.on('close', () => {
      for (const members of rooms.values()) members.delete(socket)
    })
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.send(data, { binary: true })
      else route(socket, JSON.parse(String(data)))
    })
  })
  const route = (
    socket: WebSocket,
    { type, room, payload }: { type: string; room: string; payload: unknown },
  ) => {
    const members = rooms.get(room) ?? new Set()
    rooms.set(room, members)
    heard.push(type)
    if (type === 'join') members.add(socket)
    if (type === 'leave') members.delete(socket)
    if (type === 'broadcast') for (const member of members) member.send(JSON.stringify(payload))
  }
  await new Promise((resolve) => server.once('listening', resolve))
  const end = () => {
    for (const socket of server.clients) socket.terminate()
    return new Promise((resolve) => server.close(resolve))
  }
  ends.push(end)
  const { port: actual } = server.address() as { port: number }
  return { server, heard, end, port: actual, url: `ws://127.0.0.1:${actual}/` }
}

function clientOf(url: string) {
  const client = createClient({ url, fragments: fragments(), backoff: constantBackoff(20) })
  ends.push(() => client.close())
  return client
}

test('five megabytes reach the others in a room, while they chat', async () => {
  const { url } = await plainServer()
  const [from, to] = [clientOf(url), clientOf(url)]
  const order: string[] = []
  to.room('a').on('file', ({ payload }) => void order.push(`file ${String(payload).length}`))
  to.room('a').on('chat', ({ payload }) => void order.push(`chat ${payload}`))
  const room = from.room('a')
  await vi.waitFor(() => expect([room.status, to.room('a').status]).toEqual(['joined', 'joined']))
  const text = '€𝄞'.repeat(714_286)
  const receipt = room.send('file', text)
  room.send('chat', 1)
  expect(await receipt.written).toBe('written')
  await vi.waitFor(() => expect(order).toEqual(['chat 1', `file ${text.length}`]), 20_000)
}, 30_000)

test('a server that goes down in the middle of an upload and comes back gets all of it, once', async () => {
  const first = await plainServer()
  const client = clientOf(first.url)
  const got: number[] = []
  const gaps: (readonly string[])[] = []
  client.events.on('gap', ({ rooms }) => void gaps.push(rooms))
  // The server sends it to all who are in the room, and that is this client: another might be back later than it.
  const room = client.room('a')
  room.on('file', ({ payload }) => void got.push(String(payload).length))
  const cut = new Promise<void>((resolve) => {
    const receipt = room.send('file', 'x'.repeat(2_000_000), {
      onProgress: (sent, all) => {
        if (sent > all / 2 && receipt.status === 'queued') resolve()
      },
    })
    ends.push(() => receipt.abort())
  })
  await cut
  await first.end()
  room.send('file', 'after')
  const second = await plainServer(first.port)
  await vi.waitFor(() => expect(got).toEqual([2_000_000, 5]), 20_000)
  expect(second.heard[0]).toBe('join')
  expect(gaps).toEqual([['a']])
}, 30_000)

test('blobs and bytes of a type come back in order', async () => {
  const { url } = await plainServer()
  const client = clientOf(url)
  const channel = client.binary(7)
  const got: string[] = []
  channel.on((bytes) => void got.push(new TextDecoder().decode(bytes)))
  const large = 'y'.repeat(100_000)
  channel.send(new Blob(['blob']))
  channel.send(new TextEncoder().encode('bytes'))
  channel.send(new Blob([large]))
  channel.send(new Blob(['last']))
  await vi.waitFor(() => expect(got).toEqual(['blob', 'bytes', large, 'last']), 10_000)
}, 30_000)
