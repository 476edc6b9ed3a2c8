import {
  envelopeHeartbeat,
  type HeartbeatOptions,
  type HeartbeatSource,
  pingFrames,
  type ReconnectingWebSocket,
} from 'holdfast'
import { onTestFinished } from 'vitest'
import { type ConnectionRecord, type ProxyHandle, type UrlQuery, uniqueCase } from './control.ts'
import { engine } from './engine.ts'
import { providedControl } from './provided-control.ts'
import { type TestSocketOptions, until } from './sockets.ts'

/** Room for the waits within: each of them ends earlier, and says what it waited for. */
export const faultTimeoutMs = 15_000

/** A case on the script server, behind a fault proxy of its own, for one test. */
export interface FaultBench {
  readonly caseName: string
  readonly proxy: ProxyHandle
  /** The address of a path of the server, through the proxy. */
  url(path: string, query?: UrlQuery): string
  /** What the server received over all links, in order, without the heartbeat's messages. */
  received(): Promise<readonly { readonly text: string; readonly connection: number }[]>
  texts(): Promise<readonly string[]>
  /** How many pings reached the server, of either kind. */
  pings(): Promise<number>
  connections(): Promise<readonly ConnectionRecord[]>
}

const isPing = (text: unknown): boolean => typeof text === 'string' && text.startsWith('{"type":"ping"')

export async function createFaultBench(): Promise<FaultBench> {
  const control = providedControl()
  const proxy = await control.openProxy()
  onTestFinished(() => proxy.close())
  const caseName = uniqueCase('fault')
  const received = async () =>
    (await control.received(caseName))
      .filter(({ data }) => !isPing(data))
      .map(({ data, connection }) => ({ text: String(data), connection }))
  return {
    caseName,
    proxy,
    url: (path, query) => control.urlFor(path, caseName, query, proxy.url),
    received,
    texts: async () => (await received()).map(({ text }) => text),
    pings: async () => {
      const frames = (await control.connections(caseName)).map(({ pingCount }) => pingCount)
      const messages = (await control.received(caseName)).filter(({ data }) => isPing(data))
      return frames.reduce((sum, count) => sum + count, messages.length)
    },
    connections: () => control.connections(caseName),
  }
}

/** The best heartbeat that there is here: ping frames where they can be sent. `/echo` answers either. */
export function heartbeatWith(options: HeartbeatOptions): HeartbeatSource {
  return engine.sendsPingFrames ? pingFrames(options) : envelopeHeartbeat(options)
}

/** What the peer says of broken frames is `stop` by default; here the faults pass. */
export const faultOptions: TestSocketOptions = {
  retry: { unavailableAfter: Infinity },
  closePolicy: { 1002: 'retry', 1007: 'retry' },
  keepInDoubt: Infinity,
}

/** Until the peer is verified there is no verdict. The first ping may have been answered too late on a busy machine. */
export async function verified(socket: ReconnectingWebSocket): Promise<void> {
  await until(() => socket.getSnapshot().heartbeat === 'verified', 'a ping to be answered')
}

export function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}
