/** Faults that a link lives through: slow, late and chopped up, but nothing is lost and no end is told. */
import { describe, expect, test } from 'vitest'
import type { Fault } from './support/control.ts'
import {
  createFaultBench,
  faultOptions,
  faultTimeoutMs,
  heartbeatWith,
  numbered,
  verified,
} from './support/fault-bench.ts'
import { openRecorded, type TestSocketOptions, until } from './support/sockets.ts'

const patient: TestSocketOptions = {
  ...faultOptions,
  heartbeat: heartbeatWith({ intervalMs: 4_000, timeoutMs: 4_000 }),
}

const rows: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'latency', fault: { kind: 'latency', ms: 40 } },
  { name: 'bandwidth', fault: { kind: 'bandwidth', bytesPerSecond: 4_000 } },
  { name: 'slices of 7 bytes', fault: { kind: 'slice', bytes: 7 } },
  { name: 'slices of 1 byte', fault: { kind: 'slice', bytes: 1 } },
]

describe('a fault that a link survives', () => {
  test.each(rows)(
    '$name, from the handshake on and while messages flow',
    async ({ fault }) => {
      const bench = await createFaultBench()
      await bench.proxy.fault(fault)
      const { socket, told } = await openRecorded(bench.url('/echo'), patient)
      const sent = numbered('grüße ', 60)
      for (const text of sent) socket.send(text)
      await until(() => told.of('message').length >= sent.length, 'the echo of all')
      expect(told.of('message').map(({ data }) => data)).toEqual(sent)
      expect(await bench.texts()).toEqual(sent)
      expect(told.of('error')).toEqual([])
      expect(told.of('close')).toEqual([])
      expect(await bench.connections()).toHaveLength(1)
      await verified(socket)
    },
    faultTimeoutMs,
  )

  test(
    'a stall that is lifted in time: nothing is lost and no end is told',
    async () => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), patient)
      await verified(socket)
      await bench.proxy.fault({ kind: 'stall', direction: 'toClient' })
      const sent = numbered('m', 50)
      for (const text of sent) socket.send(text)
      await until(async () => (await bench.texts()).length === sent.length)
      expect(told.of('message')).toEqual([])
      await bench.proxy.fault({ kind: 'pass' })
      await until(() => told.of('message').length >= sent.length, 'the echo of all')
      expect(await bench.texts()).toEqual(sent)
      expect(told.of('close')).toEqual([])
    },
    faultTimeoutMs,
  )
})
