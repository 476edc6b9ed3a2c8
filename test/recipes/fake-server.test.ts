import { once } from 'node:events'
import { createClient } from 'holdfast'
import { expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'

test('a lost link is no lost message', async () => {
  const heard: string[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => socket.on('message', (data) => heard.push(String(data))))
  await once(server, 'listening')
  const { port } = server.address() as { port: number }

  await using client = createClient({ url: `ws://127.0.0.1:${port}`, backoff: () => 0 })
  await client.send('first').written
  await vi.waitFor(() => expect(heard).toHaveLength(1))
  const lost = new Promise((resolve) => client.socket.on('close', resolve, { once: true }))
  for (const socket of server.clients) socket.terminate()
  await lost
  client.send('second')
  await vi.waitFor(() => expect(heard).toEqual(['{"type":"first"}', '{"type":"second"}']))
  server.close()
})
