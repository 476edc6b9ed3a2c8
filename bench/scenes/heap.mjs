import { named } from '../lib/contenders.mjs'

const OURS = 'Holdfast, web build'
const names = ['no wrapper', OURS, 'Holdfast', 'reconnecting-websocket', 'partysocket', 'socket.io']

/** `idleMs` is longer than any of them watches a new link, and shorter than Socket.IO waits for its first ping. */
const counts = {
  full: { warmUp: 1, rounds: 5, count: 10_000, idleMs: 12_000 },
  quick: { warmUp: 0, rounds: 1, count: 10_000, idleMs: 12_000 },
  tiny: { warmUp: 0, rounds: 1, count: 100, idleMs: 0 },
}

/** @type {import('./scene.mjs').Scene} */
export const heap = {
  title: 'Memory of an idle client',
  method:
    'Ten thousand clients over sockets that do nothing, with one `message` listener each; 12 s after they opened, the heap after a full collection, by client. What the same takes without a wrapper is subtracted.',
  async measure(context) {
    const clients = await context.startContenders('workers/heap.mjs', names, ['--expose-gc'])
    const { warmUp, rounds, count, idleMs } = counts[context.scale]
    const samples = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]))
    for (let round = -warmUp; round < rounds; round++) {
      // Memory has no rivals for time, so all of them wait at once.
      const measured = await Promise.all(
        names.map((name) => named(clients, name).ask('measure', { count, idleMs })),
      )
      if (round < 0) continue
      for (const [index, name] of names.entries()) samples.get(name)?.push(measured[index].bytes)
    }
    return [
      {
        id: 'heap',
        title: 'Heap of an idle client',
        unit: 'bytes',
        better: 'less',
        base: 'no wrapper',
        compare: 'difference',
        ours: OURS,
        goal: { atMost: 900 },
        samples,
      },
    ]
  },
}
