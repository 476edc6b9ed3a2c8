import type { AddressInfo, Socket } from 'node:net'
import net from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { openSlowLink } from '../../bench/lib/slow-link.mjs'

/** What to end after each test, last first. */
const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

/** A server that sends back what it gets, and a client to it through a slow line. */
async function echoOver(line: { readonly bytesPerSecond: number; readonly latencyMs: number }) {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const link = await openSlowLink({ ...line, targetPort: (server.address() as AddressInfo).port })
  ends.push(() => link.close())
  const client = net.connect({ port: link.port, host: '127.0.0.1', noDelay: true })
  ends.push(() => client.destroy())
  const chunks: Buffer[] = []
  client.on('data', (chunk) => chunks.push(chunk))
  client.on('error', () => {})
  await new Promise((resolve) => client.once('connect', resolve))
  return { client, sockets, received: () => Buffer.concat(chunks) }
}

test('all bytes arrive, in order', async () => {
  const { client, received } = await echoOver({ bytesPerSecond: 10_000_000, latencyMs: 1 })
  const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => (index * 7) % 251))
  client.write(bytes)
  await vi.waitFor(() => expect(received().length).toBe(bytes.length), 10_000)
  expect(received().equals(bytes)).toBe(true)
})

test('nothing arrives before the latency of both ways and the time that its bytes take', async () => {
  const { client, received } = await echoOver({ bytesPerSecond: 100_000, latencyMs: 30 })
  const start = performance.now()
  client.write(Buffer.alloc(10_000))
  await vi.waitFor(() => expect(received().length).toBe(10_000), { timeout: 10_000, interval: 1 })
  // 30 ms there, 30 ms back, and 100 ms for the bytes, which the way back begins to pass on as they come.
  expect(performance.now() - start).toBeGreaterThanOrEqual(155)
})

test('a sender is held up as soon as the line is full', async () => {
  const { client } = await echoOver({ bytesPerSecond: 1_000, latencyMs: 0 })
  const more = () => {
    while (client.write(Buffer.alloc(65_536)));
  }
  client.on('drain', more)
  more()
  await vi.waitFor(() => expect(client.writableNeedDrain).toBe(true))
  // Once the kernel is full as well nothing moves on its own.
  let written = -1
  await vi.waitFor(
    () => {
      const before = written
      written = client.bytesWritten
      expect(written).toBe(before)
    },
    { timeout: 10_000, interval: 200 },
  )
})

test('the end of one side ends the other', async () => {
  const { client, sockets } = await echoOver({ bytesPerSecond: 1_000_000, latencyMs: 0 })
  await vi.waitFor(() => expect(sockets.size).toBe(1))
  const ended = new Promise((resolve) => [...sockets][0]?.once('close', resolve))
  client.destroy()
  await ended
})
