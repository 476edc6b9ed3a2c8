import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'

// It starts some seventy processes, most of them one after the other.
vi.setConfig({ testTimeout: 120_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Those without a heartbeat never find a dead link; JSON has no other word for it. */
const never = ['reconnecting-websocket', 'partysocket']

const peers = ['reconnecting-websocket', 'partysocket', 'socket.io']
const onLinks = ['raw ws', 'Holdfast', ...peers]
const withControl = [...onLinks, 'raw ws, a second time']
const withCeiling = [...onLinks, 'raw ws, corked by hand']
const wrappers = ['no wrapper', 'Holdfast, web build', 'Holdfast', ...peers]
const deadLink = ['Holdfast', 'socket.io', 'reconnecting-websocket', 'partysocket']

const reassemblers = [
  'allocate and one memcpy',
  'allocate and a memcpy by piece',
  'Holdfast',
  'Holdfast, with the reading of frames',
  'concatenation piece by piece',
]
const readers = [
  'JSON.parse alone',
  'JSON.parse alone, a second time',
  'Holdfast',
  ...['zod/mini', 'zod', 'valibot', 'arktype'].map((schema) => `Holdfast, ${schema}`),
]
const uploaders = [
  'Holdfast',
  'Holdfast, envelope heartbeat',
  'raw ws, one message',
  'raw ws, pieces by bufferedAmount',
  'socket.io',
]

const each = (figures: string[], contenders: string[]) =>
  Object.fromEntries(figures.map((figure) => [figure, contenders]))

/** Who is measured, by scene and figure. Not taken from the benches: whoever disappears from them is to be missed here. */
const expected = {
  size: {
    size: ['Holdfast', ...peers],
    'size-client': [
      'Holdfast',
      'Holdfast without fragments',
      'socket.io',
      'phoenix (quoted)',
      'SignalR (quoted)',
      'centrifuge (quoted)',
    ],
    'size-codec': ['Holdfast'],
  },
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
  frames: {
    'frame-encode': ['memcpy', 'Holdfast', 'Holdfast, without scratch', 'DataView, fresh'],
    'frame-decode': ['subarray alone', 'Holdfast', 'DataView'],
  },
  pieces: each(['pieces-64', 'pieces-1024'], reassemblers),
  'text-in': each(['text-in', 'text-in-no-code'], readers),
  'text-out': each(['text-out', 'text-out-room'], ['JSON.stringify by hand', 'Holdfast']),
  talk: each(
    ['ws', 'wss'].flatMap((scheme) =>
      ['talk-out', 'talk-in', 'talk-cpu-out', 'talk-cpu-in'].map((figure) => `${figure}-${scheme}`),
    ),
    ['socket.io', 'Holdfast', 'Holdfast, lean server', 'raw ws and JSON'],
  ),
  'chat-delay': {
    ...each(
      ['chat-middle', 'chat-longest', 'chat-share'].flatMap((figure) => [`${figure}-0`, `${figure}-20`]),
      uploaders,
    ),
    ...each(['chat-longest-envelope-0', 'chat-longest-envelope-20'], ['Holdfast']),
  },
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
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 110_000 })
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
