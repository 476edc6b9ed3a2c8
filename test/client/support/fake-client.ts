import type { SocketData } from '../../../src/base/data.ts'
import type { NativeEvents, Platform } from '../../../src/base/platform.ts'
import type { Client } from '../../../src/client/client.ts'
import type { ClientEventMap } from '../../../src/client/client-events.ts'
import type { ClientOptions } from '../../../src/client/client-options.ts'
import { clientMaker, type SchemasOf } from '../../../src/client/create-client.ts'
import { pingFrames } from '../../../src/core/heartbeat-sources.ts'
import { ReconnectingWebSocket } from '../../../src/core/reconnecting-web-socket.ts'
import { FakeNative } from '../../core/fake-platform.ts'
import { seededRandom } from '../../core/seeded-random.ts'
import { VirtualClock } from '../../core/virtual-clock.ts'

/** An envelope as it was written. */
export interface Written {
  readonly type: string
  readonly room?: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the test sent
  readonly payload?: any
  readonly id?: string
  readonly ref?: string
  readonly more?: boolean
}

/** A native socket that keeps what was written as the peer would read it: bytes as they were at that moment. */
export class FakeLink extends FakeNative {
  /** Whether what is written stays in the native buffer until `drain()`. */
  slow = false
  /** What `send` throws instead of writing. */
  failure: Error | undefined
  closedWith: { readonly code: number | undefined; readonly reason: string | undefined } | undefined

  override send(data: SocketData): void {
    if (this.failure) throw this.failure
    if (this.readyState !== 1) throw new Error('This link is not open')
    this.sent.push(
      ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() : data,
    )
    if (this.slow) this.bufferedAmount += sizeOf(data)
  }

  override close(code?: number, reason?: string): void {
    this.readyState = 2
    this.closedWith = { code, reason }
  }

  /** The native buffer reaches the network, all of it or some. */
  drain(bytes: number = Infinity): void {
    this.bufferedAmount = Math.max(this.bufferedAmount - bytes, 0)
  }

  /** What was written as text, read as JSON. */
  get envelopes(): Written[] {
    return this.sent.filter((data) => typeof data === 'string').map((text) => JSON.parse(text))
  }

  /** One of these, counted from the first; it must be there. */
  written(at = 0): Written {
    const envelope = this.envelopes[at]
    if (!envelope) throw new Error(`Only ${this.envelopes.length} envelopes were written`)
    return envelope
  }

  /** An envelope arrives from the peer; or text, or bytes. */
  receive(data: unknown): void {
    const isData = typeof data === 'string' || data instanceof ArrayBuffer
    this.events.received(isData ? data : JSON.stringify(data))
  }

  /** It is lost. */
  cut(code = 1006): void {
    this.readyState = 3
    this.events.closed({ code, reason: '', wasClean: false })
  }

  /** The peer answers our close frame. */
  answerClose(code: number = this.closedWith?.code ?? 1005): void {
    this.readyState = 3
    this.events.closed({ code, reason: '', wasClean: true })
  }
}

function sizeOf(data: SocketData): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : 'size' in data ? data.size : data.byteLength
}

/** One thing that happened to a conversation. */
export type Told = {
  [Name in keyof ClientEventMap]: readonly [Name, ClientEventMap[Name]]
}[keyof ClientEventMap]

const eventNames = [
  ...(['invalid', 'unknown', 'unknownframe', 'raw', 'malformed', 'error', 'gap', 'room', 'drop'] as const),
  ...(['indoubt', 'overrun', 'progress', 'incomplete'] as const),
]

export interface FakePlatformOptions {
  /** Whether links can be pinged; they answer when the test says `pong()`. */
  readonly ping?: boolean
  /** Whether links copy what they are given: then the client uses its buffers again. */
  readonly copies?: boolean
  readonly random?: () => number
}

/** Every turn of the microtasks that anything here may take. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve()
}

/** A client on a virtual clock, whose links do what the test says. */
export function fakeClient<const Options extends Partial<ClientOptions> = object>(
  options?: Options,
  { ping = false, copies = false, random = seededRandom(1) }: FakePlatformOptions = {},
) {
  const clock = new VirtualClock()
  const links: FakeLink[] = []
  const reported: unknown[] = []
  const platform: Platform = {
    clock,
    random,
    signals: undefined,
    ...(ping && { heartbeat: pingFrames() }),
    resolveUrl: (url) => new URL(url),
    open(_request, events: NativeEvents) {
      const link = new FakeLink(events, ping)
      links.push(link)
      return link
    },
    release(native) {
      ;(native as FakeLink).released = true
    },
    copies: () => copies,
    report: (error) => void reported.push(error),
  }
  class Socket extends ReconnectingWebSocket {
    static override readonly platform: object = platform
  }
  const given = { url: 'ws://peer.test/', ...options } as ClientOptions
  const client = clientMaker(Socket, {})(given) as unknown as Client<SchemasOf<Options>>
  const told: Told[] = []
  for (const name of eventNames) client.events.on(name, (event) => void told.push([name, event] as never))
  const fake = {
    client,
    clock,
    links,
    /** All that happened to the conversation, in order. */
    told,
    /** What nobody could catch. */
    reported,
    settle,
    /** The link of this moment. */
    get link(): FakeLink {
      const link = links.at(-1)
      if (!link) throw new Error('There was no attempt yet')
      return link
    },
    /** The events of one name. */
    events: <Name extends keyof ClientEventMap>(name: Name): ClientEventMap[Name][] =>
      told.filter(([is]) => is === name).map(([, event]) => event as ClientEventMap[Name]),
    /** Waits for the next attempt and lets it succeed; what waits is written in the macrotask after. */
    async accept(): Promise<FakeLink> {
      for (let round = 0; fake.links.at(-1)?.readyState !== 0; round++) {
        if (round > 1_000) throw new Error(`No attempt within 100 s, but ${client.status}`)
        await settle()
        if (links.at(-1)?.readyState !== 0) clock.advance(100)
      }
      fake.link.accept()
      return fake.link
    },
    /** The same, and what waits is written. */
    async connect(): Promise<FakeLink> {
      const link = await fake.accept()
      clock.advance(0)
      await settle()
      return link
    },
    /** Ends the client, with an answer from the peer. */
    async close(): Promise<void> {
      client.close()
      const { closedWith } = fake.link
      if (closedWith) fake.link.answerClose()
      clock.advance(10)
      await settle()
    },
  }
  return fake
}

export type FakeClient = ReturnType<typeof fakeClient>
