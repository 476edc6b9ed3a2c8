const BASE = 'allocate and one memcpy'
const names = [BASE, 'allocate and a memcpy by piece', 'Holdfast', 'Holdfast, with the reading of frames']
/** It takes so long, and leaves so much behind, that it has a process of its own. */
const NAIVE = 'concatenation piece by piece'

const counts = {
  full: { warmUp: 3, rounds: 15, count: 200, naive: 3 },
  quick: { warmUp: 2, rounds: 5, count: 200, naive: 1 },
  tiny: { warmUp: 0, rounds: 1, count: 1, naive: 1 },
}

const cases = [
  { pieces: 64, most: 16 * 1024, title: '64 x 16 KiB' },
  { pieces: 1024, most: 1024, title: '1024 x 1 KiB' },
]

/** @type {import('./scene.mjs').Scene} */
export const pieces = {
  title: 'Large messages put together',
  method:
    'A message of 1 MiB out of its pieces, in order, each piece in memory of its own as it comes from a link. It is compared with fresh memory and one copy of a message that is whole already. The contenders make one message each in turn, in one process, because the time that fresh memory takes depends on what the allocator did before; a round’s value is the median of its messages.',
  async measure(context) {
    const { warmUp, rounds, count, naive } = counts[context.scale]
    const figures = []
    for (const { pieces: total, most, title } of cases) {
      const samples = new Map([...names, NAIVE].map((name) => [name, /** @type {number[]} */ ([])]))
      const together = context.start('workers/pieces.mjs')
      const alone = context.start('workers/pieces.mjs')
      await together.ask('prepare', { names, bytes: total * most, most })
      await alone.ask('prepare', { names: [NAIVE], bytes: total * most, most })
      for (let round = -warmUp; round < rounds; round++) {
        const measured = {
          ...(await together.ask('measure', { count })),
          ...(await alone.ask('measure', { count: naive })),
        }
        if (round < 0) continue
        for (const [name, values] of samples) values.push(measured[name])
      }
      figures.push(
        /** @type {import('../lib/figure.mjs').Figure} */ ({
          id: `pieces-${total}`,
          title: `Reassembly, ${title}`,
          unit: 'µs',
          better: 'less',
          base: BASE,
          compare: 'ratio',
          references: [...samples.keys()].filter((name) => name !== BASE && name !== 'Holdfast'),
          goal: { atMost: 1.25 },
          samples,
        }),
      )
    }
    return figures
  },
}
