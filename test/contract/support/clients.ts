import { type Client, type ClientOptions, constantBackoff, createClient, type SchemasOf } from 'holdfast'
import { onTestFinished } from 'vitest'
import { until } from './sockets.ts'

/** A client with short waits, that is closed when its test is over. */
export function startClient<const Options extends ClientOptions>(
  options: Options,
): Client<SchemasOf<Options>> {
  const client = createClient({ backoff: constantBackoff(20), closeTimeoutMs: 500, ...options })
  onTestFinished(async () => {
    client.close()
    await until(() => client.status === 'closed', 'the client of the test to be closed')
  })
  return client as unknown as Client<SchemasOf<Options>>
}

/** Waits until a promise is rejected, and answers with what. */
export async function rejection(promise: Promise<unknown>): Promise<{ code?: string; message?: string }> {
  try {
    await promise
  } catch (error) {
    return error as { code?: string; message?: string }
  }
  throw new Error('The promise was not rejected')
}
