import type { HeartbeatOptions } from 'holdfast'
import { constantBackoff, envelopeHeartbeat, pingFrames } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { createFakeSignals } from '../contract/support/fake-signals.ts'
import { openRecorded, until } from '../contract/support/sockets.ts'
import { createFaultBench, numbered } from './support/bench.ts'

const testTimeoutMs = 10_000
const quick: HeartbeatOptions = { intervalMs: 100, timeoutMs: 80 }
/** Without a probe it would find nothing within a test. */
const slow: HeartbeatOptions = { intervalMs: 60_000, timeoutMs: 60_000, probeTimeoutMs: 80 }
const blackHole = { kind: 'blackHole' } as const

describe('a black hole', () => {
  it(
    'is found by ping frames within interval and timeout, and the link is replaced',
    async () => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), { heartbeat: pingFrames(quick) })
      expect(await told.nth('heartbeat')).toMatchObject({ status: 'verified' })
      const struckAt = performance.now()
      await bench.proxy.setFault(blackHole, { scope: 'live' })
      const close = await told.nth('close')
      // 100 + 80 + 50 ms by the options; the rest is for a busy machine.
      expect(performance.now() - struckAt).toBeLessThan(2_000)
      expect(close).toMatchObject({ code: 1006, wasClean: false, cause: { kind: 'heartbeat' } })
      expect(await told.nth('reconnected')).toMatchObject({ attempt: 2 })
      socket.send('after')
      expect(await told.nth('message')).toMatchObject({ data: 'after' })
    },
    testTimeoutMs,
  )

  it(
    'is found by an envelope heartbeat too',
    async () => {
      const bench = await createFaultBench()
      const { told } = await openRecorded(bench.url('/json-pong'), { heartbeat: envelopeHeartbeat(quick) })
      await told.nth('heartbeat')
      await bench.proxy.setFault(blackHole, { scope: 'live' })
      expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'heartbeat' } })
      await told.nth('open', 2)
      expect(told.of('message')).toEqual([])
    },
    testTimeoutMs,
  )

  it(
    'to the server is found although the server goes on talking',
    async () => {
      const bench = await createFaultBench()
      const url = bench.url('/push', { count: 100_000, everyMs: 20 })
      const { socket, told } = await openRecorded(url, { heartbeat: pingFrames(quick), keepInDoubt: 100 })
      await told.nth('heartbeat')
      await bench.proxy.setFault({ ...blackHole, direction: 'toServer' }, { scope: 'live' })
      const sent = numbered('m', 5)
      for (const text of sent) socket.send(text)
      const before = told.of('message').length
      await until(() => told.of('message').length > before + 20)
      // What arrives proves nothing of ours, but it is life: there is no verdict while it comes.
      expect(told.of('close')).toEqual([])
      await bench.proxy.setFault(blackHole, { scope: 'live' })
      expect(await told.nth('close')).toMatchObject({ cause: { kind: 'heartbeat' } })
      expect((await told.nth('indoubt')).messages).toEqual(sent)
    },
    testTimeoutMs,
  )

  it(
    'is survived when it ends before the answer is due',
    async () => {
      const bench = await createFaultBench()
      const heartbeat = pingFrames({ intervalMs: 1_000, timeoutMs: 1_000 })
      const { socket, told } = await openRecorded(bench.url('/echo'), { heartbeat })
      await told.nth('heartbeat')
      const pings = () => bench.case.connections[0]?.pingCount ?? 0
      const before = pings()
      await bench.proxy.setFault({ kind: 'stall', direction: 'toClient' })
      await until(() => pings() > before)
      await bench.proxy.setFault({ kind: 'pass' })
      socket.send('alive')
      expect(await told.nth('message')).toMatchObject({ data: 'alive' })
      expect(told.of('close')).toEqual([])
    },
    testTimeoutMs,
  )
})

describe('a server that answers no ping', () => {
  const pings = pingFrames({ intervalMs: 40, timeoutMs: 30 })

  it(
    'is told as unverified, once, and never killed',
    async () => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/sink', { autoPong: 0 }), { heartbeat: pings })
      expect(await told.nth('heartbeat')).toMatchObject({ status: 'unverified' })
      await until(() => (bench.case.connections[0]?.pingCount ?? 0) >= 10)
      expect(told.of('heartbeat')).toHaveLength(1)
      expect(told.of('close')).toEqual([])
      expect(socket.getSnapshot()).toMatchObject({ status: 'open', heartbeat: 'unverified' })
      expect(socket.getSnapshot().rtt).toBeUndefined()
    },
    testTimeoutMs,
  )

  it(
    'is told once for each link',
    async () => {
      const bench = await createFaultBench()
      const { told } = await openRecorded(bench.url('/sink', { autoPong: 0 }), { heartbeat: pings })
      await told.nth('heartbeat')
      await bench.proxy.setFault({ kind: 'reset' })
      expect(await told.nth('heartbeat', 2)).toMatchObject({ status: 'unverified' })
      expect(told.of('open')).toHaveLength(2)
    },
    testTimeoutMs,
  )

  it(
    'leaves what was written on its link in doubt',
    async () => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/sink', { autoPong: 0 }), { heartbeat: pings })
      socket.send('one')
      socket.send('two')
      await until(() => bench.texts().length === 2)
      await bench.proxy.setFault({ kind: 'reset' })
      expect(await told.nth('indoubt')).toMatchObject({ count: 2, messages: [] })
    },
    testTimeoutMs,
  )
})

describe('a quick probe', () => {
  const probed = async (signals = createFakeSignals()) => {
    const bench = await createFaultBench()
    const options = { heartbeat: pingFrames(slow), signals, backoff: constantBackoff(20) }
    const { socket, told } = await openRecorded(bench.url('/echo'), options)
    await told.nth('heartbeat')
    return { bench, socket, told, signals }
  }

  it(
    'after wake() finds a dead link',
    async () => {
      const { bench, socket, told } = await probed()
      await bench.proxy.setFault(blackHole, { scope: 'live' })
      socket.wake()
      expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'wake' } })
      await told.nth('open', 2)
    },
    testTimeoutMs,
  )

  it.each(['online', 'wake', 'show'] as const)(
    'after the signal %s finds a dead link',
    async (signal) => {
      const { bench, told, signals } = await probed()
      await bench.proxy.setFault(blackHole, { scope: 'live' })
      signals.tell(signal)
      expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'wake' } })
      await told.nth('open', 2)
    },
    testTimeoutMs,
  )

  it(
    'after offline finds a dead link, waits for online, and then connects',
    async () => {
      const { bench, socket, told, signals } = await probed()
      await bench.proxy.setFault(blackHole, { scope: 'live' })
      signals.tell('offline')
      expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'offline' } })
      expect(socket.status).toBe('offline')
      await bench.proxy.setFault({ kind: 'pass' })
      signals.tell('online')
      await told.nth('open', 2)
    },
    testTimeoutMs,
  )

  it(
    'leaves a live link alone, and is answered',
    async () => {
      const { bench, socket, told } = await probed()
      const pings = () => bench.case.connections[0]?.pingCount ?? 0
      const before = pings()
      const { rtt } = socket.getSnapshot()
      socket.wake()
      await until(() => pings() > before)
      await until(() => socket.getSnapshot().rtt !== rtt)
      socket.send('alive')
      expect(await told.nth('message')).toMatchObject({ data: 'alive' })
      expect(told.of('close')).toEqual([])
    },
    testTimeoutMs,
  )
})

describe('the round trip', () => {
  it(
    'is in the snapshot, and shows the latency of the network',
    async () => {
      const bench = await createFaultBench()
      const { socket, told } = await openRecorded(bench.url('/echo'), {
        heartbeat: pingFrames({ intervalMs: 40, timeoutMs: 40 }),
      })
      await told.nth('heartbeat')
      expect(socket.getSnapshot().rtt?.lastMs).toBeGreaterThanOrEqual(0)
      const slowBench = await createFaultBench()
      await slowBench.proxy.setFault({ kind: 'latency', ms: 60 })
      const other = await openRecorded(slowBench.url('/echo'), {
        heartbeat: pingFrames({ intervalMs: 1_000, timeoutMs: 1_000 }),
      })
      await other.told.nth('heartbeat')
      const { lastMs = 0, smoothedMs = 0, p95Ms = 0 } = other.socket.getSnapshot().rtt ?? {}
      // Twice 60 ms; timers may come a little early.
      expect(lastMs).toBeGreaterThanOrEqual(110)
      expect(smoothedMs).toBe(lastMs)
      expect(p95Ms).toBe(lastMs)
    },
    testTimeoutMs,
  )
})
