import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const OURS = 'Holdfast, web build'
const names = ['no wrapper', OURS, 'Holdfast', 'reconnecting-websocket', 'partysocket', 'socket.io']

const counts = {
  full: { warmUp: 3, rounds: 15, batches: 1_000 },
  quick: { warmUp: 2, rounds: 5, batches: 300 },
  tiny: { warmUp: 0, rounds: 1, batches: 2 },
}

/** @type {import('./scene.mjs').Scene} */
export const ownCost = {
  title: 'The wrapper’s own cost',
  method:
    'One client over a socket that does nothing, 64 B of text, one listener, a turn of the event loop every 1000 messages; CPU time of the process. What the same takes without a wrapper is subtracted.',
  async measure(context) {
    const clients = await context.startContenders('workers/own-cost.mjs', names)
    const { warmUp, rounds, batches } = counts[context.scale]
    const measured = await interleave(names, { warmUp, rounds }, (name) =>
      named(clients, name).ask('measure', { batches, size: 64 }),
    )
    /** @type {Omit<import('../lib/figure.mjs').Figure, 'samples' | 'id' | 'title'>} */
    const about = { unit: 'ns', better: 'less', base: 'no wrapper', compare: 'difference', ours: OURS }
    return [
      figureOf(measured, 'in', {
        ...about,
        id: 'own-cost-in',
        title: 'Own cost, a message in',
        goal: { atMost: 15 },
      }),
      figureOf(measured, 'out', {
        ...about,
        id: 'own-cost-out',
        title: 'Own cost, a message out',
        goal: { atMost: 10 },
      }),
    ]
  },
}
