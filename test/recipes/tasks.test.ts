import { type } from 'arktype'
import {
  type Client,
  type ClientOptions,
  createClient,
  defaultRejoin,
  envelopeDialect,
  fragments,
  type Receipt,
  type SchemasOf,
  tokenBucket,
} from 'holdfast'
import * as v from 'valibot'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'
import * as z from 'zod/mini'
import { createRoomServer, type RoomServer, type RoomServerOptions } from './room-server.ts'
import { until } from './until.ts'

/** What docs/RECIPES.md promises, on a plain server. */
const clients: { close(): void }[] = []
const servers: RoomServer[] = []

async function serve(answer?: RoomServerOptions['answer']): Promise<RoomServer> {
  const server = await createRoomServer(answer ? { answer } : {})
  servers.push(server)
  return server
}

type Others = Omit<ClientOptions, 'url'> & { readonly url?: ClientOptions['url'] }

function connect<const Options extends Others>(server: RoomServer, options: Options) {
  const given: ClientOptions = { url: server.url, backoff: () => 0, ...(options as Others) }
  const client = createClient(given) as unknown as Client<SchemasOf<Options>>
  clients.push(client)
  return client
}

const opened = (client: Client) => until(() => expect(client.status).toBe('open'))
const typesOf = (server: RoomServer) => server.heard.map(({ type: named }) => named)

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) await server.close()
})

describe('the link', () => {
  it('shows how long it is until the next attempt', async () => {
    const server = await serve()
    const client = connect(server, { backoff: () => 60_000 })
    await opened(client)
    const shown: number[] = []
    client.subscribe(() => {
      const { nextAttemptAt, status } = client.getSnapshot()
      if (status === 'backoff') shown.push(Math.ceil(((nextAttemptAt ?? 0) - Date.now()) / 1000))
    })
    server.cut()
    await until(() => expect(shown).toEqual([60]))
    client.socket.reconnect()
    await opened(client)
  })

  it('says the first message before joins and before what waits', async () => {
    const server = await serve(({ type: named }, say) => named === 'auth' && say({ type: 'welcome' }))
    const client: Client = connect(server, {
      beforeFlush: async (send, { signal }) => {
        const welcome = client.once('welcome', { signal })
        send(JSON.stringify({ type: 'auth', payload: { token: 'secret' } }))
        await welcome
      },
    })
    client.send('hello')
    client.room('lobby')
    await until(() => expect(server.heard).toHaveLength(3))
    expect(typesOf(server)).toEqual(['auth', 'join', 'hello'])
  })

  it('stops for good where the address function says that it is of no use', async () => {
    const server = await serve()
    const client = connect(server, {
      url: () => {
        throw Object.assign(new Error('signed out'), { retryable: false })
      },
    })
    await until(() => expect(client.status).toBe('failed'))
    expect(server.opened).toBe(0)
  })

  it('joins the rooms that are still held after close() and open()', async () => {
    const server = await serve()
    const client = connect(server, {})
    client.room('lobby')
    await until(() => expect(typesOf(server)).toEqual(['join']))
    client.close()
    await until(() => expect(client.status).toBe('closed'))
    client.open()
    await until(() => expect(typesOf(server)).toEqual(['join', 'join']))
  })

  it('tells by abort() whether the last message still needs another way', async () => {
    const server = await serve()
    const client = connect(server, {})
    const waiting = client.send('draft', { text: 'a' }, { conflate: true })
    expect(waiting.abort()).toBe(true)
    expect(waiting.reason).toBe('aborted')
    await opened(client)
    const written = client.send('draft', { text: 'b' }, { conflate: true })
    expect(written.abort()).toBe(false)
    await until(() => expect(server.heard.map(({ payload }) => payload)).toEqual([{ text: 'b' }]))
  })

  it('writes what waits, then closes in order, when a bot is told to end', async () => {
    const server = await serve()
    const client = connect(server, {})
    await opened(client)
    const room = client.room('ops')
    for (let index = 0; index < 20; index++) room.send('bye', index)
    await client[Symbol.asyncDispose]()
    expect(client.status).toBe('closed')
    await until(() => expect(server.heard).toHaveLength(21))
    expect(typesOf(server)[0]).toBe('join')
    await until(() => expect(server.closes).toEqual([1000]))
  })
})

describe('messages', () => {
  it('are checked by zod, valibot and arktype side by side', async () => {
    const server = await serve()
    const client = connect(server, {
      messages: {
        chat: z.object({ text: z.string() }),
        price: v.object({ cents: v.pipe(v.number(), v.integer()) }),
        moved: type({ x: 'number', y: 'number' }),
      },
    })
    const told: unknown[] = []
    client.on('chat', ({ payload }) => told.push(payload.text))
    client.on('price', ({ payload }) => told.push(payload.cents))
    client.on('moved', ({ payload }) => told.push(payload.x + payload.y))
    client.events.on('invalid', ({ message, paths }) => told.push(`${message.type}: ${paths}`))
    client.events.on('unknown', (message) => told.push(`unknown ${message.type}`))
    await opened(client)
    server.say({ type: 'chat', payload: { text: 'hi' } })
    server.say({ type: 'price', payload: { cents: 5 } })
    server.say({ type: 'moved', payload: { x: 1, y: 2 } })
    server.say({ type: 'chat', payload: {} })
    server.say({ type: 'price', payload: { cents: 0.5 } })
    server.say({ type: 'moved', payload: { x: 1, y: '2' } })
    server.say({ type: 'other' })
    await until(() => expect(told).toHaveLength(7))
    expect(told).toEqual(['hi', 5, 3, 'chat: text', 'price: cents', 'moved: y', 'unknown other'])
  })

  it('keep their order behind a check that takes time', async () => {
    const server = await serve()
    let known: (answer: boolean) => void = () => {}
    const isKnown = vi.fn(() => new Promise<boolean>((resolve) => (known = resolve)))
    const { refine } = z
    const client = connect(server, {
      messages: { edit: z.string().check(refine(isKnown)), saved: z.string() },
    })
    const told: string[] = []
    client.on('edit', ({ payload }) => told.push(payload))
    client.on('saved', ({ payload }) => told.push(payload))
    await opened(client)
    server.say({ type: 'edit', payload: 'first' })
    server.say({ type: 'saved', payload: 'second' })
    await until(() => expect(isKnown).toHaveBeenCalled())
    expect(told).toEqual([])
    known(true)
    await until(() => expect(told).toEqual(['first', 'second']))
  })

  it('say whether they were sent', async () => {
    const server = await serve()
    const client = connect(server, { autoConnect: false })
    const late = client.send('chat', 1, { ttlMs: 20 })
    expect(await late.written).toBe('expired')
    const receipt = client.send('chat', 2)
    expect(receipt.status).toBe('queued')
    client.open()
    expect(await receipt.written).toBe('written')
    const lost = client.send('chat', 3).settled
    server.cut()
    expect(await lost).toBe('in-doubt')
  })

  it('leave only the latest of a key after an outage', async () => {
    const server = await serve()
    const client = connect(server, { autoConnect: false })
    const board = client.room('board')
    for (let x = 0; x < 1_000; x++) board.send('cursor', { x }, { conflate: true })
    for (const color of ['red', 'blue']) {
      board.send('color', { shape: 'a', color }, { conflate: 'a' })
      board.send('color', { shape: 'b', color }, { conflate: 'b' })
    }
    const wave = board.send('wave', undefined, { volatile: true })
    expect(wave.reason).toBe('volatile')
    client.open()
    await until(() => expect(server.heard).toHaveLength(4))
    expect(server.heard.slice(1).map(({ payload }) => (payload as { payload: unknown }).payload)).toEqual([
      { x: 999 },
      { shape: 'a', color: 'blue' },
      { shape: 'b', color: 'blue' },
    ])
  })

  it('wait for the game loop to ask for them', async () => {
    const server = await serve()
    const client = connect(server, { delivery: { mode: 'manual', maxCount: 3 } })
    const told: unknown[] = []
    let overruns = 0
    client.on('state', ({ payload }) => told.push(payload))
    client.events.on('overrun', () => overruns++)
    await opened(client)
    for (let index = 0; index < 5; index++) server.say({ type: 'state', payload: index })
    await until(() => expect(overruns).toBe(2))
    expect(told).toEqual([])
    expect(client.poll(1)).toBe(1)
    expect(client.poll()).toBe(2)
    expect(told).toEqual([2, 3, 4])
  })

  it('of a file go with progress, beside a chat message, and can be cancelled', async () => {
    const server = await serve()
    const client = connect(server, { fragments: fragments() })
    const files = client.binary(1)
    const got: number[] = []
    files.on((bytes) => got.push(bytes.length))
    await opened(client)
    const progress: number[] = []
    const receipt = files.send(new Blob(['x'.repeat(300_000)]), {
      onProgress: (sentBytes) => progress.push(sentBytes),
    })
    const chat = client.send('chat', 'beside')
    const order: string[] = []
    const written = [
      receipt.written.then((status) => order.push(`file ${status}`)),
      chat.written.then((status) => order.push(`chat ${status}`)),
    ]
    await Promise.all(written)
    expect(order).toEqual(['chat written', 'file written'])
    expect(progress.length).toBeGreaterThan(10)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    await until(() => expect(got).toEqual([300_000]))

    const abort = new AbortController()
    const cancelled: Receipt = files.send(new Uint8Array(4_000_000), {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    })
    expect(await cancelled.written).toBe('dropped')
    expect(cancelled.reason).toBe('aborted')
    expect(cancelled.progress.sentBytes).toBeLessThan(4_000_000)
  })

  it('of floats come through a codec as they were', async () => {
    const server = await serve()
    const client = connect(server, {})
    const waveform = client.binary(3, {
      encode: (samples: Float32Array) => samples,
      decode: (bytes) => new Float32Array(bytes.slice().buffer),
    })
    const got: number[][] = []
    waveform.on((samples) => got.push([...samples]))
    waveform.send(new Float32Array([0.5, -1, 2]))
    await until(() => expect(got).toEqual([[0.5, -1, 2]]))
  })
})

describe('rooms', () => {
  it('tell once after a reconnect what may be missing, when all are joined again', async () => {
    const server = await serve()
    const client = connect(server, {})
    const gaps: (readonly string[])[] = []
    client.events.on('gap', ({ rooms, fromMs, toMs }) => {
      expect(fromMs).toBeLessThanOrEqual(toMs)
      expect(rooms.map((name) => client.getSnapshot().rooms.get(name))).toEqual(['joined', 'joined'])
      gaps.push(rooms)
    })
    client.room('a')
    client.room('b')
    await until(() => expect(typesOf(server)).toEqual(['join', 'join']))
    expect(gaps).toEqual([])
    server.cut()
    await until(() => expect(gaps).toEqual([['a', 'b']]))
  })

  it('say why they were refused, and can be tried again', async () => {
    let mayEnter = false
    const server = await serve(({ type: named, room }, say) => {
      if (named !== 'join' || mayEnter) return
      say({ type: 'error', room, payload: { code: 'forbidden', message: 'Members only', retryable: false } })
    })
    const client = connect(server, {
      rooms: { rejoin: (failure) => (failure.failures > 5 ? false : defaultRejoin(failure)) },
    })
    const vip = client.room('vip')
    const told: (string | undefined)[] = []
    vip.events.on('status', ({ status, error }) => told.push(error?.message ?? status))
    await until(() => expect(told).toEqual(['joined', 'Members only']))
    expect(vip.status).toBe('failed')
    expect(() => vip.send('chat')).toThrow(/HF_ROOM.*Members only/)
    mayEnter = true
    vip.retry()
    await until(() => expect(vip.status).toBe('joined'))
  })

  it('by the thousand are joined at the rate that was asked for', async () => {
    const server = await serve()
    const client = connect(server, { rooms: { joinRate: tokenBucket({ perSecond: 2_000, burst: 10 }) } })
    const heard = new Map<string | undefined, unknown>()
    client.on('price', ({ room, payload }) => heard.set(room, payload))
    for (let index = 0; index < 1_000; index++) client.room(`room-${index}`)
    const startedAt = performance.now()
    await until(() => expect(server.heard).toHaveLength(1_000))
    // 990 of them at 2000 a second.
    expect(performance.now() - startedAt).toBeGreaterThan(400)
    server.say({ type: 'price', room: 'room-7', payload: 5 })
    await until(() => expect([...heard]).toEqual([['room-7', 5]]))
  })

  it('need their own object: Vue must not lay a deep proxy around one', async () => {
    const server = await serve()
    const room = connect(server, {}).room('lobby')
    expect(() => (reactive(room) as typeof room).send('chat')).toThrow(TypeError)
  })
})

describe('requests', () => {
  it('end with the reply, or with the server’s own code', async () => {
    const server = await serve(({ type: named, id }, say) => {
      if (named === 'user.get') say({ type: 'user.get', id, payload: { name: 'Ada' } })
      if (named === 'user.drop')
        say({ type: 'error', id, payload: { code: 'forbidden', message: 'No', retryable: false } })
    })
    const client = connect(server, {
      requests: { 'user.get': { output: z.object({ name: z.string() }) }, 'user.drop': {}, 'user.lose': {} },
    })
    expect((await client.request('user.get', { id: 7 })).name).toBe('Ada')
    await expect(client.request('user.drop')).rejects.toMatchObject({
      code: 'HF_REMOTE',
      cause: { code: 'forbidden' },
    })
    await expect(client.request('user.lose', undefined, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'HF_TIMEOUT',
    })
  })

  it('that are idempotent are asked again on the next link, with the same key', async () => {
    const server = await serve(({ id, payload }, say) => {
      if (server.opened === 1) server.cut()
      else say({ type: 'payment.made', id, payload })
    })
    const client = connect(server, {})
    const key = crypto.randomUUID()
    expect(await client.request('payment.make', { key }, { idempotent: true })).toEqual({ key })
    expect(server.heard.map(({ payload }) => payload)).toEqual([{ key }, { key }])
  })

  it('for streams read until the loop is left, and then tell the server to stop', async () => {
    const server = await serve(({ type: named, id }, say) => {
      if (named === 'follow')
        for (let line = 0; line < 5; line++) say({ type: 'line', id, payload: line, more: true })
    })
    const client = connect(server, {})
    const lines: unknown[] = []
    for await (const line of client.stream('follow')) {
      lines.push(line)
      if (line === 2) break
    }
    expect(lines).toEqual([0, 1, 2])
    await until(() => expect(typesOf(server)).toEqual(['follow', '$cancel']))
  })

  it('of the server are answered, once or several times, or refused with a code', async () => {
    const server = await serve()
    const client = connect(server, { serves: { 'led.set': { input: z.object({ on: z.boolean() }) } } })
    client.handle('led.set', ({ on }) => {
      if (!on) throw Object.assign(new Error('It is so already'), { code: 'no_change' })
      return { lit: on }
    })
    await opened(client)
    server.say({ type: 'led.set', id: '1', payload: { on: true } })
    server.say({ type: 'led.set', id: '2', payload: { on: false } })
    server.say({ type: 'led.set', id: '3', payload: { on: 'maybe' } })
    await until(() => expect(server.heard).toHaveLength(3))
    const answers = new Map(server.heard.map(({ id, payload }) => [id, payload]))
    expect(answers.get('1')).toEqual({ lit: true })
    expect(answers.get('2')).toMatchObject({ code: 'no_change', message: 'It is so already' })
    expect(answers.get('3')).toMatchObject({ code: 'invalid' })
  })
})

it('writes payloads for ASP.NET Core as strings, two levels deep', async () => {
  const server = await serve()
  const client = connect(server, { dialect: envelopeDialect({ payload: 'string', littleEndian: true }) })
  client.room('lobby').send('chat', { text: 'hi' })
  await until(() => expect(server.texts).toHaveLength(2))
  expect(server.texts[1]).toBe(
    String.raw`{"type":"broadcast","room":"lobby","payload":"{\"type\":\"chat\",\"room\":\"lobby\",\"payload\":\"{\\\"text\\\":\\\"hi\\\"}\"}"}`,
  )
})
