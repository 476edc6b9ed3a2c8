import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { quantile } from '../lib/statistics.mjs'
import { figureOf } from './scene.mjs'

const BY_HAND = ['raw ws, one message', 'raw ws, pieces by bufferedAmount']
const ENVELOPES = 'Holdfast, envelope heartbeat'
const names = ['Holdfast', ENVELOPES, ...BY_HAND, 'socket.io']

const BYTES_PER_SECOND = 1_250_000
const lines = [0, 20].map((latencyMs) => ({ bytesPerSecond: BYTES_PER_SECOND, latencyMs }))

const counts = {
  full: { rounds: 3, bytes: 16_000_000, everyMs: 100 },
  quick: { rounds: 1, bytes: 4_000_000, everyMs: 100 },
  tiny: { rounds: 1, bytes: 80_000, everyMs: 20 },
}

/** @type {import('./scene.mjs').Scene} */
export const chatDelay = {
  title: 'A chat beside an upload',
  method:
    'A client uploads 16 MB over a line of 10 Mbit/s and says something in 100 B ten times a second meanwhile; the delay is from `send` to when the server has it, on a clock that both share. The line is a proxy with a router’s buffer of 256 KiB; the kernels’ buffers are before it. The heartbeat is Node’s ping frames, or the envelopes that browsers use. Each contender has a line for itself, and all upload at the same time. The share is what the upload got of the 10 Mbit/s, from its `send` to its last byte.',
  async measure(context) {
    const { rounds, bytes, everyMs } = counts[context.scale]
    const server = context.start('servers/uploads.mjs')
    const ports = await server.ask('listen', { lines })
    const clients = new Map(names.map((name) => [name, context.start('workers/chat-delay.mjs')]))

    /** @param {number} index */
    const measureOn = async (index) => {
      const { latencyMs } = /** @type {(typeof lines)[number]} */ (lines[index])
      /** @param {string} name */
      const upload = async (name) => {
        const wanted = { name, ports: ports[index], bytes, everyMs }
        const { delays, uploadMs } = await named(clients, name).ask('measure', wanted)
        const share = bytes / (uploadMs / 1000) / BYTES_PER_SECOND
        return { middle: quantile(delays, 0.5), longest: Math.max(...delays), share }
      }
      // All at once, and a round is over when all are done: a line leaves the machine idle most of the time.
      /** @type {Map<string, Record<string, number>>} */
      let round = new Map()
      const measured = await interleave(names, { warmUp: 0, rounds }, async (name) => {
        if (!round.has(name)) {
          round = new Map(
            await Promise.all(names.map(async (each) => /** @type {const} */ ([each, await upload(each)]))),
          )
        }
        const found = named(round, name)
        round.delete(name)
        return found
      })
      const on = latencyMs === 0 ? 'no latency' : `${latencyMs} ms each way`
      /** @type {Pick<import('../lib/figure.mjs').Figure, 'unit' | 'better' | 'references' | 'goal'>} */
      const delay = { unit: 'ms', better: 'less', references: BY_HAND, goal: { atMost: 150 } }
      return [
        figureOf(measured, 'middle', {
          ...delay,
          id: `chat-middle-${latencyMs}`,
          title: `Chat delay, median, ${on}`,
        }),
        figureOf(measured, 'longest', {
          ...delay,
          id: `chat-longest-${latencyMs}`,
          title: `Chat delay, longest, ${on}`,
        }),
        {
          ...delay,
          id: `chat-longest-envelope-${latencyMs}`,
          title: `Chat delay, longest, envelope heartbeat, ${on}`,
          samples: new Map([['Holdfast', named(named(measured, 'longest'), ENVELOPES)]]),
          references: [],
        },
        figureOf(measured, 'share', {
          id: `chat-share-${latencyMs}`,
          title: `The upload’s share of the line, ${on}`,
          unit: '× 10 Mbit/s',
          better: 'more',
          references: BY_HAND,
        }),
      ]
    }

    const figures = []
    for (let index = 0; index < lines.length; index++) figures.push(...(await measureOn(index)))
    return figures
  },
}
