import { CEILING, contenders, named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { median } from '../lib/statistics.mjs'
import { EVERY } from '../lib/traffic.mjs'
import { figureOf } from './scene.mjs'

const names = [...contenders, CEILING]
const SIZE = 64

const counts = {
  full: { warmUp: 3, rounds: 15, messages: 150_000, trips: 3_000 },
  quick: { warmUp: 1, rounds: 5, messages: 50_000, trips: 500 },
  tiny: { warmUp: 0, rounds: 1, messages: 1_000, trips: 10 },
}

/** @type {import('./scene.mjs').Scene} */
export const cork = {
  title: 'Many small sends in one tick over ws://',
  method:
    'As the message rate, without TLS, which would join small writes anyway. The round trip is one message at a time, the middle of a round. Compared with raw ws.',
  async measure(context) {
    const clients = await context.startContenders('workers/traffic.mjs', names)
    const { warmUp, rounds, messages, trips } = counts[context.scale]
    const measured = await interleave(names, { warmUp, rounds }, async (name) => {
      const client = named(clients, name)
      const { ws: base } = await context.basesFor(client)
      const batches = messages / EVERY
      const { rate } = await client.ask('out', { base, size: SIZE, every: EVERY, batches })
      const tripMs = await client.ask('echo', { base, size: SIZE, count: trips })
      return { rate, tripUs: median(tripMs) * 1000 }
    })
    /** @type {Omit<import('../lib/figure.mjs').Figure, 'samples' | 'id' | 'title' | 'unit' | 'better'>} */
    const about = { base: 'raw ws', compare: 'ratio', references: [CEILING] }
    return [
      figureOf(measured, 'rate', {
        ...about,
        id: 'cork-rate',
        title: 'Rate, ws://, 64 B, out',
        unit: 'messages/s',
        better: 'more',
        goal: { atLeast: 4 },
      }),
      figureOf(measured, 'tripUs', {
        ...about,
        id: 'cork-round-trip',
        title: 'Round trip, ws://, p50',
        unit: 'µs',
        better: 'less',
        goal: { atMost: 1.02 },
      }),
    ]
  },
}
