import { named } from '../lib/contenders.mjs'

const names = ['Holdfast', 'socket.io', 'reconnecting-websocket', 'partysocket']

const counts = { full: { deaths: 1_000 }, quick: { deaths: 200 }, tiny: { deaths: 3 } }

/** When the links die: spread evenly over five minutes. */
const SPAN_MS = 300_000
const RTT_MS = 40
const SLOW_RTT_MS = 2_000

/** @param {readonly number[]} times */
const mean = (times) => times.reduce((sum, time) => sum + time, 0) / times.length

/** @type {import('./scene.mjs').Scene} */
export const deadLink = {
  title: 'A dead link is found',
  method:
    'Idle links that die silently at many moments, in virtual time: the process’s own timers and `Date` are replaced, the native socket is a stand-in whose server answers pings. From the death to when the client gives its native socket up; “never” is not in ten minutes. Default settings. A wake is `wake()` right after the death; it has no counterpart in the others.',
  async measure(context) {
    const clients = await context.startContenders('workers/dead-link.mjs', names)
    const { deaths } = counts[context.scale]
    const moments = Array.from({ length: deaths }, (_, index) => ((index + 0.5) / deaths) * SPAN_MS)

    /** @param {string} name @param {number} rttMs @param {boolean} wake @returns {Promise<number[]>} in seconds */
    const timesOf = async (name, rttMs, wake) => {
      const times = []
      for (const lifeMs of moments) {
        // A wake is of interest once the round trip is known.
        const life = wake ? lifeMs + 3 * rttMs : lifeMs
        const found = await named(clients, name).ask('find', { rttMs, lifeMs: life, wake })
        times.push(found === null ? Infinity : found / 1000)
      }
      return times
    }

    const idle = new Map()
    for (const name of names) idle.set(name, await timesOf(name, RTT_MS, false))
    const woken = await timesOf('Holdfast', RTT_MS, true)
    const wokenSlow = await timesOf('Holdfast', SLOW_RTT_MS, true)
    const each = (/** @type {(times: number[]) => number} */ of) =>
      new Map([...idle].map(([name, times]) => [name, [of(times)]]))
    const ours = (/** @type {number} */ value) => new Map([['Holdfast', [value]]])
    /** @type {Pick<import('../lib/figure.mjs').Figure, 'unit' | 'better'>} */
    const about = { unit: 's', better: 'less' }
    const longest = (/** @type {readonly number[]} */ times) => Math.max(...times)
    return [
      {
        ...about,
        id: 'dead-link-mean',
        title: 'Dead link, idle, mean',
        samples: each(mean),
        goal: { atMost: 15 },
      },
      {
        ...about,
        id: 'dead-link-max',
        title: 'Dead link, idle, longest',
        samples: each(longest),
        goal: { atMost: 25 },
      },
      {
        ...about,
        id: 'dead-link-wake',
        title: `Dead link after a wake, longest, round trip ${RTT_MS} ms`,
        samples: ours(longest(woken)),
        goal: { atMost: 3 },
      },
      {
        ...about,
        id: 'dead-link-wake-slow',
        title: `Dead link after a wake, longest, round trip ${SLOW_RTT_MS / 1000} s`,
        samples: ours(longest(wokenSlow)),
        goal: { atMost: (4 * SLOW_RTT_MS) / 1000 },
      },
    ]
  },
}
