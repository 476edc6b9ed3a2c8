import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const BY_HAND = 'JSON.stringify by hand'

const counts = {
  full: { warmUp: 3, rounds: 15, batches: 400 },
  quick: { warmUp: 2, rounds: 5, batches: 60 },
  tiny: { warmUp: 0, rounds: 1, batches: 2 },
}

/** @type {import('./scene.mjs').Scene} */
export const textOut = {
  title: 'A text message on its way out',
  method:
    'The payload of the chat message above is sent: `client.send` and `room.send` make the envelope, keep the order, count what is in doubt and answer a receipt that nobody looks at; by hand it is `JSON.stringify` of the same envelope and the native `send`, on a socket that does nothing. CPU time of the process.',
  async measure(context) {
    const { warmUp, rounds, batches } = counts[context.scale]

    /** @param {string} suffix */
    const measured = async (suffix) => {
      const ways = new Map([
        [BY_HAND, `by hand${suffix}`],
        ['Holdfast', `client${suffix}`],
      ])
      const workers = new Map([...ways].map(([name]) => [name, context.start('workers/text-out.mjs')]))
      await Promise.all([...ways].map(([name, way]) => named(workers, name).ask('load', { name: way })))
      return interleave([...ways.keys()], { warmUp, rounds }, (name) =>
        named(workers, name).ask('measure', { batches }),
      )
    }

    /** @type {Omit<import('../lib/figure.mjs').Figure, 'samples' | 'id' | 'title'>} */
    const about = { unit: 'ns', better: 'less', base: BY_HAND, compare: 'ratio' }
    return [
      figureOf(await measured(''), 'ns', { ...about, id: 'text-out', title: 'Text out' }),
      figureOf(await measured(', to a room'), 'ns', {
        ...about,
        id: 'text-out-room',
        title: 'Text out, to a room',
      }),
    ]
  },
}
