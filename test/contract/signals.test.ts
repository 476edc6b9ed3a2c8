/** What network and page tell, and what a socket does with it. */
import { constantBackoff, envelopeHeartbeat } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { engine } from './support/engine.ts'
import { createFakeSignals } from './support/fake-signals.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, macrotask, openRecorded, type TestSocketOptions, until } from './support/sockets.ts'
import { createStubbed } from './support/stubbed.ts'

const control = providedControl()
const never = constantBackoff(3_600_000)

/** As `createStubbed`, with signals told by hand. */
async function stubbed(options: TestSocketOptions = {}) {
  const signals = createFakeSignals()
  return { signals, ...(await createStubbed({ signals, ...options })) }
}

/** A socket over a real server, in a wait that would last for an hour. */
async function waiting(label: string, options: TestSocketOptions = {}) {
  const name = uniqueCase(label)
  const signals = createFakeSignals()
  const created = await openRecorded(control.urlFor('/echo', name), { backoff: never, signals, ...options })
  await control.serverTerminate(name)
  await created.told.nth('reconnecting')
  return { name, signals, ...created }
}

describe('a wait', () => {
  test.each(['online', 'wake', 'show'] as const)('%s ends it', async (signal) => {
    const { signals, told } = await waiting(signal)
    signals.tell(signal)
    await told.nth('open', 2)
  })

  test('offline turns it into the wait for the network; online ends that', async () => {
    const { signals, socket, told } = await waiting('offline')
    signals.tell('offline')
    expect([socket.status, socket.readyState]).toEqual(['offline', 0])
    expect(told.of('reconnecting')).toHaveLength(2)
    expect(told.of('reconnecting')[1]).toMatchObject({ attempt: 2, delayMs: 30_000 })
    signals.tell('online')
    await told.nth('open', 2)
  })

  test('offline can lie: an attempt is made all the same, and does not count for the limits', async () => {
    const { clock, stub, signals, socket, told } = await stubbed({
      retry: { offlineProbeMs: 1_000, maxAttempts: 2, unavailableAfter: 2 },
    })
    stub.last.end(1006)
    signals.tell('offline')
    for (let probe = 0; probe < 5; probe++) {
      await clock.advance(1_000)
      stub.last.end(1006)
    }
    expect([socket.status, stub.made.length]).toEqual(['offline', 6])
    expect(socket.getSnapshot()).toMatchObject({ attempt: 1, unavailable: false })
    expect(told.of('close').at(-1)?.cause.kind).toBe('offline')
    await clock.advance(1_000)
    stub.last.open()
    expect(socket.status).toBe('open')
  })

  test('after the return of the network the waits are short again', async () => {
    const { clock, stub, signals, told } = await stubbed({ backoff: ({ attempt }) => 100 * attempt })
    for (let failure = 1; failure <= 2; failure++) {
      stub.last.end(1006)
      await clock.advance(100 * failure)
    }
    stub.last.end(1006)
    signals.tell('offline')
    signals.tell('online')
    await clock.advance(0)
    stub.last.end(1006)
    expect(told.of('reconnecting').at(-1)?.delayMs).toBe(100)
  })

  test.each(['online', 'offline', 'wake', 'show'] as const)(
    '%s does not end what the server asked for',
    async (signal) => {
      const { clock, stub, signals, socket } = await stubbed()
      stub.last.open()
      stub.last.end(1012, '{"retryAfterMs":5000}')
      signals.tell(signal)
      await clock.advance(4_999)
      expect([socket.status, stub.made.length]).toEqual(['backoff', 1])
      await clock.advance(1)
      expect(stub.made).toHaveLength(2)
    },
  )

  test('many signals at once make one attempt', async () => {
    const { name, signals, told } = await waiting('burst')
    for (const signal of ['online', 'wake', 'show', 'online', 'wake'] as const) signals.tell(signal)
    await told.nth('open', 2)
    expect(await control.connections(name)).toHaveLength(2)
  })
})

describe('an attempt and a link', () => {
  test.each(['online', 'offline', 'wake', 'show'] as const)(
    '%s does not touch an attempt',
    async (signal) => {
      const { clock, stub, signals, socket } = await stubbed()
      signals.tell(signal)
      stub.last.open()
      await clock.advance(0)
      expect([socket.status, stub.made.length]).toEqual(['open', 1])
    },
  )

  test.each(['online', 'offline', 'wake', 'show'] as const)(
    '%s does not touch a link that works',
    async (signal) => {
      const name = uniqueCase('works')
      const signals = createFakeSignals()
      const { socket, told } = await openRecorded(control.urlFor('/json-pong', name), {
        signals,
        heartbeat: envelopeHeartbeat({ intervalMs: 60_000, probeTimeoutMs: 300 }),
      })
      await told.nth('heartbeat')
      const before = (await control.received(name)).length
      signals.tell(signal)
      // The link was asked, and has answered.
      await until(async () => (await control.received(name)).length > before)
      await until(() => socket.getSnapshot().rtt !== undefined)
      expect([socket.status, told.of('close').length]).toEqual(['open', 0])
    },
  )

  test.each(['online', 'wake'] as const)('%s finds a dead link soon, and replaces it', async (signal) => {
    const proxy = await control.openProxy()
    const signals = createFakeSignals()
    const url = control.urlFor('/json-pong', uniqueCase('dead'), {}, proxy.url)
    const { told } = await openRecorded(url, {
      signals,
      heartbeat: envelopeHeartbeat({ intervalMs: 60_000, probeTimeoutMs: 100 }),
    })
    await told.nth('heartbeat')
    await proxy.fault({ kind: 'blackHole' }, 'live')
    signals.tell(signal)
    expect((await told.nth('close')).cause.kind).toBe('wake')
    await told.nth('open', 2)
    await proxy.close()
  })

  test('a page that goes away takes its link along, and it comes back with the page', async () => {
    const name = uniqueCase('hide')
    const signals = createFakeSignals()
    const { socket, told } = await openRecorded(control.urlFor('/echo', name), { signals })
    signals.tell('hide')
    expect(socket.status).toBe('suspended')
    await until(async () => (await control.connections(name))[0]?.state === 'closed')
    socket.send('meanwhile')
    signals.tell('wake')
    expect(socket.status).toBe('suspended')
    signals.tell('show')
    expect((await told.nth('message')).data).toBe('meanwhile')
  })

  test('after suspend() the page does not bring the link back', async () => {
    const { signals, socket, stub } = await stubbed()
    stub.last.open()
    socket.suspend()
    for (const signal of ['hide', 'show', 'wake', 'online'] as const) signals.tell(signal)
    await macrotask()
    expect([socket.status, stub.made.length]).toEqual(['suspended', 1])
    socket.wake()
    expect(socket.status).toBe('connecting')
  })

  test('a close listener that calls close() in hide is obeyed', async () => {
    const { clock, signals, socket, stub } = await stubbed()
    stub.last.open()
    socket.onclose = () => socket.close()
    signals.tell('hide')
    await clock.advance(0)
    signals.tell('show')
    expect([socket.status, stub.made.length]).toEqual(['closed', 1])
  })
})

describe('subscribing', () => {
  test('from the first attempt until closed, once', async () => {
    const signals = createFakeSignals()
    const { socket, told } = createRecorded(control.urlFor('/echo', uniqueCase('subscribe')), {
      signals,
      autoConnect: false,
    })
    expect(signals.listenerCount).toBe(0)
    socket.open()
    expect(signals.listenerCount).toBe(1)
    await told.nth('open')
    socket.reconnect()
    await told.nth('open', 2)
    socket.suspend()
    expect(signals.listenerCount).toBe(1)
    socket.close()
    await until(() => socket.status === 'closed')
    expect(signals.listenerCount).toBe(0)
    socket.open()
    expect(signals.listenerCount).toBe(1)
  })

  test('ends with failed', async () => {
    const { signals, socket, stub } = await stubbed({ retry: { maxAttempts: 1 } })
    expect(signals.listenerCount).toBe(1)
    stub.last.end(1006)
    expect([socket.status, signals.listenerCount]).toEqual(['failed', 0])
  })

  test('a network that is gone from the start: the first attempt is made all the same', async () => {
    const signals = createFakeSignals('offline')
    const { told } = createRecorded(control.urlFor('/echo', uniqueCase('from-the-start')), { signals })
    await told.nth('open')
  })
})

if (engine.hasPage)
  describe('the events of a real page', () => {
    const tell = (type: string) => void window.dispatchEvent(new Event(type))

    test('online ends a wait', async () => {
      const { told } = await waiting('page-online', { signals: undefined as never })
      tell('online')
      await told.nth('open', 2)
    })

    test('visibilitychange to visible ends a wait', async () => {
      const { told } = await waiting('page-visible', { signals: undefined as never })
      document.dispatchEvent(new Event('visibilitychange'))
      await told.nth('open', 2)
    })

    test('pagehide suspends, pageshow brings back', async () => {
      const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('page-hide')))
      tell('pagehide')
      expect(socket.status).toBe('suspended')
      tell('pageshow')
      await told.nth('open', 2)
    })

    test('freeze suspends, resume brings back', async () => {
      const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('page-freeze')))
      document.dispatchEvent(new Event('freeze'))
      expect(socket.status).toBe('suspended')
      document.dispatchEvent(new Event('resume'))
      await told.nth('open', 2)
    })

    test('events of the same names on an element of the page are none of these', async () => {
      const { socket } = await openRecorded(control.urlFor('/echo', uniqueCase('page-element')))
      const element = document.body.appendChild(document.createElement('div'))
      for (const type of ['freeze', 'offline', 'pagehide']) element.dispatchEvent(new Event(type))
      element.remove()
      expect(socket.status).toBe('open')
    })

    test('signals: false hears nothing', async () => {
      const url = control.urlFor('/echo', uniqueCase('page-deaf'))
      const { socket } = await openRecorded(url, { signals: false })
      for (const type of ['offline', 'pagehide', 'pageshow', 'online']) tell(type)
      await macrotask()
      expect([socket.status, socket.readyState]).toEqual(['open', 1])
    })
  })
