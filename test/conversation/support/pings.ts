import type { HeartbeatSource } from 'holdfast'
import { expect, vi } from 'vitest'
import type { PlainServer, RunningServer } from '../../servers/plain/plain-server.ts'
import { type Overheard, overhear } from './overheard.ts'
import { enter, waits } from './people.ts'
import { startTurnstile } from './turnstile.ts'

/** The server answers the client's pings, and the client the server's, over one link. */
export async function pingsAnswered(
  server: RunningServer,
  kind: PlainServer,
  heartbeat: HeartbeatSource,
): Promise<void> {
  const turnstile = await startTurnstile(server.port)
  const overheard = overhear()
  const { WebSocket } = overheard
  const client = enter(kind, { heartbeat, WebSocket, url: turnstile.by(server.url()) })
  await vi.waitFor(() => expect(client.socket.getSnapshot().heartbeat).toBe('verified'), waits)
  if (kind.pings === 'messages') await messagesAnswered(overheard)
  // Whoever did not answer the last ping is cut off at the next: a third one was preceded by two answers.
  else await vi.waitFor(() => expect(overheard.pingFrames).toBeGreaterThanOrEqual(3), waits)
  expect([client.status, turnstile.count]).toEqual(['open', 1])
}

/** Each ping of the server's has an answer, after it. */
async function messagesAnswered({ receivedTexts, sentTexts }: Overheard): Promise<void> {
  const typeOf = (text: string): unknown => (JSON.parse(text) as { type?: unknown }).type
  const pings = () => receivedTexts.filter((text) => typeOf(text) === 'ping').length
  const pongs = () => sentTexts.filter((text) => typeOf(text) === 'pong').length
  await vi.waitFor(() => expect(pings()).toBeGreaterThanOrEqual(3), waits)
  await vi.waitFor(() => expect(pongs()).toBe(pings()), waits)
}
