import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const encoders = ['memcpy', 'Holdfast', 'Holdfast, without scratch', 'DataView, fresh']
const decoders = ['subarray alone', 'Holdfast', 'DataView']

const counts = {
  full: { warmUp: 3, rounds: 15, count: 2_000_000 },
  quick: { warmUp: 2, rounds: 5, count: 1_000_000 },
  tiny: { warmUp: 0, rounds: 1, count: 1_000 },
}

const PAYLOAD_BYTES = 64
const FRAME_BYTES = 68

/** @type {import('./scene.mjs').Scene} */
export const frames = {
  title: 'Binary frames',
  method:
    'A payload of 64 B is framed, a frame of 68 B is read; each contender in a process of its own. The loop around it and one look at the result are in the figures. “memcpy” is `set` into a buffer that is there already.',
  async measure(context) {
    const { warmUp, rounds, count } = counts[context.scale]

    /** @param {'encoder' | 'decoder'} kind @param {readonly string[]} names @param {number} size */
    const measured = async (kind, names, size) => {
      const workers = new Map(names.map((name) => [name, context.start('workers/frames.mjs')]))
      for (const name of names) await named(workers, name).ask(kind, { name, size })
      return interleave(names, { warmUp, rounds }, (name) => named(workers, name).ask('measure', { count }))
    }

    /** @type {Pick<import('../lib/figure.mjs').Figure, 'unit' | 'better'>} */
    const about = { unit: 'ns', better: 'less' }
    return [
      figureOf(await measured('encoder', encoders, PAYLOAD_BYTES), 'ns', {
        ...about,
        id: 'frame-encode',
        title: 'Frame, encode 64 B',
        base: 'memcpy',
        compare: 'ratio',
        references: ['DataView, fresh'],
        goal: { atMost: 1.1 },
      }),
      figureOf(await measured('decoder', decoders, FRAME_BYTES), 'ns', {
        ...about,
        id: 'frame-decode',
        title: 'Frame, decode 68 B',
        references: ['subarray alone', 'DataView'],
        goal: { atMost: 30 },
      }),
    ]
  },
}
