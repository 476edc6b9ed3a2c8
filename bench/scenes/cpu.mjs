import { CONTROL } from '../lib/contenders.mjs'
import { cases, nameOf, secureTraffic } from '../lib/traffic.mjs'
import { figureOf } from './scene.mjs'

/** @type {import('./scene.mjs').Scene} */
export const cpu = {
  title: 'CPU time a message',
  method:
    'User and system time of the client process, all threads, in the runs of the message rate, by message. Compared with raw ws.',
  async measure(context) {
    const measured = await secureTraffic(context)
    return cases.map((each) =>
      figureOf(measured, `cpu ${nameOf(each)}`, {
        id: `cpu-${each.direction}-${each.size}`,
        title: `CPU, wss://, ${nameOf(each)}`,
        unit: 'µs',
        better: 'less',
        base: 'raw ws',
        compare: 'ratio',
        references: [CONTROL],
        goal: { atMost: 1.1 },
      }),
    )
  },
}
