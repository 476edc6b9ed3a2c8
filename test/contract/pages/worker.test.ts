/** The library in a worker of a page, where there is no document: its whole life, on a real network. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFaultBench, faultTimeoutMs, numbered } from '../support/fault-bench.ts'
import type { WorkerTask, WorkerTold } from '../support/socket-worker.ts'
import { until } from '../support/sockets.ts'

function startWorker() {
  const worker = new Worker(new URL('../support/socket-worker.ts', import.meta.url), { type: 'module' })
  onTestFinished(() => worker.terminate())
  const all: WorkerTold[] = []
  const failures: string[] = []
  worker.addEventListener('message', ({ data }: MessageEvent<WorkerTold>) => void all.push(data))
  worker.addEventListener('error', ({ message }) => void failures.push(message || 'the worker did not load'))
  const of = (type: WorkerTold['type']) => all.filter((told) => told.type === type)
  return {
    of,
    order: () => all.map(({ type }) => type).filter((type) => ['open', 'error', 'close'].includes(type)),
    nth: (type: WorkerTold['type'], n = 1) =>
      until(() => {
        expect(failures).toEqual([])
        return of(type)[n - 1]
      }, `${type} number ${n} in the worker`),
    tell: (task: WorkerTask) => worker.postMessage(task),
  }
}

describe('in a dedicated worker', () => {
  test.each([
    { how: 'a reset', fault: { kind: 'reset' }, kind: 'close' },
    { how: 'a black hole', fault: { kind: 'blackHole' }, kind: 'heartbeat' },
  ] as const)(
    'connects, queues, loses its link by $how, comes back and closes',
    async ({ fault, kind }) => {
      const bench = await createFaultBench()
      const worker = startWorker()
      const before = numbered('before ', 5)
      worker.tell({ task: 'open', url: bench.url('/echo') })
      worker.tell({ task: 'send', texts: before })
      await worker.nth('heartbeat')
      await worker.nth('message', before.length)
      expect(worker.of('message').map(({ data }) => data)).toEqual(before)

      await bench.proxy.fault({ kind: 'refuse' }, 'new')
      await bench.proxy.fault(fault, 'live')
      expect(await worker.nth('close')).toMatchObject({ code: 1006, kind })
      const during = numbered('during ', 5)
      worker.tell({ task: 'send', texts: during })
      await worker.nth('close', 2)
      await bench.proxy.fault({ kind: 'pass' })
      await worker.nth('reconnected')
      await worker.nth('message', before.length + during.length)
      expect(await bench.texts()).toEqual([...before, ...during])
      expect(worker.of('drop')).toEqual([])

      const closes = worker.of('close').length
      worker.tell({ task: 'close', code: 3000 })
      expect(await worker.nth('close', closes + 1)).toMatchObject({ code: 3000, kind: 'user' })
      expect(worker.order().slice(0, 3)).toEqual(['open', 'error', 'close'])
      expect(worker.order().slice(-2)).toEqual(['open', 'close'])
    },
    faultTimeoutMs,
  )
})
