import { createClient, FrameCodec, fragments, type StandardSchema } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { rejection, startClient } from './support/clients.ts'
import { uniqueCase } from './support/control.ts'
import { engine } from './support/engine.ts'
import { providedControl } from './support/provided-control.ts'
import { dataReceived } from './support/received.ts'
import { until } from './support/sockets.ts'

const control = providedControl()
const plainUrl = (name: string, query = {}) => control.urlFor('/plain', name, query)

const text: StandardSchema<{ text: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const found = (value as { text?: unknown } | undefined)?.text
      return typeof found === 'string'
        ? { value: { text: found } }
        : { issues: [{ message: 'must be a string', path: ['text'] }] }
    },
  },
}

/** A member of a room, and what it heard there. */
function member(name: string, room: string, options = {}) {
  const client = startClient({ url: plainUrl(name), messages: { say: text }, ...options })
  const hold = client.room(room)
  const heard: string[] = []
  hold.on('say', ({ payload }) => void heard.push(payload.text))
  return { client, room: hold, heard }
}

describe('rooms', () => {
  test('two clients talk, and a third in another room hears nothing', async () => {
    const name = uniqueCase('rooms')
    const [a, b, c] = [member(name, 'lobby'), member(name, 'lobby'), member(name, 'attic')]
    await until(async () => (await control.received(name)).length >= 3, 'the joins')
    a.room.send('say', { text: 'hello' })
    c.room.send('say', { text: 'alone' })
    await until(() => b.heard.length === 1 && c.heard.length === 1)
    expect([a.heard, b.heard, c.heard]).toEqual([['hello'], ['hello'], ['alone']])
  })

  test('after a lost link a room is joined again before what waits for it goes out, and the gap is told once', async () => {
    const name = uniqueCase('rejoin')
    const { client, room, heard } = member(name, 'lobby')
    const gaps: (readonly string[])[] = []
    client.events.on('gap', ({ rooms }) => void gaps.push(rooms))
    await until(() => room.status === 'joined')
    const ended = new Promise((resolve) => client.socket.on('close', resolve, { once: true }))
    await control.serverTerminate(name)
    await ended
    expect(room.status).toBe('rejoining')
    for (let n = 0; n < 20; n++) room.send('say', { text: `${n}` })
    await until(() => heard.length === 20)
    expect(heard).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`))
    await until(() => gaps.length > 0)
    expect(gaps).toEqual([['lobby']])
  })

  test('a room that the server refuses is failed, with what the server said', async () => {
    const { room } = member(uniqueCase('forbidden'), 'forbidden')
    await until(() => room.status === 'failed')
    expect(room.error).toMatchObject({ code: 'forbidden', message: 'not for you' })
    expect(() => room.send('say', { text: 'x' })).toThrow('HF_ROOM')
  })

  test('a message that does not fit its schema reaches no handler and stops nobody', async () => {
    const name = uniqueCase('invalid')
    const { client, room, heard } = member(name, 'lobby')
    const paths: string[] = []
    client.events.on('invalid', (event) => void paths.push(...event.paths))
    await until(() => room.status === 'joined')
    await until(async () => (await control.received(name)).length >= 1)
    room.broadcast({ type: 'say', room: 'lobby', payload: { text: 7 } })
    room.send('say', { text: 'fine' })
    await until(() => heard.length === 1)
    expect(paths).toEqual(['text'])
  })
})

describe('requests', () => {
  test('a reply is matched to its request, an error rejects with the code of the server', async () => {
    const client = startClient({ url: plainUrl(uniqueCase('requests')) })
    const replies = await Promise.all([1, 2, 3].map((n) => client.request('echo', { n })))
    expect(replies).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(await rejection(client.request('fail'))).toMatchObject({
      code: 'HF_REMOTE',
      cause: { code: 'no' },
    })
    expect(await rejection(client.request('silence', {}, { timeoutMs: 50 }))).toMatchObject({
      code: 'HF_TIMEOUT',
    })
  })

  test('a stream of replies is read in order and ends', async () => {
    const client = startClient({ url: plainUrl(uniqueCase('stream')) })
    const items: unknown[] = []
    for await (const item of client.stream('count', 5)) items.push(item)
    expect(items).toEqual([1, 2, 3, 4, 5])
  })

  test('the server asks and gets its answer', async () => {
    const name = uniqueCase('serve')
    const client = startClient({ url: plainUrl(name), heartbeat: false })
    client.handle('who', (payload) => ({ heard: payload }))
    client.send('ask')
    const answers = () => dataReceived(control, name, 2)
    await until(async () => (await answers()).some((data) => String(data).includes('server-1')))
    expect(JSON.parse(String((await answers())[1]))).toMatchObject({ payload: { heard: { greeting: 'hi' } } })
  })

  test('a request that was written on a link that is lost is in doubt; an idempotent one is asked again', async () => {
    const name = uniqueCase('doubt')
    const client = startClient({ url: plainUrl(name), heartbeat: false })
    const doubtful = rejection(client.request('silence', 1))
    const again = client.request('echo', 'again', { idempotent: true, timeoutMs: 8_000 })
    await again
    const second = rejection(client.request('silence', 2, { idempotent: true, timeoutMs: 8_000 }))
    await until(async () => (await control.received(name)).length >= 3)
    await control.serverTerminate(name)
    expect(await doubtful).toMatchObject({ code: 'HF_IN_DOUBT' })
    await until(async () => (await control.received(name)).length >= 4, 'the request to be asked again')
    client.close()
    expect(await second).toMatchObject({ code: 'HF_CLOSED' })
  })
})

describe('binary', () => {
  test('three types reach their channels, exactly', async () => {
    const client = startClient({ url: plainUrl(uniqueCase('binary')) })
    const heard: [number, number[]][] = []
    for (const type of [1, 2, 0xfffffeff]) {
      client.binary(type).on((bytes) => void heard.push([type, [...bytes]]))
    }
    const unknown: number[] = []
    client.events.on('unknownframe', ({ type }) => void unknown.push(type))
    client.binary(1).send(new Uint8Array([1, 2, 3]))
    client.binary(2).send(new DataView(new Uint8Array([9, 4, 5, 9]).buffer, 1, 2))
    client.binary(0xfffffeff).send(new Uint16Array([0x0101]).buffer)
    client.binary(3).send(new Uint8Array())
    await until(() => unknown.length === 1)
    expect(heard).toEqual([
      [1, [1, 2, 3]],
      [2, [4, 5]],
      [0xfffffeff, [1, 1]],
    ])
    expect(unknown).toEqual([3])
  })

  test('a buffer that is filled anew for each message is sent as it was at each send', async () => {
    const client = startClient({ url: plainUrl(uniqueCase('scratch')) })
    const heard: number[] = []
    client.binary(1).on((bytes) => void heard.push(bytes[0] ?? -1, bytes.at(-1) ?? -1))
    await until(() => client.status === 'open')
    const scratch = new Uint8Array(2_000)
    for (let n = 0; n < 50; n++) client.binary(1).send(scratch.fill(n))
    await until(() => heard.length === 100)
    expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => Math.floor(n / 2)))
  })

  test('a blob is sent under its type, where the engine can send one', async () => {
    if (!engine.sendsBlobs) return
    const client = startClient({ url: plainUrl(uniqueCase('blob')) })
    const heard: string[] = []
    client.binary(5).on((bytes) => void heard.push(new TextDecoder().decode(bytes)))
    client.binary(5).send(new Blob(['kelp']))
    await until(() => heard.length === 1)
    expect(heard).toEqual(['kelp'])
  })

  test('frames of fewer than four bytes are told and harm nothing', async () => {
    const name = uniqueCase('short')
    const client = startClient({ url: plainUrl(name) })
    const codes: string[] = []
    client.events.on('malformed', ({ error }) => void codes.push(error.code))
    await until(async () => (await control.serverSend(name, new Uint8Array([1]))) === 1)
    for (const length of [0, 2, 3]) await control.serverSend(name, new Uint8Array(length))
    await until(() => codes.length >= 4)
    expect(new Set(codes)).toEqual(new Set(['HF_BAD_FRAME']))
    expect(await client.request('echo', 1)).toBe(1)
  })

  test('the frame codec writes and reads what the wire has', () => {
    const codec = new FrameCodec()
    expect([...codec.encode(0x01020304, new Uint8Array([5]))]).toEqual([1, 2, 3, 4, 5])
    expect(codec.decode(new Uint8Array([1, 2, 3, 4, 5]))).toMatchObject({ type: 0x01020304 })
  })
})

describe('large messages', () => {
  test('a message over the limit goes in pieces and comes back exact, while others pass it', async () => {
    const name = uniqueCase('large')
    const url = plainUrl(name, { maxBytes: 4_096 })
    const limits = { maxMessageBytes: 4_096 }
    const { client, room, heard } = member(name, 'lobby', { url, limits, fragments: fragments() })
    const large = `${'kelp 🌊 "holds"\n'.repeat(20_000)}\ud800`
    const receipt = room.send('say', { text: large })
    expect(await client.request('echo', 'quick')).toBe('quick')
    expect(await receipt.written).toBe('written')
    await until(() => heard.length === 1)
    expect(heard[0] === `${large.slice(0, -1)}\ufffd` || heard[0] === large).toBe(true)
  })

  test('binary in pieces too', async () => {
    const client = startClient({
      url: plainUrl(uniqueCase('pieces'), { maxBytes: 4_096 }),
      limits: { maxMessageBytes: 4_096 },
      fragments: fragments(),
    })
    const sent = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251)
    const heard: Uint8Array[] = []
    client.binary(9).on((bytes) => void heard.push(bytes))
    client.binary(9).send(sent)
    await until(() => heard.length === 1)
    expect(heard[0]?.every((byte, n) => byte === sent[n]) && heard[0].length === sent.length).toBe(true)
  })

  test('without pieces it fails at send, before the server would end the link', async () => {
    const client = startClient({
      url: plainUrl(uniqueCase('too-large'), { maxBytes: 4_096 }),
      limits: { maxMessageBytes: 4_096 },
    })
    expect(() => client.send('x', 'y'.repeat(5_000))).toThrow('HF_TOO_LARGE')
    expect(await client.request('echo', 'still here')).toBe('still here')
  })
})

describe('life', () => {
  test('what is sent before the first link and during an outage arrives, and close ends every wait', async () => {
    const name = uniqueCase('life')
    const client = startClient({ url: plainUrl(name), heartbeat: false })
    for (let n = 0; n < 10; n++) client.send('note', n)
    await until(async () => (await control.received(name)).length === 10)
    const ended = new Promise((resolve) => client.socket.on('close', resolve, { once: true }))
    await control.serverTerminate(name)
    await ended
    for (let n = 10; n < 20; n++) client.send('note', n)
    await until(async () => (await control.received(name)).length === 20)
    const sent = (await dataReceived(control, name, 20)).map((data) => JSON.parse(String(data)).payload)
    expect(sent).toEqual(Array.from({ length: 20 }, (_, n) => n))
    // The request was written: the server may have acted on it.
    const waits = [client.once('never'), client.request('silence'), client.messages('never').next()]
    client.close()
    const codes = await Promise.all(waits.map((wait) => rejection(wait)))
    expect(codes.map(({ code }) => code)).toEqual(['HF_CLOSED', 'HF_IN_DOUBT', 'HF_CLOSED'])
  })

  test('retained twice and released twice is one link, which closes after the last release', async () => {
    const name = uniqueCase('retain')
    const client = createClient({ url: plainUrl(name), autoConnect: false })
    const first = client.retain()
    first()
    const second = client.retain()
    await until(() => client.status === 'open')
    first()
    expect((await control.connections(name)).length).toBe(1)
    second()
    await until(() => client.status === 'closed')
  })
})

describe('pings', () => {
  test('the pings of the server are answered, however dead links are found here', async () => {
    const name = uniqueCase('server-pings')
    const client = startClient({ url: plainUrl(name), heartbeat: false })
    await until(() => client.status === 'open')
    await control.serverSend(name, '{"type":"ping"}')
    expect(JSON.parse(String((await dataReceived(control, name, 1))[0]))).toEqual({ type: 'pong' })
  })
})
