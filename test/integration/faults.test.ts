import { pingFrames } from 'holdfast'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../chaos/fault.ts'
import { hostileClientFrames, hostileServerFrames } from '../chaos/raw-frames.ts'
import type { TestSocketOptions } from '../contract/support/sockets.ts'
import { openRecorded, until } from '../contract/support/sockets.ts'
import type { FaultBench } from './support/bench.ts'
import { createFaultBench, numbered } from './support/bench.ts'
import { faultOptions } from './support/fault-options.ts'

const testTimeoutMs = 10_000

/** For links that are slow on purpose. */
const patient: TestSocketOptions = {
  ...faultOptions,
  connectTimeoutMs: 5_000,
  maxConnectTimeoutMs: 5_000,
  heartbeat: pingFrames({ intervalMs: 2_000, timeoutMs: 2_000 }),
}

interface LiveRow {
  readonly name: string
  readonly fault: Fault
  /** 1006, or what the peer says of broken frames. */
  readonly code: number
  readonly kind: 'close' | 'protocol' | 'heartbeat'
}

const lost = (name: string, fault: Fault, kind: LiveRow['kind'], code = 1006): LiveRow => ({
  name,
  fault,
  kind,
  code,
})

const liveRows: readonly LiveRow[] = [
  lost('black hole', { kind: 'blackHole' }, 'heartbeat'),
  lost('black hole to the server', { kind: 'blackHole', direction: 'toServer' }, 'heartbeat'),
  lost('black hole to the client', { kind: 'blackHole', direction: 'toClient' }, 'heartbeat'),
  lost('stall', { kind: 'stall' }, 'heartbeat'),
  lost('stall to the server', { kind: 'stall', direction: 'toServer' }, 'heartbeat'),
  lost('stall to the client', { kind: 'stall', direction: 'toClient' }, 'heartbeat'),
  lost('reset', { kind: 'reset' }, 'close'),
  lost('fin', { kind: 'fin' }, 'close'),
  lost('half close to the client', { kind: 'halfClose', side: 'client' }, 'close'),
  lost('half close to the server', { kind: 'halfClose', side: 'server' }, 'close'),
  lost(
    'cut mid-frame by a reset',
    { kind: 'cut', afterBytes: 3, direction: 'toServer', how: 'reset' },
    'close',
  ),
  lost('cut mid-frame by a fin', { kind: 'cut', afterBytes: 3, direction: 'toClient', how: 'fin' }, 'close'),
  lost(
    'cut mid-frame by a black hole',
    { kind: 'cut', afterBytes: 3, direction: 'toClient', how: 'blackHole' },
    'heartbeat',
  ),
  lost('corrupt byte to the client', { kind: 'corrupt', atByte: 0, direction: 'toClient' }, 'protocol'),
  lost('corrupt byte to the server', { kind: 'corrupt', atByte: 0, direction: 'toServer' }, 'close', 1002),
  lost(
    'bad UTF-8 to the client',
    { kind: 'inject', to: 'client', bytes: hostileServerFrames.badUtf8 },
    'protocol',
  ),
  lost(
    'bad UTF-8 to the server',
    { kind: 'inject', to: 'server', bytes: hostileClientFrames.badUtf8 },
    'close',
    1007,
  ),
  lost(
    'reserved bits to the client',
    { kind: 'inject', to: 'client', bytes: hostileServerFrames.reservedBits },
    'protocol',
  ),
  lost(
    'reserved bits to the server',
    { kind: 'inject', to: 'server', bytes: hostileClientFrames.reservedBits },
    'close',
    1002,
  ),
]

/** No new link gets through while a test looks at what the loss of the old one led to. */
async function strike({ proxy }: FaultBench, fault: Fault): Promise<void> {
  await proxy.setFault({ kind: 'refuse' }, { scope: 'new' })
  await proxy.setFault(fault, { scope: 'live' })
}

describe('a fault on an idle link', () => {
  it.each(liveRows)(
    '$name: ends in $code by $kind, and the queue arrives when it is over',
    async (row) => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), faultOptions)
      await told.nth('heartbeat')
      await strike(bench, row.fault)

      const close = await told.nth('close')
      expect(close).toMatchObject({ code: row.code, cause: { kind: row.kind } })
      expect(close.wasClean).toBe(row.code !== 1006)
      expect(told.order('error', 'close')[0]).toBe(close.wasClean ? 'close' : 'error')

      const sent = numbered('m', 20)
      for (const text of sent) socket.send(text)
      await told.nth('close', 2)
      await bench.proxy.setFault({ kind: 'pass' })
      await told.nth('open', 2)
      await until(() => bench.texts().length >= sent.length)
      expect(bench.texts()).toEqual(sent)
      expect(told.of('drop')).toEqual([])
      expect(told.of('failed')).toEqual([])
    },
    testTimeoutMs,
  )

  it(
    'what the peer says of broken frames stops by default',
    async () => {
      const bench = await createFaultBench()
      const { told } = await openRecorded(bench.url('/echo'), { ...faultOptions, closePolicy: {} })
      await bench.proxy.setFault({ kind: 'inject', to: 'server', bytes: hostileClientFrames.reservedBits })
      expect((await told.nth('failed')).cause).toMatchObject({ kind: 'close', code: 1002 })
    },
    testTimeoutMs,
  )
})

describe('a fault while messages flow', () => {
  it.each(liveRows)(
    '$name: every message arrived once, or is told as in doubt',
    async (row) => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), faultOptions)
      await told.nth('heartbeat')
      const sent: string[] = []
      const send = (): void => {
        const text = `m${sent.length}`
        sent.push(text)
        socket.send(text)
      }
      const timer = setInterval(send, 2)
      try {
        await until(() => told.of('message').length > 10)
        await strike(bench, row.fault)
        expect(await told.nth('close')).toMatchObject({ code: row.code, cause: { kind: row.kind } })
        const before = sent.length
        await until(() => sent.length > before + 10)
        await bench.proxy.setFault({ kind: 'pass' })
        await told.nth('open', 2)
        await until(() => sent.length > before + 30)
      } finally {
        clearInterval(timer)
      }
      send()
      const last = sent.at(-1)
      await until(() => told.of('message').some(({ data }) => data === last))

      const arrived = bench.texts()
      const doubtful = told.of('indoubt').flatMap(({ messages }) => messages)
      expect(new Set(arrived).size).toBe(arrived.length)
      expect(sent.filter((text) => !arrived.includes(text) && !doubtful.includes(text))).toEqual([])
      for (const { id } of bench.case.connections) {
        const onLink = bench.case.messages.filter(({ connection }) => connection === id)
        const numbers = onLink.map(({ text }) => Number(text?.slice(1)))
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      }
      // Once the link is back, nothing may be missing any more.
      const second = bench.case.connections.filter(({ state }) => state === 'open').at(-1)?.id
      const there = bench.case.messages
        .filter(({ connection }) => connection === second)
        .map(({ text }) => text)
      expect(there).toEqual(sent.slice(sent.indexOf(there[0] ?? '')))
      expect(told.of('drop')).toEqual([])
    },
    testTimeoutMs,
  )
})

const survivedRows: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'latency', fault: { kind: 'latency', ms: 40 } },
  { name: 'bandwidth', fault: { kind: 'bandwidth', bytesPerSecond: 4_000 } },
  { name: 'slices of 7 bytes', fault: { kind: 'slice', bytes: 7 } },
  { name: 'slices of 1 byte', fault: { kind: 'slice', bytes: 1 } },
]

describe('a fault that a link survives', () => {
  it.each(survivedRows)(
    '$name, from the handshake on and while messages flow',
    async ({ fault }) => {
      const bench = await createFaultBench()
      await bench.proxy.setFault(fault)
      const { socket, told } = await openRecorded(bench.url('/echo'), patient)
      const sent = numbered('grüße ', 60)
      for (const text of sent) socket.send(text)
      await until(() => told.of('message').length >= sent.length)
      expect(told.of('message').map(({ data }) => data)).toEqual(sent)
      expect(bench.texts()).toEqual(sent)
      expect(told.of('error')).toEqual([])
      expect(told.of('close')).toEqual([])
      expect(bench.case.connections).toHaveLength(1)
      await until(() => socket.getSnapshot().heartbeat === 'verified')
    },
    testTimeoutMs,
  )

  it(
    'a stall that is lifted in time: nothing is lost and no end is told',
    async () => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), patient)
      await bench.proxy.setFault({ kind: 'stall', direction: 'toClient' })
      const sent = numbered('m', 50)
      for (const text of sent) socket.send(text)
      await until(() => bench.texts().length === sent.length)
      expect(told.of('message')).toEqual([])
      await bench.proxy.setFault({ kind: 'pass' })
      await until(() => told.of('message').length >= sent.length)
      expect(bench.texts()).toEqual(sent)
      expect(told.of('close')).toEqual([])
    },
    testTimeoutMs,
  )
})
