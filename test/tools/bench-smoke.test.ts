import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'

// It starts some thirty processes, most of them one after the other.
vi.setConfig({ testTimeout: 60_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Those without a heartbeat never find a dead link; JSON has no other word for it. */
const never = ['reconnecting-websocket', 'partysocket']

const peers = ['reconnecting-websocket', 'partysocket', 'socket.io']
const onLinks = ['raw ws', 'Holdfast', ...peers]
const withControl = [...onLinks, 'raw ws, a second time']
const withCeiling = [...onLinks, 'raw ws, corked by hand']
const wrappers = ['no wrapper', 'Holdfast, web build', 'Holdfast', ...peers]
const deadLink = ['Holdfast', 'socket.io', 'reconnecting-websocket', 'partysocket']

const each = (figures: string[], contenders: string[]) =>
  Object.fromEntries(figures.map((figure) => [figure, contenders]))

/** Who is measured, by scene and figure. Not taken from the benches: whoever disappears from them is to be missed here. */
const expected = {
  size: { size: ['Holdfast', ...peers] },
  rate: each(['rate-out-64', 'rate-in-64', 'rate-out-1024', 'rate-in-1024'], withControl),
  cpu: each(['cpu-out-64', 'cpu-in-64', 'cpu-out-1024', 'cpu-in-1024'], withControl),
  'own-cost': each(['own-cost-in', 'own-cost-out'], wrappers),
  cork: each(['cork-rate', 'cork-round-trip'], withCeiling),
  flush: each(['flush-stall-ws', 'flush-rate-ws', 'flush-stall-wss', 'flush-rate-wss'], withCeiling),
  queue: {
    queue: ['Holdfast', 'Array, push and shift'],
    'queue-send': ['Holdfast'],
    'queue-flush': ['Holdfast'],
  },
  heap: { heap: wrappers },
  'dead-link': {
    ...each(['dead-link-mean', 'dead-link-max'], deadLink),
    ...each(['dead-link-wake', 'dead-link-wake-slow'], ['Holdfast']),
  },
}

/** By scene, figure and contender. */
type Measured = Record<string, Record<string, Record<string, (number | null)[]>>>

const mapValues = <In, Out>(record: Record<string, In>, change: (value: In) => Out) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

test('every bench still runs, and gives figures for all contenders', async () => {
  const args = ['bench/run.mjs', '--tiny', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 50_000 })
  const measured = JSON.parse(stdout) as Measured
  expect(mapValues(measured, (figures) => mapValues(figures, Object.keys))).toEqual(expected)
  for (const [scene, figures] of Object.entries(measured)) {
    for (const [figure, contenders] of Object.entries(figures)) {
      for (const [name, samples] of Object.entries(contenders)) {
        const isNever = scene === 'dead-link' && never.includes(name)
        expect(samples, `${figure} of ${name}`).toEqual([isNever ? null : expect.any(Number)])
      }
    }
  }
})
