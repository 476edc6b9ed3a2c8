import { CEILING, contenders, named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const names = [...contenders, CEILING]

const counts = {
  full: { warmUp: 2, rounds: 11, messages: 100_000 },
  quick: { warmUp: 1, rounds: 3, messages: 100_000 },
  tiny: { warmUp: 0, rounds: 1, messages: 500 },
}

const schemes = /** @type {const} */ (['ws', 'wss'])
const goals = { ws: 3.5, wss: 1 }

/** @type {import('./scene.mjs').Scene} */
export const flush = {
  title: 'Flush of 100,000 queued messages',
  method:
    'Messages of 64 B are sent before the link is there; raw ws, which cannot queue, sends them in a loop when it opens. The time runs from the native `open` to the server’s answer to the last message; the stall is the longest turn of the event loop in it.',
  async measure(context) {
    const clients = await context.startContenders('workers/flush.mjs', names)
    const { warmUp, rounds, messages } = counts[context.scale]
    const measured = await interleave(names, { warmUp, rounds }, async (name) => {
      const client = named(clients, name)
      const bases = await context.basesFor(client)
      /** @type {Record<string, number>} */
      const figures = {}
      for (const scheme of schemes) {
        const { rate, stallMs } = await client.ask('flush', {
          base: bases[scheme],
          size: 64,
          count: messages,
        })
        figures[`rate ${scheme}`] = rate
        figures[`stall ${scheme}`] = stallMs
      }
      return figures
    })
    return schemes.flatMap((scheme) => [
      figureOf(measured, `stall ${scheme}`, {
        id: `flush-stall-${scheme}`,
        title: `Flush, longest stall, ${scheme}://`,
        unit: 'ms',
        better: 'less',
        references: ['raw ws', CEILING],
        goal: { atMost: 16 },
      }),
      figureOf(measured, `rate ${scheme}`, {
        id: `flush-rate-${scheme}`,
        title: `Flush, rate, ${scheme}://`,
        unit: 'messages/s',
        better: 'more',
        base: 'raw ws',
        compare: 'ratio',
        references: [CEILING],
        goal: { atLeast: goals[scheme] },
      }),
    ])
  },
}
