import { expect, vi } from 'vitest'
import type { PlainServer, RunningServer } from '../../servers/plain/plain-server.ts'
import { enter, type Person, settled, waits } from './people.ts'
import { startTurnstile } from './turnstile.ts'

/** What docs/CLOSE-POLICY.md says of a refusal that new credentials may mend. */
export async function refusedAsThePolicySays(
  server: RunningServer,
  kind: PlainServer,
  cause: object,
): Promise<void> {
  const turnstile = await startTurnstile(server.port)
  const [wrong, right] = [turnstile.by(server.url('wrong')), turnstile.by(server.url())]

  // An address that stays the same stays refused.
  expect(await failureOf(enter(kind, { url: wrong }))).toMatchObject({ code: 'HF_STOPPED', cause })
  expect(turnstile.count).toBe(1)

  // A function is asked again, for new credentials, three times in a row.
  const asked: boolean[] = []
  const stubborn = enter(kind, {
    url: ({ refresh }) => {
      asked.push(refresh)
      return wrong
    },
  })
  expect(await failureOf(stubborn)).toMatchObject({ code: 'HF_STOPPED', cause })
  expect([asked, turnstile.count]).toEqual([[false, true, true, true], 5])

  // What it brings then is taken.
  const renewing = enter(kind, { url: ({ refresh }) => (refresh ? right : wrong) })
  await settled(renewing)
  expect(turnstile.count).toBe(7)
  // Nobody who failed has come again meanwhile.
  expect(stubborn.socket.getSnapshot()).toMatchObject({ status: 'failed', nextAttemptAt: undefined })
}

/** With what a client gives up; it must do so soon, rather than try for ever. */
async function failureOf(client: Person): Promise<unknown> {
  const failed = vi.fn()
  client.socket.on('failed', ({ error }) => failed(error))
  await vi.waitFor(() => expect(failed).toHaveBeenCalled(), { ...waits, timeout: 5_000 })
  return failed.mock.lastCall?.[0]
}
