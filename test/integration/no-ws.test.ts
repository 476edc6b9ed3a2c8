import { ReconnectingWebSocket } from 'holdfast'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createRecorded, openRecorded, until } from '../contract/support/sockets.ts'
import { createStub } from '../contract/support/stub-web-socket.ts'
import { createBench } from './support/bench.ts'

const testTimeoutMs = 10_000

/** As where nobody installed `ws`: the import rejects. */
vi.mock('isomorphic-ws', () => {
  throw Object.assign(new Error("Cannot find package 'ws'"), { code: 'ERR_MODULE_NOT_FOUND' })
})

// Node 22 has a global WebSocket, Node 20 has none: each test says what there is.
beforeEach(() => void vi.stubGlobal('WebSocket', undefined))
afterEach(() => void vi.unstubAllGlobals())

const address = 'ws://127.0.0.1:9/live'

describe('Node without ws and without a global WebSocket', () => {
  it(
    'fails with HF_NO_WEBSOCKET, at once, and keeps the queue',
    async () => {
      const { socket, told } = createRecorded(address)
      socket.send('kept')
      const { error, cause } = await told.nth('failed')
      expect(error).toMatchObject({ code: 'HF_NO_WEBSOCKET', retryable: false })
      expect(error.message).toContain('ws')
      expect(cause).toMatchObject({ kind: 'setup', code: 1006, wasClean: false })
      expect(told.of('error')[0]?.error).toMatchObject({ code: 'HF_NO_WEBSOCKET' })
      expect(told.order('error', 'close', 'failed')).toEqual(['error', 'close', 'failed'])
      expect(socket.queued.count).toBe(1)
    },
    testTimeoutMs,
  )

  it(
    'is closed without failed where retry is false',
    async () => {
      const { socket, told } = createRecorded(address, { retry: false })
      expect((await told.nth('close')).cause).toMatchObject({ kind: 'setup' })
      expect(socket.status).toBe('closed')
      expect(told.of('failed')).toEqual([])
    },
    testTimeoutMs,
  )

  it(
    'comes to life by open() when there is one',
    async () => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/echo'))
      socket.send('kept')
      await told.nth('failed')
      vi.stubGlobal('WebSocket', WebSocket)
      socket.open()
      expect(await told.nth('message')).toMatchObject({ data: 'kept' })
    },
    testTimeoutMs,
  )

  it(
    'works with an implementation given by option, webSocketOptions included',
    async () => {
      const bench = await createBench()
      const options = { WebSocket: WebSocket as never, webSocketOptions: { headers: { 'x-given': 'yes' } } }
      const { socket, told } = await openRecorded(bench.url('/echo'), options)
      socket.send('hello')
      expect(await told.nth('message')).toMatchObject({ data: 'hello' })
      expect(bench.case.connections[0]?.headers['x-given']).toBe('yes')
      const asked = await openRecorded(bench.url('/echo'), { getWebSocket: async () => WebSocket as never })
      expect(asked.socket).toBeInstanceOf(ReconnectingWebSocket)
    },
    testTimeoutMs,
  )
})

describe('Node without ws, with a global WebSocket', () => {
  it(
    'uses the global one, asked at each attempt',
    async () => {
      const first = createStub()
      vi.stubGlobal('WebSocket', first.WebSocket)
      const { told } = createRecorded(address, { protocols: ['a'] })
      const made = await until(() => first.made[0])
      expect(made).toMatchObject({ url: address, protocols: ['a'], options: undefined })
      const second = createStub()
      vi.stubGlobal('WebSocket', second.WebSocket)
      made.end(1006)
      const next = await until(() => second.made[0])
      next.open('a')
      await told.nth('open')
      expect(first.made).toHaveLength(1)
    },
    testTimeoutMs,
  )

  it(
    'fails with HF_NEEDS_WS where webSocketOptions are given',
    async () => {
      const stub = createStub()
      vi.stubGlobal('WebSocket', stub.WebSocket)
      const { told } = createRecorded(address, {
        webSocketOptions: { headers: { authorization: 'Bearer x' } },
      })
      const { error, cause } = await told.nth('failed')
      expect(error).toMatchObject({ code: 'HF_NEEDS_WS', retryable: false })
      expect(cause.kind).toBe('setup')
      expect(stub.made).toEqual([])
    },
    testTimeoutMs,
  )

  it(
    'says HF_NO_WEBSOCKET rather than HF_NEEDS_WS where there is neither',
    async () => {
      const { told } = createRecorded(address, { webSocketOptions: { headers: {} } })
      expect((await told.nth('failed')).error.code).toBe('HF_NO_WEBSOCKET')
    },
    testTimeoutMs,
  )

  it(
    'has no verdict of the default heartbeat: it cannot send ping frames',
    async () => {
      const stub = createStub((made) => setTimeout(() => made.open(), 0))
      vi.stubGlobal('WebSocket', stub.WebSocket)
      const { socket, told } = await openRecorded(address)
      socket.send('hello')
      await until(() => stub.last.sent.length > 0)
      expect(stub.last.sent).toEqual(['hello'])
      expect(told.of('heartbeat')).toEqual([])
      expect(stub.last.options).toBeUndefined()
    },
    testTimeoutMs,
  )
})
