import {
  constantBackoff,
  envelopeHeartbeat,
  type LossCause,
  ReconnectingWebSocket,
  type SocketSnapshot,
  type SocketStatus,
  tokenBucket,
} from 'holdfast'
import type { Equal } from './equal.ts'

const socket = new ReconnectingWebSocket('wss://example.com/live')

true satisfies Equal<typeof socket.readyState, 0 | 1 | 2 | 3>
true satisfies Equal<typeof socket.status, SocketStatus>
true satisfies Equal<ReturnType<typeof socket.getSnapshot>, SocketSnapshot>

// It goes wherever a WebSocket goes: as an object, and as an implementation.
const native: WebSocket = socket
const Implementation: typeof WebSocket = ReconnectingWebSocket
void [native, Implementation]

// Handlers may be written for the standard's events or for ours.
socket.onmessage = (event: MessageEvent) => event.data
socket.onclose = (event) => {
  true satisfies Equal<typeof event.code, number>
  true satisfies Equal<typeof event.cause, LossCause | undefined>
}
socket.addEventListener('close', ({ cause, target }) => {
  true satisfies Equal<typeof cause, LossCause>
  true satisfies Equal<typeof target, ReconnectingWebSocket>
})
const stop: () => void = socket.on('reconnecting', ({ attempt, delayMs, nextAttemptAt, cause }) => {
  true satisfies Equal<[typeof attempt, typeof delayMs, typeof nextAttemptAt], [number, number, number]>
  true satisfies Equal<typeof cause.kind, LossCause['kind']>
})
stop()

new ReconnectingWebSocket(
  ({ attempt, refresh, signal }) => `wss://${attempt}.example.com/${refresh}/${signal.aborted}`,
)
new ReconnectingWebSocket(async () => new URL('wss://example.com'), ['v2', 'v1'], {
  backoff: constantBackoff(100),
  closePolicy: { 4000: 'stop', 429: 'retry' },
  decide: ({ kind }) => (kind === 'http' ? 'stop' : undefined),
  heartbeat: envelopeHeartbeat({ intervalMs: 5_000 }),
  rateLimit: tokenBucket({ perSecond: 5 }),
  beforeFlush: async (send, { signal }) => {
    if (!signal.aborted) send('auth')
  },
  retry: { maxAttempts: 3 },
})

// @ts-expect-error: an address is needed
new ReconnectingWebSocket()
// @ts-expect-error: there is no such option
new ReconnectingWebSocket('wss://example.com', [], { maxAttempts: 3 })
// @ts-expect-error: there is no such outcome
new ReconnectingWebSocket('wss://example.com', [], { closePolicy: { 4000: 'never' } })
// @ts-expect-error: there is no such event
socket.on('reconect', () => {})
// @ts-expect-error: an object is no message
socket.send({ type: 'chat' })
