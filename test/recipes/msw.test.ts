import { createClient } from 'holdfast'
import { ws } from 'msw'
import { setupServer } from 'msw/node'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { until } from './until.ts'

test('msw plays the server, given the global WebSocket as the option', async () => {
  const globals = globalThis as { WebSocket?: unknown }
  const original = globals.WebSocket
  globals.WebSocket ??= WebSocket
  const live = ws.link('wss://example.com/live')
  const heard: unknown[] = []
  const server = setupServer(
    live.addEventListener('connection', ({ client }) => {
      client.addEventListener('message', ({ data }) => heard.push(data))
      client.send(JSON.stringify({ type: 'welcome', payload: { name: 'test' } }))
    }),
  )
  server.listen()
  const client = createClient({ url: 'wss://example.com/live', WebSocket: globalThis.WebSocket })
  expect((await client.once('welcome')).payload).toEqual({ name: 'test' })
  client.send('hello')
  await until(() => expect(heard).toContain('{"type":"hello"}'))
  client.close()
  server.close()
  globals.WebSocket = original
})
