/** Every fault on a link that nothing but the heartbeat uses: how its end is told, and that the queue outlives it. */
import { describe, expect, test } from 'vitest'
import { hostileClientFrames } from './support/control.ts'
import { engine } from './support/engine.ts'
import { createFaultBench, faultOptions, faultTimeoutMs, numbered, verified } from './support/fault-bench.ts'
import { faultRows, optionsFor, strike } from './support/fault-rows.ts'
import { openRecorded, until } from './support/sockets.ts'

describe('a fault on an idle link', () => {
  test.each(faultRows)(
    '$name: ends in $code by $kind, and the queue arrives when it is over',
    async (row) => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), optionsFor(row))
      await verified(socket)
      await strike(bench, row.fault)
      // Some faults wait for a frame: a ping is one, and none of the application's.
      if (row.kind !== 'heartbeat') socket.wake()

      const close = await told.nth('close')
      expect(close).toMatchObject({ code: row.code, cause: { kind: row.kind } })
      if (row.code === 1006 || engine.hangUpIsClean) expect(close.wasClean).toBe(row.code !== 1006)
      expect(told.order('error', 'close')[0]).toBe(close.wasClean ? 'close' : 'error')

      const sent = numbered('m', 20)
      for (const text of sent) socket.send(text)
      await told.nth('close', 2)
      await bench.proxy.fault({ kind: 'pass' })
      await told.nth('open', 2)
      await until(async () => (await bench.texts()).length >= sent.length, 'the queue at the server')
      expect(await bench.texts()).toEqual(sent)
      expect(told.of('drop')).toEqual([])
      expect(told.of('failed')).toEqual([])
    },
    faultTimeoutMs,
  )

  test('what the peer says of broken frames stops by default', { timeout: faultTimeoutMs }, async () => {
    const bench = await createFaultBench()
    const { told } = await openRecorded(bench.url('/echo'), { ...faultOptions, closePolicy: {} })
    await bench.proxy.fault({ kind: 'inject', to: 'server', bytes: hostileClientFrames.reservedBits })
    expect((await told.nth('failed')).cause).toMatchObject({ kind: 'close', code: 1002 })
  })
})
