import type { ReconnectingWebSocket, UrlSource } from 'holdfast'
import { onTestFinished } from 'vitest'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createRecorded, type Recording, type TestSocketOptions } from './sockets.ts'
import { createStub, type StubImplementation } from './stub-web-socket.ts'

export interface Stubbed {
  readonly clock: ManualClock
  readonly stub: StubImplementation
  readonly socket: ReconnectingWebSocket
  readonly told: Recording
}

/** A socket without a network, over a clock that stands still; its first attempt is made, and not answered. */
export async function createStubbed(
  options: TestSocketOptions = {},
  url: UrlSource = 'ws://stub.invalid/',
): Promise<Stubbed> {
  const clock = createManualClock()
  const stub = createStub()
  const created = createRecorded(url, { WebSocket: stub.WebSocket, clock, ...options })
  // What is registered last is called first: the clock has moved when the socket is waited for.
  onTestFinished(async () => {
    created.socket.close()
    await clock.advance(60_000)
  })
  await clock.advance(0)
  return { clock, stub, ...created }
}
