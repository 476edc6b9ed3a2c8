import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const RIVAL = 'socket.io'
const BY_HAND = 'raw ws and JSON'
const LEAN = 'Holdfast, lean server'
const names = [RIVAL, 'Holdfast', LEAN, BY_HAND]

/** Messages that are sent in one turn of the event loop. */
const EVERY = 250

const counts = {
  full: { warmUp: 3, rounds: 11, messages: 60_000 },
  quick: { warmUp: 1, rounds: 3, messages: 20_000 },
  tiny: { warmUp: 0, rounds: 1, messages: 1_000 },
}

/** @type {import('./scene.mjs').Scene} */
export const talk = {
  title: 'Typed messages end to end',
  method:
    'The payload of the chat message above in one direction, 250 messages a turn, three such batches under way; both sides make and parse each message, and call the handler of its type. Ours go to a plain `ws` server with envelopes, Socket.IO’s to its own server; each library in its plain use, none with compression. By hand it is `JSON.stringify`, `JSON.parse` and a map of handlers over `ws`. The lean server is that of the message rate, which does so little that the client is the limit. The CPU time is that of the client’s process, which the server has no part in.',
  async measure(context) {
    const { warmUp, rounds, messages } = counts[context.scale]
    const clients = await context.startContenders('workers/talk.mjs', names)
    const bases = /** @type {Record<'plain' | 'socketIo', import('../lib/context.mjs').Bases>} */ (
      /** @type {unknown} */ (await context.basesFor(named(clients, BY_HAND)))
    )
    const lean = await context.basesFor(named(clients, LEAN))
    /** @type {import('../lib/figure.mjs').Figure[]} */
    const figures = []
    for (const scheme of /** @type {const} */ (['ws', 'wss'])) {
      const to = { plain: bases.plain[scheme], lean: lean[scheme], socketIo: bases.socketIo[scheme] }
      const measured = await interleave(names, { warmUp, rounds }, (name) =>
        named(clients, name).ask('measure', { bases: to, every: EVERY, batches: messages / EVERY }),
      )
      for (const direction of ['out', 'in']) {
        figures.push(
          figureOf(measured, direction, {
            id: `talk-${direction}-${scheme}`,
            title: `Typed messages, ${scheme}://, ${direction}`,
            unit: 'messages/s',
            better: 'more',
            base: RIVAL,
            compare: 'ratio',
            references: [BY_HAND],
            goal: { atLeast: 2 },
          }),
          figureOf(measured, `cpu ${direction}`, {
            id: `talk-cpu-${direction}-${scheme}`,
            title: `Typed messages, CPU of the client, ${scheme}://, ${direction}`,
            unit: 'µs',
            better: 'less',
            base: RIVAL,
            compare: 'ratio',
            references: [BY_HAND],
          }),
        )
      }
    }
    return figures
  },
}
