import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createBench, createFaultBench } from './support/bench.ts'
import { distFile, runChild, toldBy } from './support/child.ts'

const testTimeoutMs = 10_000
const ended = { code: 0, signal: null, stderr: '' }

/** These look at the built library, in processes of their own. */
const missing = !existsSync(distFile)
if (missing)
  console.warn(`test/integration/process.test.ts is skipped: ${distFile} is not there, build first`)

/** Tells what keeps the process alive once `socket` has the status and its native socket is gone. */
const tellResourcesAt = (status: string): string => `
  const resources = () => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS|Immediate/.test(name))
  socket.on('status', (event) => {
    if (event.status !== '${status}') return
    const look = (rounds) => {
      const left = resources().filter((name) => name !== 'Immediate')
      if (left.length === 0 || rounds === 0) tell(left)
      else setImmediate(look, rounds - 1)
    }
    setImmediate(look, 20_000)
  })
`

describe.skipIf(missing)('a process ends by itself', () => {
  it(
    'in a long wait, with unref',
    async () => {
      const bench = await createFaultBench()
      await bench.proxy.setFault({ kind: 'refuse' })
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { unref: true, backoff: constantBackoff(600_000) })
       socket.send('waits')
       socket.on('reconnecting', ({ delayMs }) => tell([delayMs, process.getActiveResourcesInfo().includes('Timeout')]))`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual([[600_000, false]])
    },
    testTimeoutMs,
  )

  it(
    'not in a long wait without unref',
    async () => {
      const bench = await createFaultBench()
      await bench.proxy.setFault({ kind: 'refuse' })
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { backoff: constantBackoff(600_000) })
       socket.on('reconnecting', () => {
         tell(process.getActiveResourcesInfo().includes('Timeout'))
         setImmediate(() => process.exit(3))
       })`,
        bench.url('/echo'),
      )
      expect(end.code).toBe(3)
      expect(toldBy(end)).toEqual([true])
    },
    testTimeoutMs,
  )

  it(
    'after close() of an open link',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { heartbeat: holdfast.pingFrames({ intervalMs: 20, timeoutMs: 20 }) })
       socket.on('heartbeat', () => socket.send('hello'))
       socket.on('message', ({ data }) => { tell(data); socket.close() })
       ${tellResourcesAt('closed')}`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual(['hello', []])
    },
    testTimeoutMs,
  )

  it(
    'after close() while connecting to a server that never answers',
    async () => {
      const bench = await createFaultBench()
      await bench.proxy.setFault({ kind: 'mute' })
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url)
       ${tellResourcesAt('closed')}
       setTimeout(() => socket.close(), 50)`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual([[]])
    },
    testTimeoutMs,
  )

  it(
    'after close() in a wait',
    async () => {
      const bench = await createFaultBench()
      await bench.proxy.setFault({ kind: 'reset' }, { scope: 'new' })
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { backoff: constantBackoff(600_000) })
       ${tellResourcesAt('closed')}
       socket.on('reconnecting', () => socket.close())`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual([[]])
    },
    testTimeoutMs,
  )

  it(
    'after close() on a dead link, when the closing handshake has timed out',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url, [], { closeTimeoutMs: 100, heartbeat: false })
       ${tellResourcesAt('closed')}
       socket.on('close', ({ code }) => tell(code))
       socket.on('open', () => socket.close())`,
        bench.url('/mute'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual([1006, []])
    },
    testTimeoutMs,
  )

  it.each(['suspended', 'failed'])(
    'when it is %s',
    async (status) => {
      const bench = await createBench()
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url)
       ${tellResourcesAt(status)}
       socket.on('open', () => socket.suspend())`,
        status === 'failed' ? bench.url('/reject', { status: 410 }) : bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual([[]])
    },
    testTimeoutMs,
  )
})

describe.skipIf(missing)('a process survives', () => {
  it(
    'listeners that throw: they are reported, and the others go on',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `const socket = new ReconnectingWebSocket(url)
       for (const type of ['open', 'message', 'close', 'status', 'drain', 'heartbeat']) {
         socket.on(type, () => { throw new Error('thrown by ' + type) })
       }
       socket.onmessage = () => { throw new Error('thrown by onmessage') }
       socket.subscribe(() => { throw new Error('thrown by subscribe') })
       socket.on('message', ({ data }) => { tell(data); socket.close() })
       socket.on('status', ({ status }) => tell(status))
       socket.send('hello')`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject({ code: 0, signal: null })
      expect(toldBy(end)).toEqual(['open', 'hello', 'closing', 'closed'])
      for (const type of ['open', 'message', 'close', 'status', 'drain', 'onmessage', 'subscribe']) {
        expect(end.stderr).toContain(`thrown by ${type}`)
      }
    },
    testTimeoutMs,
  )

  it(
    'providers that throw and reject, without an unhandled rejection',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `let asked = 0
       process.on('unhandledRejection', () => tell('unhandled'))
       const bad = [() => Promise.reject(new Error('one')), () => { throw new Error('two') }, () => 'no address', async () => undefined]
       const socket = new ReconnectingWebSocket(() => (bad[asked++] ?? (() => url))(), async ({ attempt }) => {
         if (attempt === 5) throw new Error('protocols')
         return []
       }, {
         backoff: constantBackoff(5),
         retry: { unavailableAfter: Infinity },
         beforeFlush: async () => { if (asked < 7) throw new Error('gate') },
       })
       socket.on('error', ({ cause }) => tell(cause.kind))
       socket.on('message', ({ data }) => { tell(data); socket.close() })
       socket.send('hello')`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual(['url', 'url', 'url', 'url', 'url', 'gate', 'hello'])
    },
    testTimeoutMs,
  )

  it(
    'a provider that rejects after the socket was closed, and one that never answers',
    async () => {
      const bench = await createBench()
      const end = await runChild(
        `process.on('unhandledRejection', () => tell('unhandled'))
       const late = new ReconnectingWebSocket(({ signal }) => new Promise((resolve, reject) => {
         signal.addEventListener('abort', () => setImmediate(reject, new Error('too late')))
         setImmediate(() => late.close())
       }))
       const silent = new ReconnectingWebSocket(() => new Promise(() => {}))
       setImmediate(() => silent.close())
       for (const socket of [late, silent]) socket.on('close', ({ cause }) => tell(cause.kind))`,
        bench.url('/echo'),
      )
      expect(end).toMatchObject(ended)
      expect(toldBy(end)).toEqual(['user', 'user'])
    },
    testTimeoutMs,
  )
})
