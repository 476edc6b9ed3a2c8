import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createBench } from './support/bench.ts'
import { distFile, runChild, toldBy } from './support/child.ts'

const testTimeoutMs = 10_000

/** A peer that answers no close frame: as a link that died, which is when a person presses "reconnect". */
const deadPath = '/mute'

/** Looks at the built library, in a process of its own. */
describe.skipIf(!existsSync(distFile))('a dead link that was given up keeps no process alive', () => {
  it(
    'after reconnect() and close()',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { closeTimeoutMs: 100, heartbeat: false })
       let links = 0
       socket.on('open', () => (++links === 1 ? socket.reconnect() : socket.close()))
       socket.on('status', ({ status }) => status === 'closed' && tell([status, links]))`,
        bench.url(deadPath),
      )
      expect(toldBy(end)).toEqual([['closed', 2]])
      expect(end).toMatchObject({ code: 0, signal: null, stderr: '' })
    },
    testTimeoutMs,
  )

  it(
    'after suspend()',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { closeTimeoutMs: 100, heartbeat: false })
       socket.on('open', () => socket.suspend())
       socket.on('status', ({ status }) => tell(status))`,
        bench.url(deadPath),
      )
      expect(toldBy(end)).toEqual(['suspended'])
      expect(end).toMatchObject({ code: 0, signal: null, stderr: '' })
    },
    testTimeoutMs,
  )
})
