/** How soon a link that died in silence is found, and by what: the heartbeat, a wake, a signal of the network. */
import { constantBackoff, envelopeHeartbeat } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { engine } from './support/engine.ts'
import { createFakeSignals } from './support/fake-signals.ts'
import { createFaultBench, faultTimeoutMs, heartbeatWith, numbered, verified } from './support/fault-bench.ts'
import { providedControl } from './support/provided-control.ts'
import { openRecorded, until } from './support/sockets.ts'

const control = providedControl()
const timeout = faultTimeoutMs
const quick = heartbeatWith({ intervalMs: 100, timeoutMs: 80 })
const blackHole = { kind: 'blackHole' } as const
const silentPath = '/sink'
/** `/sink` answers no message anyway; it is not to answer frames either. */
const silent = { autoPong: 0 }

describe('a black hole', () => {
  test('is found within interval and timeout, and the link is replaced', { timeout }, async () => {
    const bench = await createFaultBench()
    const { socket, told } = await openRecorded(bench.url('/echo'), { heartbeat: quick })
    await verified(socket)
    const struckAt = performance.now()
    await bench.proxy.fault(blackHole, 'live')
    const close = await told.nth('close')
    // 100 + 80 + 50 ms by the options; the rest is for a busy machine.
    expect(performance.now() - struckAt).toBeLessThan(2_000)
    expect(close).toMatchObject({ code: 1006, wasClean: false, cause: { kind: 'heartbeat' } })
    expect(await told.nth('reconnected')).toMatchObject({ attempt: 2 })
    socket.send('after')
    expect(await told.nth('message')).toMatchObject({ data: 'after' })
  })

  test('to the server is found although the server goes on talking', { timeout }, async () => {
    const bench = await createFaultBench()
    // Longer than the server pauses between two words, however busy the machine is.
    const heartbeat = heartbeatWith({ intervalMs: 500, timeoutMs: 500 })
    const { socket, told } = await openRecorded(bench.url('/echo'), { heartbeat, keepInDoubt: 100 })
    await verified(socket)
    await bench.proxy.fault({ ...blackHole, direction: 'toServer' }, 'live')
    const sent = numbered('m', 5)
    for (const text of sent) socket.send(text)
    const before = told.of('message').length
    for (let count = 0; told.of('message').length < before + 20; count++) {
      await control.serverSend(bench.caseName, `news ${count}`)
    }
    // What arrives proves nothing of ours, but it is life: there is no verdict while it comes.
    expect(told.of('close')).toEqual([])
    await bench.proxy.fault(blackHole, 'live')
    expect(await told.nth('close')).toMatchObject({ cause: { kind: 'heartbeat' } })
    expect((await told.nth('indoubt')).messages).toEqual(sent)
  })

  test('is survived when it ends before the answer is due', { timeout }, async () => {
    const bench = await createFaultBench()
    const heartbeat = heartbeatWith({ intervalMs: 1_000, timeoutMs: 1_000 })
    const { socket, told } = await openRecorded(bench.url('/echo'), { heartbeat })
    await verified(socket)
    const before = await bench.pings()
    await bench.proxy.fault({ kind: 'stall', direction: 'toClient' })
    await until(async () => (await bench.pings()) > before)
    await bench.proxy.fault({ kind: 'pass' })
    socket.send('alive')
    expect(await told.nth('message')).toMatchObject({ data: 'alive' })
    expect(told.of('close')).toEqual([])
  })
})

describe('a server that answers no ping', () => {
  const heartbeat = heartbeatWith({ intervalMs: 40, timeoutMs: 30 })

  test('is told as unverified, once, and never killed', { timeout }, async () => {
    const bench = await createFaultBench()
    const { socket, told } = await openRecorded(bench.url(silentPath, silent), { heartbeat })
    expect(await told.nth('heartbeat')).toMatchObject({ status: 'unverified' })
    await until(async () => (await bench.pings()) >= 10)
    expect(told.of('heartbeat')).toHaveLength(1)
    expect(told.of('close')).toEqual([])
    expect(socket.getSnapshot()).toMatchObject({ status: 'open', heartbeat: 'unverified' })
    expect(socket.getSnapshot().rtt).toBeUndefined()
  })

  test('is told once for each link', { timeout }, async () => {
    const bench = await createFaultBench()
    const { told } = await openRecorded(bench.url(silentPath, silent), { heartbeat })
    await told.nth('heartbeat')
    await bench.proxy.fault({ kind: 'reset' })
    expect(await told.nth('heartbeat', 2)).toMatchObject({ status: 'unverified' })
    expect(told.of('open')).toHaveLength(2)
  })

  test('leaves what was written on its link in doubt', { timeout }, async () => {
    const bench = await createFaultBench()
    const { socket, told } = await openRecorded(bench.url(silentPath, silent), { heartbeat })
    socket.send('one')
    socket.send('two')
    await until(async () => (await bench.texts()).length === 2)
    await bench.proxy.fault({ kind: 'reset' })
    expect(await told.nth('indoubt')).toMatchObject({ count: 2, messages: [] })
  })
})

describe('a quick probe', () => {
  /** Without a probe it would find nothing within a test. */
  const slow = heartbeatWith({ intervalMs: 60_000, timeoutMs: 60_000, probeTimeoutMs: 80 })
  const probed = async (heartbeat = slow) => {
    const bench = await createFaultBench()
    const signals = createFakeSignals()
    const options = { heartbeat, signals, backoff: constantBackoff(20) }
    const { socket, told } = await openRecorded(bench.url('/echo'), options)
    await verified(socket)
    return { bench, socket, told, signals }
  }

  test('after wake() finds a dead link', { timeout }, async () => {
    const { bench, socket, told } = await probed()
    await bench.proxy.fault(blackHole, 'live')
    socket.wake()
    expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'wake' } })
    await told.nth('open', 2)
  })

  test.each(['online', 'wake', 'show'] as const)(
    'after the signal %s finds a dead link',
    async (signal) => {
      const { bench, told, signals } = await probed()
      await bench.proxy.fault(blackHole, 'live')
      signals.tell(signal)
      expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'wake' } })
      await told.nth('open', 2)
    },
    timeout,
  )

  test('after offline finds a dead link, waits for online, and then connects', { timeout }, async () => {
    const { bench, socket, told, signals } = await probed()
    await bench.proxy.fault(blackHole, 'live')
    signals.tell('offline')
    expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'offline' } })
    expect(socket.status).toBe('offline')
    await bench.proxy.fault({ kind: 'pass' })
    signals.tell('online')
    await told.nth('open', 2)
  })

  test('leaves a live link alone, and is answered', { timeout }, async () => {
    // Time enough for the answer, however busy the machine is.
    const { bench, socket, told } = await probed(heartbeatWith({ intervalMs: 60_000, timeoutMs: 60_000 }))
    const before = await bench.pings()
    const { rtt } = socket.getSnapshot()
    socket.wake()
    await until(async () => (await bench.pings()) > before)
    await until(() => socket.getSnapshot().rtt !== rtt)
    socket.send('alive')
    expect(await told.nth('message')).toMatchObject({ data: 'alive' })
    expect(told.of('close')).toEqual([])
  })
})

test('the round trip in the snapshot shows the latency of the network', { timeout }, async () => {
  const bench = await createFaultBench()
  await bench.proxy.fault({ kind: 'latency', ms: 60 })
  const heartbeat = heartbeatWith({ intervalMs: 4_000, timeoutMs: 4_000 })
  const { socket } = await openRecorded(bench.url('/echo'), { heartbeat })
  await verified(socket)
  const { lastMs = 0, smoothedMs = 0, p95Ms = 0 } = socket.getSnapshot().rtt ?? {}
  // Twice 60 ms; timers may come a little early.
  expect(lastMs).toBeGreaterThanOrEqual(110)
  expect(smoothedMs).toBe(lastMs)
  expect(p95Ms).toBe(lastMs)
})

// Where `heartbeatWith` gives ping frames, the other kind is looked at as well.
if (engine.sendsPingFrames)
  test('a black hole is found by an envelope heartbeat too', { timeout }, async () => {
    const bench = await createFaultBench()
    const heartbeat = envelopeHeartbeat({ intervalMs: 100, timeoutMs: 80 })
    const { socket, told } = await openRecorded(bench.url('/json-pong'), { heartbeat })
    await verified(socket)
    await bench.proxy.fault(blackHole, 'live')
    expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'heartbeat' } })
    await told.nth('open', 2)
    expect(told.of('message')).toEqual([])
  })
