import { expect, onTestFinished, vi } from 'vitest'
import type { ClientOptions } from 'ws'
import type { PlainServer, PlainServerOptions, RunningServer } from './plain-server.ts'
import type { RawClient } from './raw-client.ts'
import { connectRaw } from './raw-client.ts'

/** How long a server may take to start where the program of the .NET one has to be built first. */
export const startMs = 200_000
export const waits = { timeout: 10_000, interval: 10 } as const

const maxPayload = 64 * 1024 * 1024

/** A client of the running test's. */
export async function enter(url: string, options: ClientOptions = {}): Promise<RawClient> {
  const client = await connectRaw(url, { maxPayload, ...options })
  onTestFinished(() => client.socket.terminate())
  return client
}

/** A client of the running test's that is in the rooms when this resolves. */
export async function enterRooms(url: string, ...rooms: string[]): Promise<RawClient> {
  const client = await enter(url)
  for (const room of rooms) client.say({ type: 'join', room })
  await settled(client)
  return client
}

/** A server of the running test's own. */
export async function startExtra(kind: PlainServer, options: PlainServerOptions): Promise<RunningServer> {
  const server = await kind.start(options)
  onTestFinished(() => server.end())
  return server
}

let lastSettled = 0

/** Resolves when the server has done everything that the client asked before. */
export async function settled(client: RawClient): Promise<void> {
  const id = `settled-${++lastSettled}`
  client.say({ type: 'ping', id })
  await vi.waitFor(() => expect(client.envelopes).toContainEqual({ type: 'pong', id }), waits)
}

/** What came, in order, but the answers to `settled`. */
export function heardBy(client: RawClient): string[] {
  return client.texts.filter((text) => !text.includes('settled-'))
}

/** A title that says why nothing is run, where that is so. */
export function titled(title: string, missing: string | undefined): string {
  return missing === undefined ? title : `${title} (not here: ${missing})`
}
