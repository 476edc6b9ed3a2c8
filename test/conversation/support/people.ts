import type { Client, ClientOptions, SchemasOf, SocketStatus } from 'holdfast'
import { constantBackoff, createClient, envelopeDialect, envelopeHeartbeat } from 'holdfast'
import { expect, onTestFinished, vi } from 'vitest'
import * as z from 'zod'
import type { PlainServer } from '../../servers/plain/plain-server.ts'

/** How long anything may take: on a quiet machine nearly all of it takes a hundredth of that. */
export const waits = { timeout: 20_000, interval: 5 } as const

const schemas = {
  messages: { chat: z.object({ text: z.string() }), upload: z.object({ text: z.string() }) },
  requests: {
    'time.get': { output: z.object({ now: z.iso.datetime() }) },
    'no.such': {},
  },
} as const

export type Person = Client<SchemasOf<typeof schemas>>

/** A client of the running test's, in the dialect of the server that it talks to. */
export function enter(kind: PlainServer, options: ClientOptions): Person {
  const client = createClient({
    dialect: envelopeDialect(kind.dialectOptions),
    backoff: constantBackoff(30),
    // A server that is away for long is asked as often as one that was just lost.
    retry: { slowMs: 30 },
    closeTimeoutMs: 500,
    heartbeat: envelopeHeartbeat(),
    ...options,
    ...schemas,
  })
  onTestFinished(async () => {
    client.close()
    await reaches(client, 'closed')
  })
  return client as unknown as Person
}

export const reaches = (client: Person, status: SocketStatus): Promise<void> =>
  vi.waitFor(() => expect(client.status).toBe(status), waits)

/**
 * Resolves when the server has done all that was written before: it takes what a client says in order. Asked twice is
 * no harm, so a link that is lost meanwhile does not matter.
 */
export async function settled(...clients: readonly Person[]): Promise<void> {
  const options = { timeoutMs: waits.timeout, idempotent: true }
  await Promise.all(clients.map((client) => client.request('time.get', undefined, options)))
}

/** What a client hears in a room, in order. */
export function listen(client: Person, room: string): { readonly chat: string[]; readonly upload: string[] } {
  const heard = { chat: [] as string[], upload: [] as string[] }
  const hold = client.room(room)
  for (const type of ['chat', 'upload'] as const) {
    hold.on(type, ({ payload }) => void heard[type].push(payload.text))
  }
  return heard
}

/** With what a promise is rejected. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.unreachable(`It resolved with ${String(value)}`),
    (error: unknown) => error,
  )
}

export const numbered = (count: number, word: string): string[] =>
  Array.from({ length: count }, (_, n) => `${word} ${n}`)

/** Text of at least that many bytes in UTF-8, no two lines alike, with all that JSON has to escape. */
export function longText(bytes: number): string {
  const lines: string[] = []
  for (let size = 0; size < bytes; ) {
    const line = `${lines.length}: kelp "holds" \\ fast 🌊 é\t\u0001\n`
    lines.push(line)
    size += Buffer.byteLength(line)
  }
  return lines.join('')
}
