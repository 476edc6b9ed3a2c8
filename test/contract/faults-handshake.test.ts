/** Every fault before a link is open: how the failed attempts are told, and that the queue outlives them. */
import { describe, expect, test } from 'vitest'
import type { Fault } from './support/control.ts'
import { engine } from './support/engine.ts'
import {
  createFaultBench,
  faultOptions,
  faultTimeoutMs,
  heartbeatWith,
  numbered,
} from './support/fault-bench.ts'
import { createRecorded, type TestSocketOptions, until } from './support/sockets.ts'

const acceptHeader =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '

interface HandshakeRow {
  readonly name: string
  readonly fault: Fault
  readonly kind: 'refused' | 'timeout' | 'http'
}

const refused = (name: string, fault: Fault): HandshakeRow => ({ name, fault, kind: 'refused' })
const unanswered = (name: string, fault: Fault): HandshakeRow => ({ name, fault, kind: 'timeout' })
const withStatus = (name: string, fault: Fault): HandshakeRow => ({
  name,
  fault,
  kind: engine.tellsHttpStatus ? 'http' : 'refused',
})

const corruptAcceptKey: Fault = {
  kind: 'corrupt',
  atByte: acceptHeader.length + 2,
  direction: 'toClient',
  xor: 1,
}

const rows: readonly HandshakeRow[] = [
  refused('refuse', { kind: 'refuse' }),
  unanswered('mute', { kind: 'mute' }),
  unanswered('black hole', { kind: 'blackHole' }),
  unanswered('black hole to the server', { kind: 'blackHole', direction: 'toServer' }),
  unanswered('black hole to the client', { kind: 'blackHole', direction: 'toClient' }),
  unanswered('stall', { kind: 'stall' }),
  unanswered('latency beyond the timeout', { kind: 'latency', ms: 2_000 }),
  unanswered('a trickle', { kind: 'bandwidth', bytesPerSecond: 20 }),
  refused('reset', { kind: 'reset' }),
  refused('fin', { kind: 'fin' }),
  refused('half close to the client', { kind: 'halfClose', side: 'client' }),
  refused('half close to the server', { kind: 'halfClose', side: 'server' }),
  refused('cut by a reset in the answer', {
    kind: 'cut',
    afterBytes: 30,
    direction: 'toClient',
    how: 'reset',
  }),
  refused('cut by a fin in the answer', { kind: 'cut', afterBytes: 30, direction: 'toClient', how: 'fin' }),
  unanswered('cut by a black hole in the request', {
    kind: 'cut',
    afterBytes: 30,
    direction: 'toServer',
    how: 'blackHole',
  }),
  refused('corrupt first byte of the answer', { kind: 'corrupt', atByte: 0, direction: 'toClient' }),
  ...(engine.checksAcceptKey ? [refused('corrupt accept key', corruptAcceptKey)] : []),
  withStatus('corrupt path in the request: 404', {
    kind: 'corrupt',
    atByte: 'GET /e'.length - 1,
    direction: 'toServer',
    xor: 1,
  }),
  // More than the few bytes that browsers overlook in front of a status line.
  refused('a banner of somebody else before the answer', {
    kind: 'inject',
    to: 'client',
    bytes: new TextEncoder().encode('220 mail.example.com is ready for your mail\r\n'),
  }),
]

/** An attempt that ends by itself gets the time for it, one that does not is not waited for. */
function optionsFor({ kind }: HandshakeRow): TestSocketOptions {
  const connectTimeoutMs = kind === 'timeout' ? 150 : 4_000
  return {
    ...faultOptions,
    heartbeat: heartbeatWith({ intervalMs: 4_000, timeoutMs: 4_000 }),
    connectTimeoutMs,
    // An engine that delays attempts would otherwise never get to make one in time.
    maxConnectTimeoutMs: engine.delaysRetries ? 4_000 : connectTimeoutMs,
  }
}

describe('a fault during the handshake', () => {
  test.each(rows)(
    '$name: told as $kind, and the queue arrives when it is over',
    async (row) => {
      const bench = await createFaultBench()
      await bench.proxy.fault(row.fault, 'new')
      const { socket, told } = createRecorded(bench.url('/echo'), optionsFor(row))
      const sent = numbered('m', 20)
      for (const text of sent) socket.send(text)

      const second = await told.nth('close', 2)
      expect(second).toMatchObject({ code: 1006, wasClean: false, cause: { kind: row.kind } })
      expect(told.order('error', 'close').slice(0, 4)).toEqual(['error', 'close', 'error', 'close'])
      expect(told.of('open')).toEqual([])
      expect(socket.queued.count).toBe(20)

      await bench.proxy.fault({ kind: 'pass' })
      await told.nth('open')
      await until(async () => (await bench.texts()).length >= sent.length, 'the queue at the server')
      expect(await bench.texts()).toEqual(sent)
      expect(told.of('drop')).toEqual([])
      expect(told.of('indoubt')).toEqual([])
      expect(told.of('close').every(({ code }) => code === 1006)).toBe(true)
    },
    faultTimeoutMs,
  )

  if (!engine.checksAcceptKey)
    test('corrupt accept key: nobody looks at it, and the link opens', async () => {
      const bench = await createFaultBench()
      await bench.proxy.fault(corruptAcceptKey, 'new')
      const { told } = createRecorded(bench.url('/echo'), faultOptions)
      await told.nth('open')
    })

  test('corrupt method in the request: 400 stops where it is told, and is retried where it is not', async () => {
    const bench = await createFaultBench()
    await bench.proxy.fault({ kind: 'corrupt', atByte: 0, direction: 'toServer' })
    const { socket, told } = createRecorded(bench.url('/echo'), faultOptions)
    const { cause } = await told.nth('close')
    if (engine.tellsHttpStatus) {
      expect(cause).toMatchObject({ kind: 'http', status: 400, code: 1006 })
      expect(socket.status).toBe('failed')
      return
    }
    expect(cause).toMatchObject({ kind: 'refused', code: 1006 })
    await bench.proxy.fault({ kind: 'pass' })
    await told.nth('open')
  })
})
