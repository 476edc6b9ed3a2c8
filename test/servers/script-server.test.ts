import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'
import type { Control, ProxyHandle, UrlQuery } from '../contract/support/control.ts'
import { createControl, hostileServerFrames, uniqueCase, waitFor } from '../contract/support/control.ts'
import type { Certificate } from './certificate.ts'
import { createCertificate } from './certificate.ts'
import type { ControlApi } from './control-api.ts'
import { createControlApi } from './control-api.ts'
import type { ConnectionRecord } from './records.ts'
import type { ScriptServer } from './script-server.ts'
import { createScriptServer } from './script-server.ts'

/** Only ever waited to prove that nothing happens. */
const quietMs = 80

interface Client {
  readonly socket: WebSocket
  readonly received: (string | Buffer)[]
  readonly closes: { code: number; reason: string }[]
  readonly errors: string[]
  pings: number
  pongs: number
  refusal: { status: number | undefined; retryAfter: string | undefined } | undefined
}

let tls: Certificate
let server: ScriptServer
let secureServer: ScriptServer
let api: ControlApi
let control: Control
let name: string
let clients: Client[]

beforeAll(async () => {
  tls = createCertificate()
  server = await createScriptServer()
  secureServer = await createScriptServer({ book: server.book, tls })
  api = await createControlApi({
    book: server.book,
    targetPort: server.port,
    secureTargetPort: secureServer.port,
  })
  control = createControl({ controlUrl: api.url, wsUrl: server.url, wssUrl: secureServer.url })
})

afterAll(async () => {
  await api.close()
  await Promise.all([server.close(), secureServer.close()])
})

beforeEach(() => {
  name = uniqueCase()
  clients = []
})

afterEach(() => {
  for (const { socket } of clients) socket.terminate()
})

function dial(
  path: string,
  query: UrlQuery = {},
  protocols: string[] = [],
  options: ClientOptions = {},
): Client {
  return dialUrl(control.urlFor(path, name, query), protocols, options)
}

function dialUrl(url: string, protocols: string[] = [], options: ClientOptions = {}): Client {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options })
  const client: Client = {
    socket,
    received: [],
    closes: [],
    errors: [],
    pings: 0,
    pongs: 0,
    refusal: undefined,
  }
  socket.on('message', (data, binary) => client.received.push(binary ? (data as Buffer) : String(data)))
  socket.on('close', (code, reason) => client.closes.push({ code, reason: String(reason) }))
  socket.on('error', (error) => client.errors.push(error.message))
  socket.on('ping', () => {
    client.pings += 1
  })
  socket.on('pong', () => {
    client.pongs += 1
  })
  socket.on('unexpected-response', (_request, response) => {
    client.refusal = { status: response.statusCode, retryAfter: response.headers['retry-after'] }
    socket.terminate()
  })
  clients.push(client)
  return client
}

const isOpen = ({ socket }: Client): Promise<boolean> => waitFor(() => socket.readyState === WebSocket.OPEN)
const closed = ({ closes }: Client): Promise<{ code: number; reason: string }> => waitFor(() => closes[0])

async function opened(path: string, query: UrlQuery = {}, protocols: string[] = []): Promise<Client> {
  const client = dial(path, query, protocols)
  await isOpen(client)
  return client
}

const record = (which: (found: ConnectionRecord) => unknown): Promise<ConnectionRecord> =>
  waitFor(async () => (await control.connections(name)).find(which))

describe('paths', () => {
  test('/echo: text and binary, the first protocol offered', async () => {
    const client = await opened('/echo', {}, ['one', 'two'])
    expect(client.socket.protocol).toBe('one')
    client.socket.send('grüße 🌊')
    client.socket.send(Buffer.of(0, 255, 128))
    await waitFor(() => client.received.length === 2)
    expect(client.received).toEqual(['grüße 🌊', Buffer.of(0, 255, 128)])
  })

  test.each([
    ['first', undefined, 'a'],
    ['last', 'last', 'b'],
    ['by name', 'b', 'b'],
  ])('/protocol: %s', async (_label, pick, selected) => {
    const client = await opened('/protocol', { pick }, ['a', 'b'])
    expect(client.socket.protocol).toBe(selected)
    await waitFor(() => client.received.length === 1)
    expect(JSON.parse(String(client.received[0]))).toEqual({ offered: ['a', 'b'], selected })
  })

  test.each(['none', 'never-offered'])('/protocol: %s is a failure to the client', async (pick) => {
    const client = dial('/protocol', { pick }, ['a'])
    expect((await closed(client)).code).toBe(1006)
    expect(client.errors).toHaveLength(1)
  })

  test('/close: with code and reason', async () => {
    const client = dial('/close', { code: 4321, reason: 'so long' })
    expect(await closed(client)).toEqual({ code: 4321, reason: 'so long' })
    expect(await record(({ state }) => state === 'closed')).toMatchObject({ closeCode: 4321 })
  })

  test('/close: without a code', async () => {
    expect(await closed(dial('/close'))).toEqual({ code: 1005, reason: '' })
  })

  test('/close: after so many messages', async () => {
    const client = await opened('/close', { code: 4401, afterMessages: 2 })
    client.socket.send('token')
    await sleep(quietMs)
    expect(client.closes).toEqual([])
    client.socket.send('more')
    expect((await closed(client)).code).toBe(4401)
  })

  test('/accept-then-close: opens, then closes after its time', async () => {
    const client = await opened('/accept-then-close', { afterMs: 30, code: 1013 })
    expect((await closed(client)).code).toBe(1013)
    const { openedAt = 0, closedAt = 0 } = await record(({ state }) => state === 'closed')
    expect(closedAt - openedAt).toBeGreaterThanOrEqual(29)
  })

  test.each([401, 403, 429, 503])('/reject: %i, before any upgrade', async (status) => {
    const client = dial('/reject', { status, retryAfter: 2 })
    await closed(client)
    expect(client.refusal).toEqual({ status, retryAfter: '2' })
    expect(await control.connections(name)).toMatchObject([{ state: 'rejected', status, path: '/reject' }])
  })

  test('rejectFirst on any path: the first attempts of this case alone', async () => {
    const query = { rejectFirst: 2, status: 429 }
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = dial('/echo', query)
      await closed(refused)
      expect(refused.refusal?.status).toBe(429)
    }
    await opened('/echo', query)
    expect((await control.connections(name)).map(({ state }) => state)).toEqual([
      'rejected',
      'rejected',
      'open',
    ])
  })

  test('an unknown path is a 404', async () => {
    const client = dial('/ecko')
    await closed(client)
    expect(client.refusal?.status).toBe(404)
  })

  test('/terminate: 1006, no close frame', async () => {
    expect((await closed(dial('/terminate', { afterMs: 10 }))).code).toBe(1006)
  })

  test('/ping: protocol pings, up to a limit, and the pongs are counted', async () => {
    const client = await opened('/ping', { everyMs: 5, limit: 3 })
    await record(({ pongCount }) => pongCount === 3)
    await sleep(quietMs)
    expect(client.pings).toBe(3)
  })

  test('/json-ping: texts, and what comes back is recorded', async () => {
    const client = await opened('/json-ping', { everyMs: 5, limit: 2 })
    await waitFor(() => client.received.length === 2)
    expect(client.received).toEqual(['{"type":"ping"}', '{"type":"ping"}'])
    client.socket.send('{"type":"pong"}')
    await waitFor(async () => (await control.received(name))[0]?.data === '{"type":"pong"}')
  })

  test('/json-ping: with an id', async () => {
    const client = await opened('/json-ping', { everyMs: 5, limit: 2, withId: 1 })
    await waitFor(() => client.received.length === 2)
    expect(client.received[1]).toBe('{"type":"ping","id":"server-2"}')
  })

  test('/json-pong: answers pings, echoes the id, answers nothing else, falls silent at its limit', async () => {
    const client = await opened('/json-pong', { limit: 2 })
    for (const text of [
      '{"type":"ping","id":7}',
      'null',
      '{"type":"chat"}',
      '{"type":"ping"}',
      '{"type":"ping"}',
    ]) {
      client.socket.send(text)
    }
    await waitFor(async () => (await control.received(name)).length === 5)
    await sleep(quietMs)
    expect(client.received).toEqual(['{"type":"pong","id":7}', '{"type":"pong"}'])
  })

  test('/mute: no pong, no echo, no answer to a close; what it hears is recorded', async () => {
    const client = await opened('/mute')
    client.socket.ping()
    client.socket.send('anybody?')
    await waitFor(async () => (await control.received(name))[0]?.data === 'anybody?')
    client.socket.close(4000)
    await sleep(quietMs)
    expect(client).toMatchObject({ pongs: 0, received: [], closes: [] })
    expect(client.socket.readyState).toBe(WebSocket.CLOSING)
  })

  test('autoPong=0 on any path: all but the pongs', async () => {
    const client = await opened('/echo', { autoPong: 0 })
    client.socket.ping()
    client.socket.send('here')
    await waitFor(() => client.received[0] === 'here')
    await sleep(quietMs)
    expect(client.pongs).toBe(0)
  })

  test('upgradeDelayMs on any path: a slow handshake', async () => {
    const client = dial('/echo', { upgradeDelayMs: 60 })
    await record(({ state }) => state === 'handshake')
    expect(client.socket.readyState).toBe(WebSocket.CONNECTING)
    await isOpen(client)
    const { startedAt, openedAt = 0 } = await record(({ state }) => state === 'open')
    expect(openedAt - startedAt).toBeGreaterThanOrEqual(59)
  })

  test('a client that leaves a slow handshake is recorded as closed', async () => {
    const client = dial('/echo', { upgradeDelayMs: 60_000 })
    await record(({ state }) => state === 'handshake')
    client.socket.terminate()
    await record(({ state }) => state === 'closed')
  })

  test('maxPayload on any path: 1009', async () => {
    const client = await opened('/echo', { maxPayload: 10 })
    client.socket.send('x'.repeat(11))
    expect((await closed(client)).code).toBe(1009)
  })

  test('/sink: records, in order, and answers nothing', async () => {
    const client = await opened('/sink')
    const sent = ['a', Buffer.of(1, 2), 'b'.repeat(2 * 1024 * 1024)]
    for (const data of sent) client.socket.send(data)
    const messages = await waitFor(async () => {
      const found = await control.received(name)
      return found.length === 3 && found
    })
    expect(messages.map(({ order, binary, sizeBytes }) => [order, binary, sizeBytes])).toEqual([
      [0, false, 1],
      [1, true, 2],
      [2, false, 2 * 1024 * 1024],
    ])
    expect(messages.map(({ data }) => data)).toEqual(['a', Uint8Array.of(1, 2), undefined])
    expect(client.received).toEqual([])
  })

  test('/deflate: echoes, compressed', async () => {
    const client = dial('/deflate', {}, [], { perMessageDeflate: true })
    await isOpen(client)
    expect(client.socket.extensions).toContain('permessage-deflate')
    client.socket.send('z'.repeat(50_000))
    await waitFor(() => client.received[0] === 'z'.repeat(50_000))
  })

  test('/push: so many of such a size', async () => {
    const client = await opened('/push', { count: 500, size: 100 })
    await waitFor(() => client.received.length === 500)
    expect(
      client.received.every((data, index) => data.length === 100 && String(data).startsWith(`${index}:`)),
    ).toBe(true)
    const binary = await opened('/push', { count: 3, size: 8, binary: 1, everyMs: 2 })
    await waitFor(() => binary.received.length === 3)
    expect(binary.received[2]).toEqual(Buffer.of(0, 0, 0, 2, 0, 0, 0, 0))
  })

  test('/relay: to all others of the case, and of no other case', async () => {
    const [one, two] = [await opened('/relay'), await opened('/relay')]
    const stranger = dialUrl(control.urlFor('/relay', uniqueCase()))
    await isOpen(stranger)
    one.socket.send('hello')
    await waitFor(() => two.received[0] === 'hello')
    await sleep(quietMs)
    expect([one.received, stranger.received]).toEqual([[], []])
  })

  test('nonsense in a query is told by a 1011', async () => {
    const { code, reason } = await closed(dial('/close', { afterMs: 'soon' }))
    expect(code).toBe(1011)
    expect(reason).toContain("afterMs must be a number >= 0, not 'soon'")
    expect((await closed(dial('/close', { code: 1006 }))).code).toBe(1011)
  })
})

describe('records', () => {
  test('path, query, headers, protocols, times, by case', async () => {
    const before = Date.now()
    const client = dial('/echo', { colour: 'red' }, ['p'], { headers: { 'X-Token': 'abc' } })
    await isOpen(client)
    client.socket.send('1')
    client.socket.close(4001, 'bye')
    await closed(client)
    const found = await record(({ state }) => state === 'closed')
    expect(found).toMatchObject({
      case: name,
      path: '/echo',
      query: { colour: 'red' },
      headers: { 'x-token': 'abc' },
      secure: false,
      offeredProtocols: ['p'],
      protocol: 'p',
      closeCode: 4001,
      closeReason: 'bye',
      messageCount: 1,
    })
    const times = [before, found.startedAt, found.openedAt ?? 0, found.closedAt ?? 0, Date.now()]
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('an unclean end is a 1006', async () => {
    const client = await opened('/echo')
    client.socket.terminate()
    expect(await record(({ state }) => state === 'closed')).toMatchObject({ closeCode: 1006 })
  })

  test('forget', async () => {
    await opened('/echo')
    await control.forget(name)
    expect(await control.connections(name)).toEqual([])
    expect(await control.serverSend(name, 'still there?')).toBe(1)
  })
})

describe('control', () => {
  test('serverSend, to all of a case or to one', async () => {
    const [one, two] = [await opened('/sink'), await opened('/sink')]
    expect(await control.serverSend(name, 'to all')).toBe(2)
    const second = (await control.connections(name))[1]
    expect(await control.serverSend(name, Uint8Array.of(0, 200), second?.id)).toBe(1)
    await waitFor(() => two.received.length === 2)
    expect([one.received, two.received]).toEqual([['to all'], ['to all', Buffer.of(0, 200)]])
  })

  test('serverPing, serverClose, serverTerminate', async () => {
    const [one, two] = [await opened('/sink'), await opened('/mute')]
    expect(await control.serverPing(name)).toBe(2)
    await record(({ pongCount }) => pongCount === 1)
    expect(await control.serverClose(name, 4500, 'asked to')).toBe(2)
    for (const client of [one, two]) expect(await closed(client)).toEqual({ code: 4500, reason: 'asked to' })
    const three = await opened('/sink')
    expect(await control.serverTerminate(name)).toBe(1)
    expect((await closed(three)).code).toBe(1006)
    expect(await control.serverTerminate(name)).toBe(0)
  })

  test('a proxy: faults, connections, raw bytes, end', async () => {
    const proxy: ProxyHandle = await control.openProxy()
    const url = control.urlFor('/echo', name, {}, proxy.url)
    const client = dialUrl(url)
    await isOpen(client)
    client.socket.send('through')
    await waitFor(() => client.received[0] === 'through')
    expect(await proxy.connections()).toMatchObject([
      { id: 1, open: true, clientOpen: true, serverOpen: true },
    ])
    await proxy.fault([{ kind: 'refuse' }, { kind: 'reset' }])
    expect((await closed(client)).code).toBe(1006)
    const refused = dialUrl(url)
    await closed(refused)
    expect(refused.errors[0]).toContain('ECONNREFUSED')
    await proxy.fault({ kind: 'pass' })
    const again = dialUrl(url)
    await isOpen(again)
    await proxy.fault({ kind: 'inject', to: 'client', bytes: hostileServerFrames.badUtf8 })
    await closed(again)
    expect(again.errors[0]).toContain('UTF-8')
    await proxy.close()
    const gone = dialUrl(url)
    await closed(gone)
    expect(gone.errors[0]).toContain('ECONNREFUSED')
    await expect(proxy.connections()).rejects.toThrow('no such proxy')
  })

  test('a fault that does not exist is told', async () => {
    const proxy = await control.openProxy()
    await expect(proxy.fault({ kind: 'gremlin' } as never)).rejects.toThrow('unknown fault')
  })

  test('closing the API closes the proxies that were left', async () => {
    const own = await createControlApi({ book: server.book, targetPort: server.port })
    const proxy = await createControl({ controlUrl: own.url, wsUrl: server.url }).openProxy()
    const client = dialUrl(control.urlFor('/echo', name, {}, proxy.url))
    await isOpen(client)
    await own.close()
    expect((await closed(client)).code).toBe(1006)
  })

  test('is open to pages of any origin, without a preflight', async () => {
    const response = await fetch(`${api.url}/case/received/${name}`, { method: 'POST', body: '{}' })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect((await fetch(`${api.url}/case/received/x`, { method: 'OPTIONS' })).status).toBe(204)
    expect((await fetch(`${api.url}/nowhere`, { method: 'POST' })).status).toBe(404)
    expect((await fetch(`${api.url}/case/received/x`, { method: 'POST', body: '{' })).status).toBe(400)
  })

  test('waitFor says what it waited for, and why in vain', async () => {
    const cause = new Error('not yet')
    const waiting = waitFor(() => Promise.reject(cause), { timeoutMs: 30, what: 'Godot' })
    await expect(waiting).rejects.toMatchObject({ message: 'waited 30 ms in vain for Godot', cause })
  })
})

describe('TLS', () => {
  test('a client that trusts the certificate connects, by address and by name', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const base = secureServer.url.replace('127.0.0.1', host)
      const client = dialUrl(control.urlFor('/echo', name, {}, base), [], { ca: tls.cert, family: 4 })
      await isOpen(client)
      client.socket.send(host)
      await waitFor(() => client.received[0] === host)
    }
    expect((await control.connections(name)).map(({ secure }) => secure)).toEqual([true, true])
  })

  test('a client that does not trust it refuses', async () => {
    const client = dialUrl(control.urlFor('/echo', name, {}, secureServer.url))
    await closed(client)
    expect(client.errors[0]).toMatch(/self.signed/i)
  })

  test('through a proxy, and a corrupt byte ends it', async () => {
    const proxy = await control.openProxy({ secure: true })
    const client = dialUrl(control.urlFor('/echo', name, {}, proxy.url), [], { ca: tls.cert })
    await isOpen(client)
    await proxy.fault({ kind: 'corrupt', atByte: 10, direction: 'toServer' })
    client.socket.send('hello')
    expect((await closed(client)).code).toBe(1006)
  })
})
