import { ws as msw } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { TestSocketOptions } from '../contract/support/sockets.ts'
import { createRecorded, openRecorded, until } from '../contract/support/sockets.ts'

const testTimeoutMs = 10_000
const address = 'wss://chat.example.com/live'
const chat = msw.link(address)
const server = setupServer()
const globals = globalThis as { WebSocket?: unknown }
const original = globals.WebSocket

afterEach(() => server.resetHandlers())

class Bare extends EventTarget {}

/** What was the global before msw took its place: Node 20 has none, so tests there put `ws` or a dummy. */
const bases: readonly { readonly name: string; readonly base: unknown }[] = [
  { name: 'ws', base: WebSocket },
  { name: 'a bare class', base: Bare },
  ...(original === undefined ? [] : [{ name: "Node's own", base: original }]),
]

/** What msw put in the place of the global: it is looked up when the test runs. */
const mocked = (): TestSocketOptions => ({ WebSocket: globals.WebSocket as never })

describe.each(bases)('a socket on msw, in the place of $name', ({ base }) => {
  beforeAll(() => {
    globals.WebSocket = base
    server.listen({ onUnhandledRequest: 'error' })
  })
  afterAll(() => {
    server.close()
    globals.WebSocket = original
  })

  it(
    'speaks both ways',
    async () => {
      const heard: unknown[] = []
      server.use(
        chat.addEventListener('connection', ({ client }) => {
          client.send('welcome')
          client.addEventListener('message', ({ data }) => {
            heard.push(data)
            client.send(`echo ${String(data)}`)
          })
        }),
      )
      const { socket, told } = createRecorded(address, mocked())
      socket.send('queued')
      await told.nth('open')
      socket.send('open')
      await told.nth('message', 3)
      expect(told.of('message').map(({ data }) => data)).toEqual(['welcome', 'echo queued', 'echo open'])
      expect(heard).toEqual(['queued', 'open'])
      expect(socket.url).toBe(address)
      expect(told.of('error')).toEqual([])
    },
    testTimeoutMs,
  )

  it(
    'carries bytes to the mocked server',
    async () => {
      const heard: unknown[] = []
      server.use(
        chat.addEventListener('connection', ({ client }) => {
          client.addEventListener('message', ({ data }) => void heard.push(data))
        }),
      )
      const { socket } = await openRecorded(address, mocked())
      const buffer = Uint8Array.of(0, 1, 2, 3)
      socket.send(buffer.subarray(1, 3))
      await until(() => heard.length === 1)
      expect([...(heard[0] as Uint8Array)]).toEqual([1, 2])
    },
    testTimeoutMs,
  )

  it.each(['blob', 'arraybuffer'] as const)(
    'gets bytes as binaryType %s says',
    async (binaryType) => {
      server.use(
        chat.addEventListener('connection', ({ client }) => {
          // A view of a part, as a Buffer of Node's pool is.
          client.send(Uint8Array.of(9, 1, 2, 9).subarray(1, 3))
          client.send(new Blob([Uint8Array.of(3)]))
          client.send(Uint8Array.of(4).buffer)
        }),
      )
      const { told } = createRecorded(address, { ...mocked(), binaryType })
      await told.nth('message', 3)
      const all = told.of('message').map(({ data }) => data)
      expect(all[0]).toBeInstanceOf(binaryType === 'blob' ? Blob : ArrayBuffer)
      expect(all[2]).toBeInstanceOf(binaryType === 'blob' ? Blob : ArrayBuffer)
      const bytes = await Promise.all(all.map((data) => new Response(data).arrayBuffer()))
      expect(bytes.map((part) => Array.from(new Uint8Array(part)))).toEqual([[1, 2], [3], [4]])
    },
    testTimeoutMs,
  )

  it.each([1000, 1011, 4000])(
    'comes back after the mocked server closed with %i',
    async (code) => {
      let connections = 0
      server.use(
        chat.addEventListener('connection', ({ client }) => {
          connections += 1
          if (connections < 3) client.addEventListener('message', () => client.close(code, 'again'))
          else client.addEventListener('message', ({ data }) => client.send(`got ${String(data)}`))
        }),
      )
      const { socket, told } = createRecorded(address, { ...mocked(), closePolicy: { 1000: 'retry' } })
      socket.on('open', () => socket.send(`link ${connections}`))
      expect(await told.nth('message')).toMatchObject({ data: 'got link 3' })
      expect(told.of('close').map((event) => [event.code, event.reason, event.wasClean])).toEqual([
        [code, 'again', true],
        [code, 'again', true],
      ])
      expect(told.of('reconnected')).toHaveLength(2)
    },
    testTimeoutMs,
  )

  it(
    'asks getWebSocket at each attempt',
    async () => {
      let asked = 0
      let connections = 0
      server.use(
        chat.addEventListener('connection', ({ client }) => {
          connections += 1
          if (connections < 3) client.close(1012)
        }),
      )
      const getWebSocket = async () => {
        asked += 1
        return globals.WebSocket as never
      }
      const { socket, told } = createRecorded(address, { getWebSocket })
      await told.nth('close', 2)
      await until(() => connections === 3 && socket.status === 'open')
      expect(asked).toBe(3)
      expect(connections).toBe(3)
    },
    testTimeoutMs,
  )

  it(
    'closes cleanly from this side',
    async () => {
      const ends: unknown[] = []
      server.use(
        chat.addEventListener('connection', ({ client }) => {
          client.addEventListener('close', (event) => void ends.push([event.code, event.reason]))
        }),
      )
      const { socket, told } = await openRecorded(address, mocked())
      socket.close(4001, 'bye')
      expect(await told.nth('close')).toMatchObject({ code: 4001, reason: 'bye', wasClean: true })
      expect(socket.status).toBe('closed')
      await until(() => ends.length === 1)
      expect(ends).toEqual([[4001, 'bye']])
    },
    testTimeoutMs,
  )
})
