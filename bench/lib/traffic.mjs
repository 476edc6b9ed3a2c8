/** Streams of messages on real links, out and in: rate and CPU time come from the same run. */
import { CONTROL, contenders, named } from './contenders.mjs'
import { interleave } from './rounds.mjs'

const names = [...contenders, CONTROL]

/** Messages that are sent in one turn of the event loop. */
export const EVERY = 250

const counts = {
  full: { warmUp: 3, rounds: 15, messages: { 64: 200_000, 1024: 80_000 } },
  quick: { warmUp: 1, rounds: 5, messages: { 64: 60_000, 1024: 20_000 } },
  tiny: { warmUp: 0, rounds: 1, messages: { 64: 1_000, 1024: 1_000 } },
}

export const cases = /** @type {const} */ ([
  { direction: 'out', size: 64 },
  { direction: 'in', size: 64 },
  { direction: 'out', size: 1024 },
  { direction: 'in', size: 1024 },
])

/** @param {(typeof cases)[number]} each */
export const nameOf = ({ direction, size }) => `${size === 64 ? '64 B' : '1 KiB'}, ${direction}`

/** @param {import('./context.mjs').Context} context */
export function secureTraffic(context) {
  return context.once('traffic over wss', async () => {
    const clients = await context.startContenders('workers/traffic.mjs', names)
    const { warmUp, rounds, messages } = counts[context.scale]
    return interleave(names, { warmUp, rounds }, async (name) => {
      const client = named(clients, name)
      const { wss: base } = await context.basesFor(client)
      /** @type {Record<string, number>} */
      const figures = {}
      for (const each of cases) {
        const { direction, size } = each
        const batches = messages[size] / EVERY
        const { rate, cpuUs } = await client.ask(direction, { base, size, every: EVERY, batches })
        figures[`rate ${nameOf(each)}`] = rate
        figures[`cpu ${nameOf(each)}`] = cpuUs
      }
      return figures
    })
  })
}
