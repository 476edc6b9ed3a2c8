import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createPlainServer } from '../../demo/servers/ws/server.mjs'
import { enter, enterRooms, heardBy, settled, startExtra, startMs, titled, waits } from './plain/fixtures.ts'
import type { RunningServer } from './plain/plain-server.ts'
import { plainServers } from './plain/plain-servers.ts'
import { connectRaw, Refused } from './plain/raw-client.ts'

vi.setConfig({ testTimeout: 20_000 })

function frameOf(type: number, ...bytes: number[]): Buffer {
  const frame = Buffer.alloc(4 + bytes.length)
  frame.writeUInt32BE(type)
  frame.set(bytes, 4)
  return frame
}

describe.each(plainServers.map((kind) => ({ kind, missing: kind.missing() })))(
  '$kind.name',
  ({ kind, missing }) => {
    /** As the kind of server wants it. */
    const payload = (value: unknown): unknown =>
      kind.dialectOptions.payload === 'string' ? JSON.stringify(value) : value
    const read = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value)
    let server: RunningServer
    // Out here, so that what has to be built is built before any test's own time begins.
    beforeAll(async () => {
      if (missing === undefined) server = await kind.start()
    }, startMs)
    afterAll(() => server?.end())

    describe.skipIf(missing !== undefined)(titled('as it is started by default', missing), () => {
      it('answers a ping, and repeats its id', async () => {
        const client = await enter(server.url())
        client.say({ type: 'ping', id: 'a "quoted" id' })
        client.say({ type: 'ping' })
        await vi.waitFor(() => expect(client.envelopes).toHaveLength(2), waits)
        expect(client.envelopes).toEqual([{ type: 'pong', id: 'a "quoted" id' }, { type: 'pong' }])
      })

      it('relays the bare payload of a broadcast to all in the room, the sender too, and to nobody else', async () => {
        const message = { type: 'chat.message', room: 'lobby', payload: { text: 'käse 🧀' } }
        const [sender, member, outsider] = await Promise.all([
          enterRooms(server.url(), 'lobby'),
          enterRooms(server.url(), 'lobby', 'attic'),
          enterRooms(server.url(), 'attic'),
        ])
        sender.say({ type: 'broadcast', room: 'lobby', payload: payload(message) })
        await vi.waitFor(() => expect(heardBy(member)).toHaveLength(1), waits)
        await Promise.all([settled(sender), settled(outsider)])
        expect(heardBy(member).map(read)).toEqual([message])
        expect(heardBy(sender).map(read)).toEqual([message])
        expect(heardBy(outsider)).toEqual([])
      })

      it.each([
        ['{"type":"error","room":"shut","payload":{"code":"forbidden"}}'],
        ['{"type":"ping"}'],
        ['{"type":"pong"}'],
        ['{"type":"join","room":"shut"}'],
        ['{"type":"leave","room":"shut"}'],
        ['{"type":"broadcast","room":"shut","payload":1}'],
        ['{"type":"$welcome","payload":{"limits":{"maxMessageBytes":1}}}'],
        ['{"type":"$reply","id":"1"}'],
        ['{"Type":"error"}'],
        ['{"x":1,"TYPE":"error"}'],
        ['[{"type":"chat"},{"type":"error"}]'],
        [`{"x":${'['.repeat(200)}${']'.repeat(200)},"type":"error"}`],
      ])('relays nobody who speaks in its name: %s', async (forged) => {
        const [forger, member] = await Promise.all([
          enterRooms(server.url(), 'shut'),
          enterRooms(server.url(), 'shut'),
        ])
        forger.say({ type: 'broadcast', room: 'shut', payload: payload(JSON.parse(forged)), id: 'f1' })
        await settled(forger)
        await settled(member)
        expect(heardBy(member)).toEqual([])
        const errors = heardBy(forger)
        expect(errors).toHaveLength(1)
        const error = forger.envelopes.find(({ type }) => type === 'error')
        expect(error).toMatchObject({ type: 'error', id: 'f1', room: 'shut' })
        expect(read(error?.['payload'])).toMatchObject({ code: 'forbidden', retryable: false })
      })

      it.each([
        ['{"type":"$fragment","payload":{"id":"00000000000000ff"}}'],
        ['{"type":"$abort","payload":{"id":"00000000000000ff"}}'],
        ['{"type":"errors"}'],
        ['{"type":7}'],
        ['{"kind":"error","payload":{"type":"error"}}'],
        ['"error"'],
      ])('relays what only looks so: %s', async (harmless) => {
        const client = await enterRooms(server.url(), 'shut')
        client.say({ type: 'broadcast', room: 'shut', payload: payload(JSON.parse(harmless)) })
        await settled(client)
        expect(heardBy(client).map((text) => JSON.parse(text))).toEqual([JSON.parse(harmless)])
      })

      it('relays nothing more to who left a room or is gone', async () => {
        const stays = await enterRooms(server.url(), 'den')
        const leaves = await enterRooms(server.url(), 'den')
        const goes = await enterRooms(server.url(), 'den')
        leaves.say({ type: 'leave', room: 'den' })
        await settled(leaves)
        goes.socket.terminate()
        stays.say({ type: 'broadcast', room: 'den', payload: payload(1) })
        await vi.waitFor(() => expect(heardBy(stays)).toEqual(['1']), waits)
        await settled(leaves)
        expect(heardBy(leaves)).toEqual([])
      })

      it('relays a frame, once, to those who joined its type or the stream of all of them', async () => {
        const seven = await enterRooms(server.url(), 'binary:7')
        const eight = await enterRooms(server.url(), 'binary:8')
        const all = await enterRooms(server.url(), 'binary-stream', 'binary:4294967041')
        const sender = await enter(server.url())
        const frames = [frameOf(7, 1, 2), frameOf(8), frameOf(0xffff_ff01, 3), frameOf(9, 4)]
        for (const frame of frames) sender.say(frame)
        await vi.waitFor(() => expect(all.frames).toHaveLength(4), waits)
        await Promise.all([settled(seven), settled(eight), settled(sender)])
        expect(all.frames).toEqual(frames)
        expect(seven.frames).toEqual([frames[0]])
        expect(eight.frames).toEqual([frames[1]])
        expect(sender.frames).toEqual([])
      })

      it('answers a request under its id, and refuses one that it does not know', async () => {
        const client = await enter(server.url())
        client.say({ type: 'time.get', id: '1' })
        client.say({ type: 'no.such', id: '2' })
        await vi.waitFor(() => expect(client.envelopes).toHaveLength(2), waits)
        const [time, error] = client.envelopes
        expect(time).toMatchObject({ type: 'time.get', id: '1' })
        const { now } = read(time?.['payload']) as { now: string }
        expect(new Date(now).toISOString()).toBe(now)
        expect(error).toMatchObject({ type: 'error', id: '2', ref: '2' })
        expect(read(error?.['payload'])).toMatchObject({ code: 'unknown_type', retryable: false })
      })

      it('says which room it lets nobody into', async () => {
        const client = await enterRooms(server.url(), 'forbidden')
        const errors = client.envelopes.filter(({ type }) => type === 'error')
        expect(errors).toHaveLength(1)
        expect(errors[0]).toMatchObject({ room: 'forbidden' })
        expect(read(errors[0]?.['payload'])).toMatchObject({ code: 'forbidden' })
        client.say({ type: 'broadcast', room: 'forbidden', payload: payload('hidden') })
        await settled(client)
        expect(client.texts.join()).not.toContain('hidden')
      })

      it.each([
        ['no JSON', 'Hello'],
        ['half an object', '{"type":'],
        ['null', 'null'],
        ['an array', '[]'],
        ['a number', '7'],
        ['no type', '{}'],
        ['a type that is a number', '{"type":7}'],
        ['a room that is a number', '{"type":"join","room":7}'],
        ['an id that is an object', '{"type":"ping","id":{}}'],
        ['a join without a room', '{"type":"join"}'],
        ['a broadcast without a room', '{"type":"broadcast","payload":"1"}'],
        ['a payload nested too deeply', `{"type":"time.get","payload":${'['.repeat(1e5)}${']'.repeat(1e5)}}`],
        ['a frame without a whole type', Buffer.from([1, 2, 3])],
        ['an empty frame', Buffer.alloc(0)],
      ])('complains of %s and goes on', async (_name, bad) => {
        const client = await enter(server.url())
        client.say(bad)
        await settled(client)
        expect(client.envelopes[0]).toMatchObject({ type: 'error' })
        expect(read(client.envelopes[0]?.['payload'])).toMatchObject({ code: 'bad_message' })
      })

      it.each(['payload', 'room', 'id', 'type'])(
        'survives half a surrogate pair as the %s',
        async (member) => {
          const client = await enterRooms(server.url(), 'odd')
          const odd = { type: 'broadcast', room: 'odd', payload: '1', [member]: '\ud800' }
          client.say(odd)
          await settled(client)
        },
      )

      it.each(['{"type":"toString"}', '{"type":"__proto__"}', '{"type":"unheard.of"}', '{"type":"pong"}'])(
        'passes over %s',
        async (odd) => {
          const client = await enter(server.url())
          client.say(odd)
          await settled(client)
          expect(heardBy(client)).toEqual([])
        },
      )

      it('relays a message of 5 MB, text and binary', async () => {
        const receiver = await enterRooms(server.url(), 'large', 'binary:5')
        const sender = await enter(server.url())
        const text = 'é🧀x'.repeat(5_000_000 / 7)
        sender.say({ type: 'broadcast', room: 'large', payload: payload(text) })
        sender.say(Buffer.concat([frameOf(5), Buffer.alloc(5_000_000, 0xa5)]))
        await vi.waitFor(() => expect(receiver.frames).toHaveLength(1), waits)
        expect(receiver.frames[0]?.length).toBe(5_000_004)
        // Not toBe, which would print both.
        expect(heardBy(receiver).map(read)[0] === text).toBe(true)
      })

      it('does not let in who has no token, a wrong one, or asks elsewhere', async () => {
        const status = { status: kind.refusalStatus }
        await expect(connectRaw(server.url('wrong'))).rejects.toMatchObject(status)
        await expect(connectRaw(server.url(''))).rejects.toMatchObject(status)
        await expect(connectRaw(server.url().replace(/\?.*/, ''))).rejects.toMatchObject(status)
        await expect(connectRaw(server.url().replace('/ws', '/other'))).rejects.toBeInstanceOf(Refused)
        await expect(connectRaw(server.url().replace('/ws', '//'))).rejects.toBeInstanceOf(Refused)
      })
    })

    describe.skipIf(missing !== undefined)(titled('with settings of its own', missing), () => {
      it('closes with 1008 for a wrong token where it refuses after the accept', async () => {
        const own = await startExtra(kind, { refuse: 'after', tokens: ['one', 'two'] })
        const refused = await enter(own.url('demo'))
        expect(await refused.ended).toEqual({ code: 1008, reason: 'unknown token' })
        await settled(await enter(own.url('two')))
      })

      it('pings its clients', async () => {
        const own = await startExtra(kind, { pingIntervalMs: 50 })
        const client = await enter(own.url())
        await vi.waitFor(() => {
          const pings = client.envelopes.filter(({ type }) => type === 'ping').length
          expect(kind.pings === 'frames' ? client.pingFrames : pings).toBeGreaterThan(2)
        }, waits)
        client.say({ type: 'pong' })
        await settled(client)
      })

      if (kind.pings === 'frames') {
        it('cuts off who answers no ping', async () => {
          const own = await startExtra(kind, { pingIntervalMs: 50 })
          const mute = await connectRaw(own.url(), { autoPong: false })
          expect((await mute.ended).code).toBe(1006)
        })
      }

      it('takes and sends compressed messages, but only with a client that wants them', async () => {
        const own = await startExtra(kind, { compression: true })
        const packed = await enterRooms(own.url(), 'lobby')
        const plain = await enter(own.url(), { perMessageDeflate: false })
        plain.say({ type: 'join', room: 'lobby' })
        await settled(plain)
        expect(packed.socket.extensions).toBe('permessage-deflate')
        expect(plain.socket.extensions).toBe('')
        for (const sender of [packed, plain]) {
          sender.say({ type: 'broadcast', room: 'lobby', payload: payload('x'.repeat(100_000)) })
          await Promise.all([settled(packed), settled(plain)])
        }
        const heard = ['x'.repeat(100_000), 'x'.repeat(100_000)].map((text) => JSON.stringify(text))
        expect(heardBy(packed)).toEqual(heard)
        expect(heardBy(plain)).toEqual(heard)
      })

      it('closes with 1009 for a message over its bound', async () => {
        const own = await startExtra(kind, { maxMessageBytes: 10_000 })
        const client = await enter(own.url())
        client.say(JSON.stringify({ type: 'unheard.of', payload: 'x'.repeat(9_900) }))
        await settled(client)
        client.say('x'.repeat(10_001))
        expect((await client.ended).code).toBe(1009)
      })

      it('says goodbye with 1001 when it is asked to end, and can be started again at the same address', async () => {
        const own = await startExtra(kind, {})
        const there = await enterRooms(own.url(), 'lobby')
        const code = await own.stop()
        expect(await there.ended).toEqual({ code: 1001, reason: 'server is shutting down' })
        expect(code).toBe(0)
        await own.restart()
        const cutOff = await enter(own.url())
        await own.kill()
        expect((await cutOff.ended).code).toBe(1006)
        await own.restart()
        await settled(await enter(own.url()))
      })
    })

    if (!kind.hasPiecewise) return
    describe.skipIf(missing !== undefined)(titled('taking each read for a message', missing), () => {
      it('breaks a message of more than 4 KiB, but not the link', async () => {
        const own = await startExtra(kind, { piecewise: true })
        const client = await enterRooms(own.url(), 'lobby', 'binary-stream')
        client.say({ type: 'broadcast', room: 'lobby', payload: payload('x'.repeat(9_000)) })
        client.say(Buffer.alloc(9_000, 1))
        await vi.waitFor(() => expect(Buffer.concat(client.frames)).toHaveLength(9_000), waits)
        await settled(client)
        expect(client.frames.length).toBeGreaterThan(2)
        const errors = client.envelopes.filter(({ type }) => type === 'error')
        expect(errors.length).toBeGreaterThan(2)
        expect(heardBy(client)).toHaveLength(errors.length)
      })

      it('takes shorter ones, however many come at once', async () => {
        const own = await startExtra(kind, { piecewise: true })
        const client = await enterRooms(own.url(), 'lobby')
        const count = 500
        const envelope = (index: number) =>
          JSON.stringify({ type: 'broadcast', room: 'lobby', payload: payload(index) }).padEnd(4_096)
        for (let index = 0; index < count; index++) client.say(envelope(index))
        await vi.waitFor(() => expect(heardBy(client)).toHaveLength(count), waits)
        expect(heardBy(client)).toEqual(Array.from({ length: count }, (_, index) => String(index)))
      })
    })
  },
)

it('the ws server can be had without a process of its own', async () => {
  const server = await createPlainServer({ tokens: ['secret'] })
  const client = await enter(`${server.address}?token=secret`)
  client.say({ type: 'ping' })
  await vi.waitFor(() => expect(client.texts).toEqual(['{"type":"pong"}']), waits)
  await server.close()
  expect(await client.ended).toEqual({ code: 1001, reason: 'server is shutting down' })
  await expect(connectRaw(server.address)).rejects.toThrow('ECONNREFUSED')
})
