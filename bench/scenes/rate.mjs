import { CONTROL } from '../lib/contenders.mjs'
import { cases, nameOf, secureTraffic } from '../lib/traffic.mjs'
import { figureOf } from './scene.mjs'

/** @type {import('./scene.mjs').Scene} */
export const rate = {
  title: 'Message rate over wss',
  method:
    'Text in one direction, 250 messages a turn of the event loop, three such batches under way; the other side answers each batch, and the time ends with the last answer. Compared with raw ws.',
  async measure(context) {
    const measured = await secureTraffic(context)
    return cases.map((each) =>
      figureOf(measured, `rate ${nameOf(each)}`, {
        id: `rate-${each.direction}-${each.size}`,
        title: `Rate, wss://, ${nameOf(each)}`,
        unit: 'messages/s',
        better: 'more',
        base: 'raw ws',
        compare: 'ratio',
        references: [CONTROL],
        goal: { atLeast: 0.97 },
      }),
    )
  },
}
