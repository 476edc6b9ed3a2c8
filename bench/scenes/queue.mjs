import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const ARRAY = 'Array, push and shift'
const names = ['Holdfast', ARRAY]

const counts = {
  full: { warmUp: 2, rounds: 9, length: 1_000_000, pass: 1_000_000, arrayPass: 300 },
  quick: { warmUp: 1, rounds: 3, length: 1_000_000, pass: 500_000, arrayPass: 50 },
  tiny: { warmUp: 0, rounds: 1, length: 1_000, pass: 1_000, arrayPass: 10 },
}

/** @type {import('./scene.mjs').Scene} */
export const queue = {
  title: 'A long queue',
  method:
    'A queue of a million messages: one of 64 B is added at the end and one taken at the head, with everything that the send queue does for it (bounds by count, bytes and age). Below, a million through the public face: `send` before the link is there, then the flush over a socket that does nothing.',
  async measure(context) {
    const { warmUp, rounds, length, pass, arrayPass } = counts[context.scale]
    const workers = new Map(names.map((name) => [name, context.start('workers/queue.mjs')]))
    await named(workers, 'Holdfast').ask('fill', { kind: 'send-queue', length })
    await named(workers, ARRAY).ask('fill', { kind: 'array', length })
    const passed = await interleave(names, { warmUp, rounds }, (name) =>
      named(workers, name).ask('pass', { count: name === ARRAY ? arrayPass : pass, size: 64 }),
    )
    const whole = context.start('workers/queue.mjs')
    const through = await interleave(['Holdfast'], { warmUp, rounds }, () =>
      whole.ask('through', { length, size: 64 }),
    )
    /** @type {Pick<import('../lib/figure.mjs').Figure, 'unit' | 'better'>} */
    const about = { unit: 'ns', better: 'less' }
    return [
      figureOf(passed, 'ns', {
        ...about,
        id: 'queue',
        title: 'Queue, one in and one out of a million',
        references: [ARRAY],
        goal: { atMost: 30 },
      }),
      figureOf(through, 'addNs', { ...about, id: 'queue-send', title: 'Queue, `send`, each of a million' }),
      figureOf(through, 'flushNs', {
        ...about,
        id: 'queue-flush',
        title: 'Queue, flush over a no-op socket, each of a million',
      }),
    ]
  },
}
