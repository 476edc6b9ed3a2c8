import type { Fault, FaultScope } from '../../chaos/fault.ts'
import type { LinkInfo } from '../../chaos/link.ts'
import type { ConnectionRecord, MessageRecord } from '../../servers/records.ts'

export type { Fault, FaultScope } from '../../chaos/fault.ts'
export {
  hostileClientFrames,
  hostileServerFrames,
  serverCloseFrame,
  serverTextFrame,
} from '../../chaos/raw-frames.ts'
export type { ConnectionRecord } from '../../servers/records.ts'
export type { WaitOptions } from './wait-for.ts'
export { waitFor } from './wait-for.ts'

export interface ControlOptions {
  readonly controlUrl: string
  readonly wsUrl: string
  readonly wssUrl?: string
}

export interface ProxyHandle {
  /** `ws://127.0.0.1:<port>` or `wss://…`, without a path; the script server's paths lie behind it. */
  readonly url: string
  readonly port: number
  /** Resolves when it is in effect. See FaultProxy.setFault for what applies to whom. */
  fault(faults: Fault | readonly Fault[], scope?: FaultScope): Promise<void>
  connections(): Promise<readonly LinkInfo[]>
  close(): Promise<void>
}

export interface ReceivedMessage {
  readonly order: number
  readonly connection: number
  readonly at: number
  readonly sizeBytes: number
  readonly binary: boolean
  /** Absent for a message above 1 MiB. */
  readonly data: string | Uint8Array | undefined
}

export type UrlQuery = Readonly<Record<string, string | number | undefined>>

export interface Control {
  /** The script servers themselves, without a fault proxy. */
  readonly wsUrl: string
  readonly wssUrl: string | undefined
  /** `path` on the script server, or behind `base` (a proxy's url), for this case. */
  urlFor(path: string, caseName: string, query?: UrlQuery, base?: string): string
  openProxy(options?: { readonly secure?: boolean }): Promise<ProxyHandle>
  /** Every attempt of the case that reached the server, in order, rejected ones too. */
  connections(caseName: string): Promise<readonly ConnectionRecord[]>
  received(caseName: string): Promise<readonly ReceivedMessage[]>
  /** These act on the case's open links (or on the one given by id), and tell on how many. */
  serverSend(caseName: string, data: string | Uint8Array, connection?: number): Promise<number>
  serverPing(caseName: string, connection?: number): Promise<number>
  serverClose(caseName: string, code?: number, reason?: string, connection?: number): Promise<number>
  serverTerminate(caseName: string, connection?: number): Promise<number>
  forget(caseName: string): Promise<void>
}

/** Speaks to the control API with nothing but `fetch`, so it runs wherever the contract suite runs. */
export function createControl({ controlUrl, wsUrl, wssUrl }: ControlOptions): Control {
  const call = async <T>(path: string, body: unknown = {}): Promise<T> => {
    const response = await fetch(`${controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) })
    const value: unknown = await response.json()
    if (!response.ok) throw new Error(`control ${path}: ${(value as { error: string }).error}`)
    return value as T
  }
  const caseCall = <T>(verb: string, caseName: string, body?: unknown): Promise<T> =>
    call(`case/${verb}/${encodeURIComponent(caseName)}`, body)
  const act = async (verb: string, caseName: string, body: unknown): Promise<number> =>
    (await caseCall<{ count: number }>(verb, caseName, body)).count

  return {
    wsUrl,
    wssUrl,
    urlFor: (path, caseName, query = {}, base = wsUrl) => {
      const url = new URL(path, base)
      for (const [name, value] of Object.entries({ case: caseName, ...query })) {
        if (value !== undefined) url.searchParams.set(name, String(value))
      }
      return url.href
    },
    openProxy: async (options = {}) => {
      const { id, port, url } = await call<{ id: string; port: number; url: string }>('proxy/open', options)
      return {
        url,
        port,
        fault: async (faults, scope) => {
          const list = (Array.isArray(faults) ? faults : [faults]) as readonly Fault[]
          await call(`proxy/fault/${id}`, { faults: list.map(toJson), scope })
        },
        connections: () => call(`proxy/connections/${id}`),
        close: async () => void (await call(`proxy/close/${id}`)),
      }
    },
    connections: (caseName) => caseCall('connections', caseName),
    received: async (caseName) =>
      (await caseCall<readonly MessageRecord[]>('received', caseName)).map(toReceived),
    serverSend: (caseName, data, connection) =>
      act('send', caseName, {
        connection,
        ...(typeof data === 'string' ? { text: data } : { base64: toBase64(data) }),
      }),
    serverPing: (caseName, connection) => act('ping', caseName, { connection }),
    serverClose: (caseName, code, reason, connection) => act('close', caseName, { code, reason, connection }),
    serverTerminate: (caseName, connection) => act('terminate', caseName, { connection }),
    forget: async (caseName) => void (await caseCall('forget', caseName)),
  }
}

let caseCount = 0

/** A name that no other test has, in this process, page or worker or another. */
export function uniqueCase(label = 'case'): string {
  caseCount += 1
  const random = Math.random().toString(36).slice(2, 10)
  return `${label}-${Date.now().toString(36)}-${random}-${caseCount}`
}

function toJson(fault: Fault): unknown {
  return fault.kind === 'inject' ? { ...fault, bytes: Array.from(fault.bytes) } : fault
}

function toReceived({ text, base64, ...rest }: MessageRecord): ReceivedMessage {
  return { ...rest, data: base64 === undefined ? text : fromBase64(base64) }
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
