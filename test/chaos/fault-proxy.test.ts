import type { Server } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { waitFor } from '../contract/support/wait-for.ts'
import type { Fault } from './fault.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { createFaultProxy } from './fault-proxy.ts'
import { hostileClientFrames, hostileServerFrames, serverCloseFrame, serverTextFrame } from './raw-frames.ts'
import type { TcpPeer, TcpTarget } from './tcp-peer.ts'
import { tcpClient, tcpTarget } from './tcp-peer.ts'

/** Only ever waited to prove that nothing happens. */
const quietMs = 80

let target: TcpTarget
let proxy: FaultProxy
let clients: TcpPeer[]

beforeEach(async () => {
  target = await tcpTarget()
  proxy = await createFaultProxy({ targetPort: target.port })
  clients = []
})

afterEach(async () => {
  for (const client of clients) client.socket.destroy()
  await proxy.close()
  await target.close()
})

function dial(port = proxy.port): TcpPeer {
  const client = tcpClient(port)
  clients.push(client)
  return client
}

/** A client, and the server's end of the same link. */
async function link(): Promise<{ client: TcpPeer; server: TcpPeer }> {
  const before = target.peers.length
  const client = dial()
  await waitFor(() => client.connected && target.peers.length > before)
  const server = target.peers[before]
  if (!server) throw new Error('no server end')
  return { client, server }
}

const sees = (peer: TcpPeer, text: string): Promise<boolean> =>
  waitFor(() => peer.bytes.toString('latin1') === text, { what: `'${text}'` })

async function passesBothWays({ client, server }: { client: TcpPeer; server: TcpPeer }): Promise<void> {
  const [atServer, atClient] = [server.bytes.toString('latin1'), client.bytes.toString('latin1')]
  client.socket.write('up')
  server.socket.write('down')
  await sees(server, `${atServer}up`)
  await sees(client, `${atClient}down`)
}

describe('pass', () => {
  test('bytes go both ways unchanged, and are counted', async () => {
    const both = await link()
    await passesBothWays(both)
    expect(proxy.connections).toMatchObject([
      {
        id: 1,
        open: true,
        readFromClientBytes: 2,
        writtenToServerBytes: 2,
        readFromServerBytes: 4,
        writtenToClientBytes: 4,
      },
    ])
  })

  test('16 MiB arrive whole at a reader that is slow to start', async () => {
    const { client, server } = await link()
    server.socket.pause()
    const sent = Buffer.alloc(16 * 1024 * 1024, 'holdfast')
    client.socket.write(sent)
    await sleep(quietMs)
    server.socket.resume()
    await waitFor(() => server.reads.reduce((sum, { length }) => sum + length, 0) === sent.length)
    expect(server.bytes.equals(sent)).toBe(true)
  })

  test('a FIN passes as a FIN, each way by itself, and the link then ends', async () => {
    const { client, server } = await link()
    client.socket.end('last')
    await waitFor(() => server.ended)
    expect(server.bytes.toString()).toBe('last')
    expect(client.ended).toBe(false)
    server.socket.end('answer')
    await waitFor(() => client.closed && server.closed)
    expect(client.bytes.toString()).toBe('answer')
    await waitFor(() => proxy.connections.every(({ open }) => !open))
  })

  test('an RST passes as an RST', async () => {
    const { client, server } = await link()
    server.socket.resetAndDestroy()
    await waitFor(() => client.closed)
    expect(client.errorCode).toBe('ECONNRESET')
  })

  test('a target that refuses is an RST for the client', async () => {
    await target.close()
    const client = dial()
    await waitFor(() => client.closed)
    expect(client.errorCode).toBe('ECONNRESET')
  })
})

describe('refuse', () => {
  test('refuses, and listens again on the same port; live links stay', async () => {
    const both = await link()
    const { port } = proxy
    for (let round = 0; round < 3; round += 1) {
      await proxy.setFault({ kind: 'refuse' })
      const refused = dial(port)
      await waitFor(() => refused.closed)
      expect(refused.errorCode).toBe('ECONNREFUSED')
      await passesBothWays(both)
      await proxy.setFault({ kind: 'pass' })
      await passesBothWays(await link())
    }
    expect(proxy.port).toBe(port)
  })

  test('can be set and lifted in one tick, and the last one counts', async () => {
    await Promise.all([
      proxy.setFault({ kind: 'refuse' }),
      proxy.setFault({ kind: 'pass' }),
      proxy.setFault({ kind: 'refuse' }),
    ])
    const refused = dial()
    await waitFor(() => refused.errorCode === 'ECONNREFUSED')
    await Promise.all([
      proxy.setFault({ kind: 'pass' }),
      proxy.setFault({ kind: 'refuse' }),
      proxy.setFault([]),
    ])
    await passesBothWays(await link())
  })

  test('waits for a port that somebody else holds for a moment', async () => {
    await proxy.setFault({ kind: 'refuse' })
    const thief = await new Promise<Server>((resolve) => {
      const server = createServer().listen(proxy.port, '127.0.0.1', () => resolve(server))
    })
    let back = false
    const relistened = proxy.setFault({ kind: 'pass' }).then(() => {
      back = true
    })
    await sleep(quietMs)
    expect(back).toBe(false)
    await new Promise((resolve) => thief.close(resolve))
    await relistened
    await passesBothWays(await link())
  })

  test('with a reset: the server dies, live links and door alike', async () => {
    const { client, server } = await link()
    await proxy.setFault([{ kind: 'refuse' }, { kind: 'reset' }])
    await waitFor(() => client.errorCode === 'ECONNRESET' && server.errorCode === 'ECONNRESET')
    const refused = dial()
    await waitFor(() => refused.errorCode === 'ECONNREFUSED')
  })
})

describe('mute', () => {
  test('accepts, tells the server nothing, answers nothing, not even a FIN', async () => {
    await proxy.setFault({ kind: 'mute' })
    const client = dial()
    await waitFor(() => client.connected)
    client.socket.end('GET / HTTP/1.1\r\n\r\n')
    await waitFor(() => proxy.connections[0]?.readFromClientBytes === 18)
    await sleep(quietMs)
    expect(target.peers).toHaveLength(0)
    expect(client).toMatchObject({ ended: false, closed: false, reads: [] })
    expect(proxy.connections).toMatchObject([{ clientOpen: true, serverOpen: false }])
  })

  test('leaves live links alone', async () => {
    const both = await link()
    await proxy.setFault({ kind: 'mute' })
    await passesBothWays(both)
  })

  test('a muted link can be injected into and reset', async () => {
    await proxy.setFault({ kind: 'mute' })
    const client = dial()
    await waitFor(() => proxy.connections.length === 1)
    await proxy.setFault({ kind: 'inject', to: 'client', bytes: [104, 105] })
    await sees(client, 'hi')
    await proxy.setFault({ kind: 'reset' })
    await waitFor(() => client.errorCode === 'ECONNRESET')
  })
})

describe('black hole', () => {
  test('both ways: swallows bytes, and the link stays open though both sides leave', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'blackHole' })
    client.socket.write('lost')
    server.socket.write('lost too')
    await waitFor(() => {
      const [info] = proxy.connections
      return info?.readFromClientBytes === 4 && info.readFromServerBytes === 8
    })
    client.socket.end()
    await sleep(quietMs)
    expect(server).toMatchObject({ ended: false, closed: false, reads: [] })
    expect(client).toMatchObject({ ended: false, closed: false, reads: [] })
  })

  test.each(['FIN', 'RST'])('the other side never hears of a %s', async (end) => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'blackHole' })
    if (end === 'RST') server.socket.resetAndDestroy()
    else server.socket.destroy()
    await waitFor(() => server.closed)
    client.socket.write('anybody?')
    await sleep(quietMs)
    expect(client).toMatchObject({ ended: false, closed: false, errorCode: undefined })
  })

  test('client to server only', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'blackHole', direction: 'toServer' })
    client.socket.write('lost')
    server.socket.write('heard')
    await sees(client, 'heard')
    await sleep(quietMs)
    expect(server.reads).toEqual([])
  })

  test('server to client only', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'blackHole', direction: 'toClient' })
    server.socket.end('lost')
    client.socket.write('heard')
    await sees(server, 'heard')
    await sleep(quietMs)
    expect(client).toMatchObject({ ended: false, reads: [] })
  })

  test('for new links only, set before they come', async () => {
    const old = await link()
    await proxy.setFault({ kind: 'blackHole' }, { scope: 'new' })
    const fresh = await link()
    fresh.client.socket.write('lost')
    await passesBothWays(old)
    await sleep(quietMs)
    expect(fresh.server.reads).toEqual([])
  })

  test('for live links only: the next connection passes', async () => {
    const old = await link()
    await proxy.setFault({ kind: 'blackHole' }, { scope: 'live' })
    await passesBothWays(await link())
    old.client.socket.write('lost')
    await sleep(quietMs)
    expect(old.server.reads).toEqual([])
  })

  test('lifted: what was swallowed stays lost, the link passes again', async () => {
    const both = await link()
    await proxy.setFault({ kind: 'blackHole' })
    both.client.socket.write('lost')
    await waitFor(() => proxy.connections[0]?.readFromClientBytes === 4)
    await proxy.setFault({ kind: 'pass' })
    await passesBothWays(both)
    expect(both.server.bytes.toString()).toBe('up')
  })

  test('lifted: an end that was swallowed is delivered then', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'blackHole' })
    server.socket.resetAndDestroy()
    await waitFor(() => proxy.connections[0]?.serverOpen === false)
    await proxy.setFault({ kind: 'pass' })
    await waitFor(() => client.errorCode === 'ECONNRESET')
  })

  test('takes along what latency held on its way', async () => {
    const both = await link()
    await proxy.setFault({ kind: 'latency', ms: 60 })
    both.client.socket.write('in flight')
    await waitFor(() => proxy.connections[0]?.readFromClientBytes === 9)
    await proxy.setFault({ kind: 'blackHole' })
    await sleep(quietMs)
    await proxy.setFault({ kind: 'pass' })
    await passesBothWays(both)
    expect(both.server.bytes.toString()).toBe('up')
  })
})

describe('stall', () => {
  test('holds bytes and ends back, and delivers all when lifted', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'stall', direction: 'toServer' })
    client.socket.write('one ')
    client.socket.end('two')
    server.socket.write('free')
    await sees(client, 'free')
    await sleep(quietMs)
    expect(server).toMatchObject({ ended: false, reads: [] })
    await proxy.setFault({ kind: 'pass' })
    await waitFor(() => server.ended)
    expect(server.bytes.toString()).toBe('one two')
  })

  test('the sender feels it as backpressure, unlike a black hole', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'stall' })
    const sent = Buffer.alloc(32 * 1024 * 1024)
    client.socket.write(sent)
    await sleep(quietMs)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    await proxy.setFault({ kind: 'pass' })
    await waitFor(() => client.socket.writableLength === 0)
    await waitFor(() => server.reads.reduce((sum, { length }) => sum + length, 0) === sent.length)
  })
})

describe('reset, FIN, half-close', () => {
  test('reset: both sides get an RST, and a new link passes', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'reset' })
    await waitFor(() => client.closed && server.closed)
    expect([client.errorCode, server.errorCode]).toEqual(['ECONNRESET', 'ECONNRESET'])
    await passesBothWays(await link())
  })

  test('reset for new links: accepted, then RST; the server never hears of it', async () => {
    const old = await link()
    await proxy.setFault({ kind: 'reset' }, { scope: 'new' })
    const client = dial()
    await waitFor(() => client.closed)
    expect(client.errorCode).toBe('ECONNRESET')
    await passesBothWays(old)
    expect(target.peers).toHaveLength(1)
    await proxy.setFault({ kind: 'pass' })
    await passesBothWays(await link())
  })

  test('FIN: both sides get a FIN and no RST', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'fin' })
    await waitFor(() => client.ended && server.ended)
    client.socket.end('too late')
    server.socket.end()
    await waitFor(() => client.closed && server.closed)
    expect([client.errorCode, server.errorCode, server.bytes.length]).toEqual([undefined, undefined, 0])
  })

  test.each(['reset', 'fin'] as const)('%s ends a black-holed and a stalled link too', async (kind) => {
    const one = await link()
    await proxy.setFault({ kind: 'blackHole' }, { scope: 'live' })
    const two = await link()
    await proxy.setFault({ kind: 'stall' }, { scope: 'live' })
    for (const { client } of [one, two]) client.socket.write('unread')
    await proxy.setFault({ kind })
    for (const { client, server } of [one, two]) {
      await waitFor(() => (kind === 'fin' ? client.ended && server.ended : client.closed && server.closed))
    }
  })

  test('half-close to the client: it gets a FIN, and what it sends still arrives', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'halfClose', side: 'client' })
    await waitFor(() => client.ended)
    client.socket.write('still here')
    server.socket.write('nobody hears')
    await sees(server, 'still here')
    expect(server.ended).toBe(false)
    client.socket.end()
    await waitFor(() => server.ended && client.closed)
    expect(client.reads).toEqual([])
  })

  test('half-close to the server: it gets a FIN, and what it sends still arrives', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'halfClose', side: 'server' })
    await waitFor(() => server.ended)
    server.socket.write('still here')
    await sees(client, 'still here')
    expect(client.ended).toBe(false)
  })
})

describe('cut after N bytes', () => {
  const ways = [
    { how: 'reset', direction: 'toServer' },
    { how: 'reset', direction: 'toClient' },
    { how: 'fin', direction: 'toServer' },
    { how: 'fin', direction: 'toClient' },
  ] as const

  test.each(ways)('$how $direction: exactly so many pass', async ({ how, direction }) => {
    const { client, server } = await link()
    const [from, to] = direction === 'toServer' ? [client, server] : [server, client]
    await proxy.setFault({ kind: 'cut', afterBytes: 10, direction, how })
    from.socket.write('0123')
    await sees(to, '0123')
    from.socket.write('456789abcdef')
    await waitFor(() => (how === 'fin' ? to.ended && from.ended : to.closed && from.closed))
    expect(to.bytes.toString()).toBe('0123456789')
    expect(to.errorCode).toBe(how === 'fin' ? undefined : 'ECONNRESET')
  })

  test('black hole: exactly so many pass, then silence both ways', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'cut', afterBytes: 3, direction: 'toClient', how: 'blackHole' })
    server.socket.write('012345')
    await sees(client, '012')
    client.socket.end('lost')
    await sleep(quietMs)
    expect(server).toMatchObject({ ended: false, reads: [] })
    expect(client).toMatchObject({ ended: false, closed: false })
    await proxy.setFault({ kind: 'pass' })
    await waitFor(() => server.ended)
  })

  test('counts from the start of a new link, and from now for a live one', async () => {
    const old = await link()
    await passesBothWays(old)
    await proxy.setFault({ kind: 'cut', afterBytes: 2, direction: 'toServer' })
    const fresh = await link()
    old.client.socket.write('xyz')
    fresh.client.socket.write('xyz')
    await waitFor(() => old.server.closed && fresh.server.closed)
    expect([old.server.bytes.toString(), fresh.server.bytes.toString()]).toEqual(['upxy', 'xy'])
  })

  test('after 0 bytes: at the first byte that would pass', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'cut', afterBytes: 0, direction: 'toServer' })
    await sleep(quietMs)
    expect(client.closed).toBe(false)
    client.socket.write('x')
    await waitFor(() => client.closed && server.closed)
    expect(server.reads).toEqual([])
  })
})

describe('corrupt', () => {
  test('exactly one byte, at the offset, once', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'corrupt', atByte: 5, direction: 'toServer', xor: 0x20 })
    client.socket.write('abcd')
    await sees(server, 'abcd')
    client.socket.write('efgh')
    server.socket.write('untouched')
    await sees(server, 'abcdeFgh')
    await sees(client, 'untouched')
    client.socket.write('ijklmnop')
    await sees(server, 'abcdeFghijklmnop')
  })

  test('together with slices, the offset is the same', async () => {
    const { client, server } = await link()
    await proxy.setFault([
      { kind: 'corrupt', atByte: 9, direction: 'toClient', xor: 0x20 },
      { kind: 'slice', bytes: 2 },
    ])
    server.socket.write('abcdefghijkl')
    await sees(client, 'abcdefghiJkl')
    expect(client.reads.length).toBeGreaterThan(1)
  })
})

describe('inject', () => {
  test('raw bytes to either side', async () => {
    const both = await link()
    await proxy.setFault({ kind: 'inject', to: 'client', bytes: Uint8Array.of(65, 66) })
    await proxy.setFault({ kind: 'inject', to: 'server', bytes: [67, 68] })
    await sees(both.client, 'AB')
    await sees(both.server, 'CD')
    await passesBothWays(both)
  })

  test('behind what is on its way', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'latency', ms: 40 })
    server.socket.write('first ')
    await waitFor(() => proxy.connections[0]?.readFromServerBytes === 6)
    await proxy.setFault({ kind: 'pass' })
    await proxy.setFault({ kind: 'inject', to: 'client', bytes: Buffer.from('second') })
    await sees(client, 'first second')
  })

  test('to new links: before anything that the server says', async () => {
    await proxy.setFault({ kind: 'inject', to: 'client', bytes: Buffer.from('junk ') }, { scope: 'new' })
    const { client, server } = await link()
    server.socket.write('hello')
    await sees(client, 'junk hello')
  })
})

describe('latency, bandwidth, slices', () => {
  test('latency each way, and bytes and FIN keep their order', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'latency', ms: 50 })
    const start = performance.now()
    client.socket.write('x')
    await waitFor(() => server.reads.length > 0, { everyMs: 1 })
    expect(performance.now() - start).toBeGreaterThanOrEqual(49)
    const numbers = Array.from({ length: 300 }, (_, index) => `${index},`)
    for (const [index, number] of numbers.entries()) {
      server.socket.write(number)
      if (index % 10 === 0) await sleep(1)
    }
    server.socket.end()
    await waitFor(() => client.ended)
    expect(client.bytes.toString()).toBe(numbers.join(''))
  })

  test('less latency later: nothing overtakes what is on its way', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'latency', ms: 100 })
    client.socket.write('slow ')
    await waitFor(() => proxy.connections[0]?.readFromClientBytes === 5)
    await proxy.setFault({ kind: 'pass' })
    client.socket.write('quick')
    await sees(server, 'slow quick')
  })

  test('different each way', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'latency', ms: 200, direction: 'toClient' })
    const start = performance.now()
    server.socket.write('late')
    client.socket.write('now')
    await sees(server, 'now')
    expect(performance.now() - start).toBeLessThan(190)
    await sees(client, 'late')
    expect(performance.now() - start).toBeGreaterThanOrEqual(199)
  })

  test('latency is no bandwidth: many bytes are in flight at once', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'latency', ms: 50 })
    const start = performance.now()
    client.socket.write(Buffer.alloc(4 * 1024 * 1024))
    await waitFor(() => proxy.connections[0]?.writtenToServerBytes === 4 * 1024 * 1024)
    expect(performance.now() - start).toBeLessThan(2_000)
    await waitFor(() => server.bytes.length === 4 * 1024 * 1024)
  })

  test('bandwidth: so many bytes take so long, and a flood is felt by the sender', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'bandwidth', bytesPerSecond: 100_000 })
    const start = performance.now()
    client.socket.write(Buffer.alloc(20_000, 'b'))
    await waitFor(() => server.bytes.length === 20_000, { everyMs: 1 })
    // The last 20 ms' worth is written at once, and then the line is busy.
    expect(performance.now() - start).toBeGreaterThanOrEqual(175)
    client.socket.write(Buffer.alloc(32 * 1024 * 1024))
    await waitFor(() => client.socket.writableLength > 0)
    await sleep(quietMs)
    expect(proxy.connections[0]?.readFromClientBytes).toBeLessThan(1024 * 1024)
  })

  test('slices of 7 bytes, in order', async () => {
    const { client, server } = await link()
    await proxy.setFault({ kind: 'slice' })
    const sent = Array.from({ length: 100 }, (_, index) => String.fromCharCode(33 + (index % 90))).join('')
    client.socket.write(sent)
    await sees(server, sent)
    expect(Math.max(...server.reads.map(({ length }) => length))).toBeLessThanOrEqual(14)
    expect(server.reads.filter(({ length }) => length === 7).length).toBeGreaterThan(10)
  })

  test('all together keep order', async () => {
    const { client, server } = await link()
    await proxy.setFault([
      { kind: 'latency', ms: 5 },
      { kind: 'bandwidth', bytesPerSecond: 50_000 },
      { kind: 'slice', bytes: 11 },
    ])
    const sent = Array.from({ length: 500 }, (_, index) => `${index};`).join('')
    for (let at = 0; at < sent.length; at += 100) client.socket.write(sent.slice(at, at + 100))
    client.socket.end()
    await waitFor(() => server.ended)
    expect(server.bytes.toString()).toBe(sent)
  })
})

describe('close', () => {
  test('ends everything, whatever the faults, and leaves no listener', async () => {
    const one = await link()
    await proxy.setFault({ kind: 'blackHole' })
    const two = await link()
    await proxy.setFault([{ kind: 'latency', ms: 60_000 }, { kind: 'mute' }])
    const three = dial()
    await waitFor(() => three.connected && proxy.connections.length === 3)
    one.client.socket.write('for ever on its way')
    const start = performance.now()
    await Promise.all([proxy.close(), proxy.close()])
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(proxy.connections.every(({ open }) => !open)).toBe(true)
    await waitFor(() =>
      [one.client, one.server, two.client, two.server, three].every((peer) => peer.ended || peer.closed),
    )
    const refused = dial()
    await waitFor(() => refused.errorCode === 'ECONNREFUSED')
    expect(() => proxy.setFault({ kind: 'pass' })).toThrow('closed')
  })
})

describe('bad faults are told', () => {
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{ kind: 'blackhole' }, /unknown fault/],
    [{ kind: 'latency', ms: -1 }, /ms must be/],
    [{ kind: 'latency', ms: Number.NaN }, /ms must be/],
    [{ kind: 'latency', ms: 5, direction: 'up' }, /direction cannot be up/],
    [{ kind: 'bandwidth', bytesPerSecond: 0 }, /bytesPerSecond must be/],
    [{ kind: 'cut', afterBytes: 5 }, /direction cannot be undefined/],
    [{ kind: 'corrupt', atByte: 5, direction: 'both' }, /direction cannot be both/],
    [{ kind: 'halfClose' }, /side cannot be undefined/],
    [{ kind: 'inject', to: 'client', bytes: 'abc' }, /bytes must be/],
  ]
  test.each(bad)('%j', (fault, message) => {
    expect(() => proxy.setFault(fault as Fault)).toThrow(message)
  })

  test('refuse for live links', () => {
    expect(() => proxy.setFault({ kind: 'refuse' }, { scope: 'live' })).toThrow(/new connections only/)
  })
})

describe('over ws', () => {
  let server: WebSocketServer
  let wsProxy: FaultProxy
  let client: WebSocket
  let received: string[]
  let errors: string[]
  let closes: number[]
  let serverErrors: string[]
  let serverCloses: number[]

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    received = []
    errors = []
    closes = []
    serverErrors = []
    serverCloses = []
    server.on('connection', (socket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }))
      socket.on('error', (error) => serverErrors.push(error.message))
      socket.on('close', (code) => serverCloses.push(code))
    })
    const { port } = server.address() as { port: number }
    wsProxy = await createFaultProxy({ targetPort: port })
  })

  afterEach(async () => {
    client.terminate()
    await wsProxy.close()
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
    await waitFor(() => client.readyState === WebSocket.CLOSED)
  })

  function begin(): void {
    client = new WebSocket(wsProxy.url)
    client.on('message', (data) => received.push(String(data)))
    client.on('error', (error) => errors.push(error.message))
    client.on('close', (code) => closes.push(code))
  }

  async function open(): Promise<void> {
    begin()
    await waitFor(() => client.readyState === WebSocket.OPEN)
  }

  test.each(Object.entries(hostileServerFrames))('a client fails the link upon %s', async (_name, bytes) => {
    await open()
    await wsProxy.setFault({ kind: 'inject', to: 'client', bytes })
    await waitFor(() => closes.length === 1)
    expect(errors).toHaveLength(1)
    expect(received).toEqual([])
  })

  test.each(Object.entries(hostileClientFrames))('a server fails the link upon %s', async (_name, bytes) => {
    await open()
    await wsProxy.setFault({ kind: 'inject', to: 'server', bytes })
    await waitFor(() => serverErrors.length === 1 && closes.length === 1)
  })

  test('honest frames can be injected too', async () => {
    await open()
    await wsProxy.setFault({ kind: 'inject', to: 'client', bytes: serverTextFrame('forged') })
    await waitFor(() => received[0] === 'forged')
    await wsProxy.setFault({ kind: 'inject', to: 'client', bytes: serverCloseFrame(4321, 'forged') })
    await waitFor(() => closes.length === 1)
    expect(closes).toEqual([4321])
  })

  test('a message cut in the middle of its frame is a 1006 and never half a message', async () => {
    await open()
    await wsProxy.setFault({ kind: 'cut', afterBytes: 50, direction: 'toClient', how: 'fin' })
    client.send('x'.repeat(1000))
    await waitFor(() => closes.length === 1)
    expect([closes, received]).toEqual([[1006], []])
  })

  test('one corrupt byte in a text: the text is refused as bad UTF-8', async () => {
    await open()
    // 2 bytes of header and 4 of mask stand before the text.
    await wsProxy.setFault({ kind: 'corrupt', atByte: 8, direction: 'toServer' })
    client.send('hello world')
    await waitFor(() => closes.length === 1)
    expect(serverErrors).toHaveLength(1)
    expect(closes).toEqual([1007])
  })

  test('7-byte slices carry a handshake and messages of any size', async () => {
    await wsProxy.setFault({ kind: 'slice' })
    await open()
    const texts = ['', 'short', 'm'.repeat(300), 'l'.repeat(70_000)]
    for (const text of texts) client.send(text)
    await waitFor(() => received.length === texts.length)
    expect(received).toEqual(texts)
  })

  test('mute: the handshake is never answered', async () => {
    await wsProxy.setFault({ kind: 'mute' })
    begin()
    await waitFor(() => (wsProxy.connections[0]?.readFromClientBytes ?? 0) > 0)
    await sleep(quietMs)
    expect([client.readyState, errors, closes]).toEqual([WebSocket.CONNECTING, [], []])
  })

  test('black hole: an open link stays OPEN, and the server sees no close when the client leaves', async () => {
    await open()
    await wsProxy.setFault({ kind: 'blackHole' })
    client.send('lost')
    client.ping()
    await sleep(quietMs)
    expect([client.readyState, client.bufferedAmount, received, closes]).toEqual([WebSocket.OPEN, 0, [], []])
    client.terminate()
    await waitFor(() => closes.length === 1)
    await sleep(quietMs)
    expect(serverCloses).toEqual([])
  })
})
