import type { NativeEvents, NativeSocket, Platform } from '../../src/base/platform.ts'
import type { EnvironmentSignals } from '../../src/base/signals.ts'
import { pingFrames } from '../../src/core/heartbeat-sources.ts'
import type { SocketOptions, UrlSource } from '../../src/core/options.ts'
import { ReconnectingWebSocket } from '../../src/core/reconnecting-web-socket.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A native socket that does what the test says. */
export class FakeNative implements NativeSocket {
  readonly events: NativeEvents
  readonly sent: unknown[] = []
  readonly pings: string[] = []
  readyState = 0
  bufferedAmount = 0
  protocol = ''
  extensions = ''
  binaryType = 'blob'
  released = false
  ping?: (payload: string) => void

  constructor(events: NativeEvents, canPing: boolean) {
    this.events = events
    if (canPing) this.ping = (payload) => void this.pings.push(payload)
  }

  accept(): void {
    this.readyState = 1
    this.events.opened()
  }

  /** Answers the last ping. */
  pong(): void {
    this.events.ponged(this.pings.at(-1) ?? '')
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(): void {
    this.readyState = 2
  }
}

interface FakePlatformOptions {
  readonly signals?: EnvironmentSignals
  readonly ping?: boolean
}

/** A platform with a virtual clock, whose native sockets wait for the test to open them. */
export function fakePlatform({ signals, ping = false }: FakePlatformOptions = {}) {
  const clock = new VirtualClock()
  const natives: FakeNative[] = []
  const reported: unknown[] = []
  const platform: Platform = {
    clock,
    random: () => 0.5,
    signals,
    ...(ping && { heartbeat: pingFrames() }),
    resolveUrl: (url) => new URL(url),
    open(_request, events) {
      const native = new FakeNative(events, ping)
      natives.push(native)
      return native
    },
    release(native) {
      ;(native as FakeNative).released = true
    },
    report: (error) => void reported.push(error),
  }
  class Socket extends ReconnectingWebSocket {
    static override readonly platform: object = platform
  }
  return {
    clock,
    natives,
    reported,
    create: (options?: SocketOptions, url: UrlSource = 'ws://peer.test/'): ReconnectingWebSocket =>
      new Socket(url, [], options),
    /** Lets all that awaits something settled go on. */
    async settle() {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    },
  }
}

/** A socket of that platform whose first link is open. */
export async function connectedSocket(platform: ReturnType<typeof fakePlatform>, options?: SocketOptions) {
  const socket = platform.create(options)
  await platform.settle()
  platform.natives[0]?.accept()
  platform.clock.advance(0)
  return socket
}
