/** A worker that holds a socket: it does what it is told to, and tells each event. */
import { constantBackoff, envelopeHeartbeat, ReconnectingWebSocket } from 'holdfast'

export type WorkerTask =
  | { readonly task: 'open'; readonly url: string }
  | { readonly task: 'send'; readonly texts: readonly string[] }
  | { readonly task: 'close'; readonly code: number }

export interface WorkerTold {
  readonly type: 'open' | 'message' | 'error' | 'close' | 'heartbeat' | 'reconnected' | 'drop' | 'indoubt'
  readonly data?: unknown
  readonly code?: number
  readonly kind?: string
}

interface WorkerScope {
  postMessage(told: WorkerTold): void
  addEventListener(type: 'message', listener: (event: MessageEvent<WorkerTask>) => void): void
}

const scope = globalThis as unknown as WorkerScope
let socket: ReconnectingWebSocket | undefined

function open(url: string): ReconnectingWebSocket {
  const opened = new ReconnectingWebSocket(url, [], {
    backoff: constantBackoff(20),
    heartbeat: envelopeHeartbeat({ intervalMs: 500, timeoutMs: 500 }),
  })
  for (const type of ['open', 'error', 'heartbeat', 'reconnected', 'drop', 'indoubt'] as const) {
    opened.on(type, () => scope.postMessage({ type }))
  }
  opened.on('message', ({ data }) => scope.postMessage({ type: 'message', data }))
  opened.on('close', ({ code, cause }) => scope.postMessage({ type: 'close', code, kind: cause.kind }))
  return opened
}

scope.addEventListener('message', ({ data: told }) => {
  if (told.task === 'open') socket = open(told.url)
  if (told.task === 'send') for (const text of told.texts) socket?.send(text)
  if (told.task === 'close') socket?.close(told.code)
})
