import { element, setText } from './dom.js'
import { createPlot, WINDOW_MS } from './plot.js'
import { Samples } from './samples.js'
import { bytes, milliseconds, plural } from './words.js'

/**
 * Round trip and queue over the last minute.
 *
 * @param {import('./model.js').Socket} socket
 */
export function createPlotsView(socket) {
  const rtt = new Samples(WINDOW_MS)
  const count = new Samples(WINDOW_MS)
  const size = new Samples(WINDOW_MS)

  const plots = {
    rtt: createPlot('rtt-plot', { top: 50, format: (value) => `${value} ms` }),
    count: createPlot('count-plot', { top: 5, format: String, stepped: true }),
    size: createPlot('size-plot', { top: 256, format: bytes, stepped: true }),
  }

  // Each answered ping changes the snapshot, and so does a change of status or attempts, which is no sample.
  let seen = socket.getSnapshot()
  socket.subscribe(() => {
    const { rtt: stats, since, attempt } = socket.getSnapshot()
    const answered = stats && since === seen.since && attempt === seen.attempt
    seen = socket.getSnapshot()
    if (answered) rtt.add(performance.now(), stats.lastMs)
  })
  socket.on('close', () => rtt.add(performance.now(), null))

  function describe(now) {
    const times = rtt.since(now)
    const last = times.at(-1)
    const range = `from ${milliseconds(Math.min(...times))} to ${milliseconds(Math.max(...times))}`
    const answers = plural(times.length, 'answered ping')
    plots.rtt.describe(
      last === undefined
        ? 'Round trip over the last minute: no ping was answered'
        : `Round trip over the last minute: ${answers}, ${range}, the last ${milliseconds(last)}`,
    )
    const [most, largest] = [Math.max(0, ...count.since(now)), Math.max(0, ...size.since(now))]
    plots.count.describe(
      `Messages in the queue over the last minute: now ${socket.queued.count}, at most ${most}`,
    )
    plots.size.describe(
      `Bytes in the queue over the last minute: now ${bytes(socket.queued.bytes)}, at most ${bytes(largest)}`,
    )
    setText(element('count-most'), String(most))
    setText(element('size-most'), bytes(largest))
  }

  return {
    /** Looks at the queue, and draws. @param {number} now */
    draw(now) {
      const { queued } = socket
      count.add(now, queued.count)
      size.add(now, queued.bytes)
      plots.rtt.draw(rtt, now)
      plots.count.draw(count, now)
      plots.size.draw(size, now)
      describe(now)
    },
  }
}
