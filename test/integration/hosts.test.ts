import { ReconnectingWebSocket } from 'holdfast'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Fault } from '../chaos/fault.ts'
import { until } from '../contract/support/sockets.ts'
import type { FaultBench } from './support/bench.ts'
import { createFaultBench } from './support/bench.ts'

const testTimeoutMs = 10_000

/** As the README shows it, with a heartbeat that is quick enough for a test. */
class OneLink extends ReconnectingWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { retry: false, closeTimeoutMs: 500, connectTimeoutMs: 300 })
  }
}

/** A library that takes a WebSocket class and reconnects by itself, as many do: on `close`, after a moment. */
class Host {
  readonly heard: unknown[] = []
  readonly closeCodes: number[] = []
  made = 0
  opened = 0
  errors = 0
  #socket: WebSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #url: string
  readonly #Implementation: typeof WebSocket

  constructor(url: string, Implementation: typeof WebSocket) {
    this.#url = url
    this.#Implementation = Implementation
    this.#connect()
  }

  get readyState(): number {
    return this.#socket?.readyState ?? this.#Implementation.CLOSED
  }

  send(text: string): void {
    this.#socket?.send(text)
  }

  end(): void {
    clearTimeout(this.#timer)
    if (!this.#socket) return
    this.#socket.onclose = null
    this.#socket.close(1000, 'host ends')
  }

  #connect(): void {
    this.made += 1
    const socket = new this.#Implementation(this.#url, ['host.v1'])
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      this.opened += 1
    }
    socket.onmessage = (event: MessageEvent) => void this.heard.push(event.data)
    socket.onerror = () => {
      this.errors += 1
    }
    socket.addEventListener('close', () => {
      // By then nothing of it may be left: a host makes the next one at once or later.
      if (socket.readyState !== this.#Implementation.CLOSED) throw new Error('not closed in close')
    })
    socket.onclose = (event: CloseEvent) => {
      this.closeCodes.push(event.code)
      this.#timer = setTimeout(() => this.#connect(), 10)
    }
  }
}

const open = (bench: FaultBench) => bench.case.connections.filter(({ state }) => state === 'open')

async function createHost(): Promise<{ readonly bench: FaultBench; readonly host: Host }> {
  const bench = await createFaultBench()
  const host = new Host(bench.url('/echo'), OneLink)
  onTestFinished(() => host.end())
  await until(() => host.opened === 1)
  return { bench, host }
}

describe('a library that reconnects by itself, on a socket with retry: false', () => {
  const cuts: readonly { readonly name: string; readonly fault: Fault }[] = [
    { name: 'resets', fault: { kind: 'reset' } },
    { name: 'fins', fault: { kind: 'fin' } },
  ]

  it.each(cuts)(
    'has exactly one link after five $name',
    async ({ fault }) => {
      const { bench, host } = await createHost()
      for (let cut = 1; cut <= 5; cut++) {
        host.send(`before cut ${cut}`)
        await until(() => host.heard.length === cut)
        await bench.proxy.setFault(fault)
        await until(() => host.opened === cut + 1)
        await until(() => open(bench).length === 1)
      }
      host.send('last')
      await until(() => host.heard.at(-1) === 'last')
      expect(open(bench)).toHaveLength(1)
      // Nobody but the host connected.
      expect(bench.case.connections).toHaveLength(6)
      expect(host).toMatchObject({
        made: 6,
        opened: 6,
        errors: 5,
        closeCodes: [1006, 1006, 1006, 1006, 1006],
      })
      expect(bench.texts()).toEqual([1, 2, 3, 4, 5].map((cut) => `before cut ${cut}`).concat('last'))
      expect(open(bench)[0]?.protocol).toBe('host.v1')
    },
    testTimeoutMs,
  )

  it(
    'hears the codes of the server, and makes one link for each',
    async () => {
      const { bench, host } = await createHost()
      const codes = [1000, 1001, 1008, 1012, 4401]
      for (const [index, code] of codes.entries()) {
        for (const native of bench.case.live.keys()) native.close(code)
        await until(() => host.opened === index + 2)
      }
      await until(() => open(bench).length === 1)
      expect(host).toMatchObject({ made: 6, errors: 0, closeCodes: codes })
      expect(bench.case.connections).toHaveLength(6)
    },
    testTimeoutMs,
  )

  it(
    'makes the attempts alone while the server refuses, also when it never answers',
    async () => {
      const { bench, host } = await createHost()
      await bench.proxy.setFault({ kind: 'mute' }, { scope: 'new' })
      await bench.proxy.setFault({ kind: 'reset' }, { scope: 'live' })
      await until(() => host.closeCodes.length === 3)
      const { made } = host
      await bench.proxy.setFault({ kind: 'pass' })
      await until(() => host.opened === 2)
      expect(host.made).toBeGreaterThanOrEqual(made)
      expect(bench.proxy.connections.length).toBe(host.made)
      expect(host.closeCodes.every((code) => code === 1006)).toBe(true)
      await until(() => open(bench).length === 1)
    },
    testTimeoutMs,
  )

  it(
    'leaves nothing behind when it ends',
    async () => {
      const { bench, host } = await createHost()
      host.end()
      await until(() => bench.case.connections[0]?.closeCode === 1000)
      await until(() => host.readyState === OneLink.CLOSED)
      expect(open(bench)).toEqual([])
      expect(bench.case.connections).toHaveLength(1)
    },
    testTimeoutMs,
  )
})
