import { describe, expect, it } from 'vitest'
import type { Fault } from '../chaos/fault.ts'
import { hostileServerFrames } from '../chaos/raw-frames.ts'
import { createRecorded, until } from '../contract/support/sockets.ts'
import { createFaultBench, numbered } from './support/bench.ts'
import { faultOptions } from './support/fault-options.ts'

const testTimeoutMs = 10_000

const acceptHeader =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '

interface HandshakeRow {
  readonly name: string
  readonly fault: Fault
  readonly kind: 'refused' | 'timeout' | 'http'
}

const handshakeRows: readonly HandshakeRow[] = [
  { name: 'refuse', fault: { kind: 'refuse' }, kind: 'refused' },
  { name: 'mute', fault: { kind: 'mute' }, kind: 'timeout' },
  { name: 'black hole', fault: { kind: 'blackHole' }, kind: 'timeout' },
  { name: 'black hole to the server', fault: { kind: 'blackHole', direction: 'toServer' }, kind: 'timeout' },
  { name: 'black hole to the client', fault: { kind: 'blackHole', direction: 'toClient' }, kind: 'timeout' },
  { name: 'stall', fault: { kind: 'stall' }, kind: 'timeout' },
  { name: 'latency beyond the timeout', fault: { kind: 'latency', ms: 1_000 }, kind: 'timeout' },
  { name: 'a trickle', fault: { kind: 'bandwidth', bytesPerSecond: 20 }, kind: 'timeout' },
  { name: 'reset', fault: { kind: 'reset' }, kind: 'refused' },
  { name: 'fin', fault: { kind: 'fin' }, kind: 'refused' },
  { name: 'half close to the client', fault: { kind: 'halfClose', side: 'client' }, kind: 'refused' },
  { name: 'half close to the server', fault: { kind: 'halfClose', side: 'server' }, kind: 'refused' },
  {
    name: 'cut by a reset in the answer',
    fault: { kind: 'cut', afterBytes: 30, direction: 'toClient', how: 'reset' },
    kind: 'refused',
  },
  {
    name: 'cut by a fin in the answer',
    fault: { kind: 'cut', afterBytes: 30, direction: 'toClient', how: 'fin' },
    kind: 'refused',
  },
  {
    name: 'cut by a black hole in the request',
    fault: { kind: 'cut', afterBytes: 30, direction: 'toServer', how: 'blackHole' },
    kind: 'timeout',
  },
  {
    name: 'corrupt first byte of the answer',
    fault: { kind: 'corrupt', atByte: 0, direction: 'toClient' },
    kind: 'refused',
  },
  {
    name: 'corrupt accept key',
    fault: { kind: 'corrupt', atByte: acceptHeader.length + 2, direction: 'toClient', xor: 1 },
    kind: 'refused',
  },
  {
    name: 'corrupt path in the request: 404',
    fault: { kind: 'corrupt', atByte: 'GET /e'.length - 1, direction: 'toServer', xor: 1 },
    kind: 'http',
  },
  {
    name: 'bytes of somebody else before the answer',
    fault: { kind: 'inject', to: 'client', bytes: hostileServerFrames.badUtf8 },
    kind: 'refused',
  },
]

describe('a fault during the handshake', () => {
  it.each(handshakeRows)(
    '$name: told as $kind, and the queue arrives when it is over',
    async (row) => {
      const bench = await createFaultBench()
      await bench.proxy.setFault(row.fault, { scope: 'new' })
      const { socket, told } = createRecorded(bench.url('/echo'), faultOptions)
      const sent = numbered('m', 20)
      for (const text of sent) socket.send(text)

      const second = await told.nth('close', 2)
      expect(second).toMatchObject({ code: 1006, wasClean: false, cause: { kind: row.kind } })
      expect(told.order('error', 'close').slice(0, 4)).toEqual(['error', 'close', 'error', 'close'])
      expect(told.of('open')).toEqual([])
      expect(socket.queued.count).toBe(20)

      await bench.proxy.setFault({ kind: 'pass' })
      await told.nth('open')
      await until(() => bench.texts().length >= sent.length)
      expect(bench.texts()).toEqual(sent)
      expect(told.of('drop')).toEqual([])
      expect(told.of('indoubt')).toEqual([])
      expect(told.of('close').every(({ code }) => code === 1006)).toBe(true)
    },
    testTimeoutMs,
  )

  it(
    'corrupt method in the request: the server says 400, which stops',
    async () => {
      const bench = await createFaultBench()
      await bench.proxy.setFault({ kind: 'corrupt', atByte: 0, direction: 'toServer' })
      const { told } = createRecorded(bench.url('/echo'), faultOptions)
      expect((await told.nth('failed')).cause).toMatchObject({ kind: 'http', status: 400, code: 1006 })
    },
    testTimeoutMs,
  )
})
