/** How a dead link is found, and how a living one is never taken for dead. */
import { envelopeHeartbeat } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { verified } from './support/fault-bench.ts'
import { providedControl } from './support/provided-control.ts'
import { openRecorded, type TestSocketOptions, until } from './support/sockets.ts'
import { createStubbed } from './support/stubbed.ts'

const control = providedControl()

interface Envelope {
  readonly type?: string
  readonly id?: string
}

const parsed = (data: unknown): Envelope => JSON.parse(String(data)) as Envelope

async function envelopes(name: string): Promise<readonly Envelope[]> {
  return (await control.received(name)).map(({ data }) => parsed(data))
}

/** An open link to a peer that the test plays, with `envelopeHeartbeat` unless another is given. */
async function stubbed(options: TestSocketOptions = {}) {
  const heartbeat = envelopeHeartbeat({ intervalMs: 10_000, timeoutMs: 4_000, probeTimeoutMs: 2_000 })
  const created = await createStubbed({ heartbeat, ...options })
  const { clock, stub } = created
  stub.last.open()
  await clock.advance(0)
  const pings = () => stub.last.sent.map(parsed).filter(({ type }) => type === 'ping')
  const pong = (id = pings().at(-1)?.id) => stub.last.receive(JSON.stringify({ type: 'pong', id }))
  return { pings, pong, ...created }
}

describe('a peer that answers', () => {
  test('is verified: told once, with a round trip, and its pongs are not delivered', async () => {
    const name = uniqueCase('pong')
    const { socket, told } = await openRecorded(control.urlFor('/json-pong', name), {
      heartbeat: envelopeHeartbeat({ intervalMs: 300 }),
    })
    expect((await told.nth('heartbeat')).status).toBe('verified')
    expect(socket.getSnapshot().heartbeat).toBe('verified')
    const { lastMs, smoothedMs, p95Ms } = await until(() => socket.getSnapshot().rtt)
    for (const ms of [lastMs, smoothedMs, p95Ms]) expect(ms).toBeGreaterThanOrEqual(0)
    await until(async () => (await control.received(name)).length >= 4)
    expect([told.of('message').length, told.of('heartbeat').length, socket.status]).toEqual([0, 1, 'open'])
    expect(new Set((await envelopes(name)).map(({ id }) => id)).size).toBeGreaterThanOrEqual(4)
  })

  test('may answer without an id', async () => {
    const { stub, told } = await stubbed()
    stub.last.receive('{"type":"pong"}')
    expect(told.of('heartbeat').map(({ status }) => status)).toEqual(['verified'])
  })

  test('a server that echoes everything is verified too', async () => {
    const { told } = await openRecorded(control.urlFor('/echo', uniqueCase('echo')), {
      heartbeat: envelopeHeartbeat(),
    })
    expect((await told.nth('heartbeat')).status).toBe('verified')
    expect(told.of('message')).toHaveLength(0)
  })

  test('and then falls silent is dead: lost as heartbeat, within interval and timeout, and replaced', async () => {
    const { clock, stub, pong, told } = await stubbed()
    pong()
    await clock.advance(14_049)
    expect(told.of('close')).toHaveLength(0)
    await clock.advance(1)
    expect(told.of('close')).toMatchObject([{ code: 1006, wasClean: false, cause: { kind: 'heartbeat' } }])
    expect(told.order('error', 'close')).toEqual(['error', 'close'])
    await clock.advance(20)
    expect(stub.made).toHaveLength(2)
  })

  test('stays verified on the next link, so that one is found dead as well', async () => {
    const { clock, stub, pong, socket, told } = await stubbed()
    pong()
    stub.last.end(1006)
    await clock.advance(20)
    stub.last.open()
    await clock.advance(4_050)
    expect(told.of('close').map(({ cause }) => cause.kind)).toEqual(['close', 'heartbeat'])
    expect(socket.getSnapshot().heartbeat).toBe('verified')
  })

  test('whatever it sends is life', async () => {
    const { clock, stub, pong, told } = await stubbed()
    pong()
    for (let second = 0; second < 60; second += 3) {
      await clock.advance(3_000)
      stub.last.receive('data')
    }
    expect(told.of('close')).toHaveLength(0)
  })

  test('a black hole after verification is found on a real network', async () => {
    const proxy = await control.openProxy()
    const { socket, told } = await openRecorded(
      control.urlFor('/json-pong', uniqueCase('hole'), {}, proxy.url),
      {
        heartbeat: envelopeHeartbeat({ intervalMs: 150, timeoutMs: 100 }),
      },
    )
    await verified(socket)
    await proxy.fault({ kind: 'blackHole' }, 'live')
    expect(await told.nth('close')).toMatchObject({ code: 1006, cause: { kind: 'heartbeat' } })
    await told.nth('open', 2)
    await proxy.close()
  })
})

describe('a peer that never answered', () => {
  test('is told as unverified once for the link, and never killed', async () => {
    const { clock, pings, socket, told } = await stubbed()
    await clock.advance(3_600_000)
    expect([socket.status, socket.getSnapshot().heartbeat]).toEqual(['open', 'unverified'])
    expect(told.of('heartbeat').map(({ status }) => status)).toEqual(['unverified'])
    expect(told.of('close')).toHaveLength(0)
    expect(pings().length).toBeGreaterThan(100)
  })

  test('on a real network: silence is told, pings go on, the link stays', async () => {
    const name = uniqueCase('mute')
    const { socket, told } = await openRecorded(control.urlFor('/mute', name), {
      heartbeat: envelopeHeartbeat({ intervalMs: 20 }),
      closeTimeoutMs: 50,
    })
    expect((await told.nth('heartbeat')).status).toBe('unverified')
    await until(async () => (await control.received(name)).length >= 4)
    expect([socket.status, told.of('close').length, told.of('heartbeat').length]).toEqual(['open', 0, 1])
  })

  test('is not killed by wake() either', async () => {
    const { clock, socket, told } = await stubbed()
    socket.wake()
    await clock.advance(60_000)
    expect([socket.status, told.of('close').length]).toEqual(['open', 0])
  })

  test('that sends pongs of other clients, with ids of theirs, proves nothing', async () => {
    const { clock, pong, told } = await stubbed()
    pong('another-clients')
    expect(told.of('heartbeat')).toHaveLength(0)
    await clock.advance(60_000)
    expect(told.of('close')).toHaveLength(0)
  })
})

describe("the peer's own pings", () => {
  test('without an id are answered, and not delivered', async () => {
    const name = uniqueCase('peer-pings')
    const { told } = await openRecorded(control.urlFor('/json-ping', name, { everyMs: 20 }), {
      heartbeat: envelopeHeartbeat(),
    })
    await until(async () => (await envelopes(name)).filter(({ type }) => type === 'pong').length >= 2)
    expect((await envelopes(name)).find(({ type }) => type === 'pong')).toEqual({ type: 'pong' })
    expect(told.of('message')).toHaveLength(0)
  })

  test('are answered at most every 250 ms', async () => {
    const { clock, stub } = await stubbed()
    for (let ms = 0; ms < 1_000; ms += 10) {
      stub.last.receive('{"type":"ping"}')
      await clock.advance(10)
    }
    expect(stub.last.sent.map(parsed).filter(({ type }) => type === 'pong')).toHaveLength(4)
  })

  test('with an id are of other clients: never answered, and not delivered', async () => {
    const { clock, stub, told } = await stubbed()
    stub.last.receive('{"type":"ping","id":"of-another"}')
    stub.last.receive('{"type":"ping","id":"of-another-2"}')
    await clock.advance(1_000)
    expect(stub.last.sent.map(parsed).filter(({ type }) => type === 'pong')).toEqual([])
    expect(told.of('message')).toHaveLength(0)
  })

  test('with an id, from a real server: no answer goes out, whatever else does', async () => {
    const name = uniqueCase('peer-pings-id')
    const url = control.urlFor('/json-ping', name, { everyMs: 5, limit: 10, withId: 1 })
    const { socket, told } = await openRecorded(url, { heartbeat: envelopeHeartbeat() })
    await control.serverSend(name, 'before')
    await told.nth('message')
    socket.send('after')
    await until(async () => (await control.received(name)).some(({ data }) => data === 'after'))
    const texts = (await control.received(name)).map(({ data }) => String(data))
    expect(texts.filter((text) => text.includes('pong'))).toEqual([])
    expect(told.of('message').map(({ data }) => data)).toEqual(['before'])
  })

  test('two clients on a server that relays everything do not keep each other busy', async () => {
    const name = uniqueCase('relay')
    const url = control.urlFor('/relay', name)
    const options = { heartbeat: envelopeHeartbeat() }
    const one = await openRecorded(url, options)
    const two = await openRecorded(url, options)
    one.socket.send('{"type":"chat"}')
    two.socket.send('{"type":"chat"}')
    await one.told.nth('message')
    await two.told.nth('message')
    const types = (await envelopes(name)).map(({ type }) => type)
    expect(types.filter((type) => type === 'pong')).toEqual([])
    expect(types.length).toBeLessThanOrEqual(4)
  })
})

describe('wake()', () => {
  test('asks at once, and a dead link is lost as wake within the probe timeout', async () => {
    const { clock, pings, pong, socket, told } = await stubbed()
    pong()
    const before = pings().length
    socket.wake()
    expect(pings()).toHaveLength(before + 1)
    await clock.advance(2_050)
    expect(told.of('close')).toMatchObject([{ code: 1006, cause: { kind: 'wake' } }])
  })

  test('called again and again asks once, and does not put the verdict off', async () => {
    const { clock, pings, pong, socket, told } = await stubbed()
    pong()
    const before = pings().length
    for (let ms = 0; ms < 2_000; ms += 100) {
      socket.wake()
      await clock.advance(100)
    }
    expect(pings()).toHaveLength(before + 1)
    await clock.advance(50)
    expect(told.of('close')[0]?.cause.kind).toBe('wake')
  })
})
