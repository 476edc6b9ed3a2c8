import type { OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { SocketData } from '../../src/base/data.ts'
import type { NativeEnd, NativeEvents, OpenRequest } from '../../src/base/platform.ts'
import { make } from '../../src/platform/web.ts'
import { parseRetryAfter, type Ws, WsSocket } from '../../src/platform/ws-socket.ts'

describe('Retry-After', () => {
  const now = Date.parse('Sat, 21 Nov 2026 12:00:00 GMT')

  test.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    ['007', 7_000],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 12:00:00 GMT', 0],
    ['Sat, 21 Nov 2026 11:59:59 GMT', undefined],
    ['9'.repeat(400), Infinity],
    ['', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['NaN', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['+5', undefined],
    ['5, 10', undefined],
  ])('%s: %s', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })
})

// ── Against a real server on loopback ──

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Hears a native socket, and lets the test wait for what it tells. */
class Ears implements NativeEvents {
  readonly messages: unknown[] = []
  readonly ends: NativeEnd[] = []
  readonly errors: unknown[] = []
  readonly refusals: unknown[] = []
  readonly pongs: string[] = []
  pings = 0
  isOpen = false
  #wake: () => void = () => {}

  opened(): void {
    this.isOpen = true
    this.#wake()
  }
  received(data: unknown): void {
    this.messages.push(data)
    this.#wake()
  }
  errored(error: unknown): void {
    this.errors.push(error)
    this.#wake()
  }
  closed(end: NativeEnd): void {
    this.ends.push(end)
    this.#wake()
  }
  refused(status: number, retryAfterMs: number | undefined): void {
    this.refusals.push([status, retryAfterMs])
    this.#wake()
  }
  pinged(): void {
    this.pings++
    this.#wake()
  }
  ponged(payload: string): void {
    this.pongs.push(payload)
    this.#wake()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

interface Setup {
  readonly deflate?: boolean
  readonly refuse?: { status: number; headers?: Record<string, string> }
}

async function connect({ deflate = false, refuse }: Setup = {}) {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: deflate ? { threshold: 0 } : false,
    ...(refuse && {
      verifyClient: (
        _info: unknown,
        answer: (ok: boolean, status?: number, text?: string, headers?: OutgoingHttpHeaders) => void,
      ) => answer(false, refuse.status, 'no', refuse.headers),
    }),
  })
  closing.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const ears = new Ears()
  const received: { data: Buffer; isBinary: boolean }[] = []
  let arrived = () => {}
  const peers: WebSocket[] = []
  server.on('connection', (peer) => {
    peers.push(peer)
    peer.on('message', (data: Buffer, isBinary) => {
      received.push({ data, isBinary })
      arrived()
    })
  })
  const request: OpenRequest = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    protocols: [],
    binaryType: 'arraybuffer',
    WebSocket: undefined,
    webSocketOptions: { perMessageDeflate: deflate ? { threshold: 0 } : false },
  }
  const native = make(WebSocket, request) as unknown as WebSocket
  /** How often bytes were handed to the kernel, since the link is open. */
  const writes = { count: 0 }
  native.on('upgrade', ({ socket: stream }) => {
    for (const method of ['_write', '_writev'] as const) {
      const write = stream[method] as (...args: unknown[]) => void
      Object.assign(stream, {
        [method](this: unknown, ...args: unknown[]) {
          writes.count++
          return write.apply(this, args)
        },
      })
    }
  })
  const socket = new WsSocket(native as unknown as Ws, ears)
  closing.push(() => socket.release(true))
  const atServer = async (count: number) => {
    while (received.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve
      })
    }
    return received
  }
  return { server, socket, ears, peers, atServer, writes }
}

async function opened(setup?: Setup) {
  const all = await connect(setup)
  await all.ears.until(() => all.ears.isOpen)
  return all
}

describe('what is sent', () => {
  test.each([false, true])(
    'is what the bytes were at send(), with permessage-deflate %s',
    async (deflate) => {
      const { socket, atServer } = await opened({ deflate })
      expect(socket.extensions.includes('permessage-deflate')).toBe(deflate)
      const scratch = new Uint8Array(40_000)
      const count = 20
      for (let k = 0; k < count; k++) {
        scratch.fill(k)
        socket.send(deflate ? scratch : scratch.slice())
      }
      scratch.fill(255)
      const received = await atServer(count)
      expect(received.map(({ data }) => [data.length, data[0], data.at(-1)])).toEqual(
        Array.from({ length: count }, (_, k) => [40_000, k, k]),
      )
    },
  )

  test('is what the bytes were at send(), behind a blob that is still read', async () => {
    const { socket, atServer } = await opened()
    const scratch = new Uint8Array([1, 2, 3])
    socket.send(new Blob(['blob']))
    socket.send(scratch)
    scratch.fill(9)
    const received = await atServer(2)
    expect(received.map(({ data }) => [...data])).toEqual([[...Buffer.from('blob')], [1, 2, 3]])
  })

  test('keeps its order and its kind, text and binary and blobs mixed', async () => {
    const { socket, atServer } = await opened()
    const sent: SocketData[] = [
      'a',
      new Uint8Array([1]),
      new Blob(['b']),
      'ü€😀',
      new ArrayBuffer(2),
      Buffer.from('c'),
      '',
    ]
    for (const data of sent) socket.send(data)
    const received = await atServer(sent.length)
    expect(received.map(({ data, isBinary }) => (isBinary ? [...data] : data.toString()))).toEqual([
      'a',
      [1],
      [98],
      'ü€😀',
      [0, 0],
      [99],
      '',
    ])
  })

  test('goes out at once if it is the first of a turn; what follows in that turn is joined', async () => {
    const { socket, atServer, writes } = await opened()
    for (let turn = 0; turn < 3; turn++) {
      writes.count = 0
      for (let k = 0; k < 100; k++) {
        socket.send('small')
        expect(writes.count).toBe(1)
      }
      await atServer((turn + 1) * 100)
      expect(writes.count).toBe(2)
    }
  })

  test('in a long turn leaves in pieces, not in one', async () => {
    const { socket, atServer, writes } = await opened()
    for (let k = 0; k < 100; k++) socket.send('x'.repeat(1_024))
    expect(writes.count).toBeGreaterThan(3)
    expect(writes.count).toBeLessThan(20)
    await atServer(100)
  })

  test('in one tick leaves in one piece or several, but all of it', async () => {
    const { socket, atServer } = await opened()
    for (let k = 0; k < 5_000; k++) socket.send(`${k}`)
    const received = await atServer(5_000)
    expect(received.map(({ data }) => Number(data.toString()))).toEqual(
      Array.from({ length: 5_000 }, (_, k) => k),
    )
  })
})

describe('what is told', () => {
  test('text as text, bytes in the form that was asked for', async () => {
    const { ears, peers } = await opened()
    peers[0]?.send('text')
    peers[0]?.send(Buffer.from([1, 2]))
    await ears.until(() => ears.messages.length === 2)
    expect(ears.messages[0]).toBe('text')
    expect([...new Uint8Array(ears.messages[1] as ArrayBuffer)]).toEqual([1, 2])
  })

  test('the peer’s pings, and the answers to ours with what they carried', async () => {
    const { ears, peers, socket } = await opened()
    peers[0]?.ping()
    socket.ping('me-1')
    await ears.until(() => ears.pings === 1 && ears.pongs.length === 1)
    expect(ears.pongs).toEqual(['me-1'])
  })

  test('the true code and reason of a close', async () => {
    const { ears, peers } = await opened()
    peers[0]?.close(4321, 'bye')
    await ears.until(() => ears.ends.length > 0)
    expect(ears.ends.map(({ code, reason, wasClean }) => [code, reason, wasClean])).toEqual([
      [4321, 'bye', true],
    ])
  })

  test('1006 for a link that was cut', async () => {
    const { ears, peers } = await opened()
    peers[0]?.terminate()
    await ears.until(() => ears.ends.length > 0)
    expect(ears.ends.map(({ code, wasClean }) => [code, wasClean])).toEqual([[1006, false]])
  })

  test('the HTTP status of a refusal, and its Retry-After', async () => {
    const { ears } = await connect({ refuse: { status: 503, headers: { 'Retry-After': '7' } } })
    await ears.until(() => ears.refusals.length > 0)
    expect(ears.refusals).toEqual([[503, 7_000]])
    expect(ears.isOpen).toBe(false)
  })
})

describe('letting go', () => {
  test.each([true, false])('is the end of all it tells (abort: %s), and harms nothing', async (abort) => {
    const { ears, peers, socket, server } = await opened()
    const gone = new Promise((resolve) => peers[0]?.once('close', resolve))
    socket.release(abort)
    socket.release(abort)
    await gone
    expect(server.clients.size).toBe(0)
    expect([ears.ends, ears.errors, ears.messages]).toEqual([[], [], []])
  })

  test('of an attempt that is still under way throws nothing, now or later', async () => {
    const { socket, ears } = await connect()
    socket.release(false)
    await new Promise((resolve) => setImmediate(resolve))
    expect([ears.isOpen, ears.ends, ears.errors]).toEqual([false, [], []])
  })
})
