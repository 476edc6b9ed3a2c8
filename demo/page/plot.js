import { element } from './dom.js'

export const WINDOW_MS = 60_000
const WINDOW_S = WINDOW_MS / 1_000
/** The figures at the axis of the values get as much room in each plot, so that their times stand below each other. */
const AXIS_WIDTH = 52
const AXIS_HEIGHT = 24
const HEIGHT = 132
const FONT = '11px system-ui, sans-serif'

/** `−40 s`, and `now` at the right end */
function secondsAgo(value) {
  return value === 0 ? 'now' : `−${Math.abs(value)} s`
}

/**
 * A small plot of the last minute. Its colours are those of its element: `color` for the figures, `stroke` for the line,
 * `border-color` for the grid; so they follow light and dark.
 *
 * @param {string} id
 * @param {object} look
 * @param {number} look.top the value that the axis reaches at least
 * @param {(value: number) => string} look.format
 * @param {boolean} [look.stepped] a value holds until the next one
 */
export function createPlot(id, { top, format, stepped = false }) {
  const host = element(id)
  const ink = (property) => () => getComputedStyle(host).getPropertyValue(property)
  const grid = { stroke: ink('border-top-color'), width: 1 }
  const stepPath = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined

  /** @type {import('uplot').Options} */
  const options = {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-WINDOW_S, 0] },
      y: { range: (_plot, _low, high) => [0, Math.max(top, (high ?? 0) * 1.15)] },
    },
    axes: [
      {
        stroke: ink('color'),
        grid,
        ticks: { show: false },
        font: FONT,
        size: AXIS_HEIGHT,
        gap: 4,
        splits: [-60, -40, -20, 0],
        values: (_plot, values) => values.map(secondsAgo),
      },
      {
        stroke: ink('color'),
        grid,
        ticks: { show: false },
        font: FONT,
        size: AXIS_WIDTH,
        gap: 6,
        space: 34,
        values: (_plot, values) => values.map(format),
      },
    ],
    series: [
      {},
      {
        stroke: ink('stroke'),
        fill: ink('fill'),
        width: 2,
        points: { show: !stepped, size: 6, stroke: ink('stroke'), fill: ink('stroke') },
        ...(stepPath && { paths: stepPath }),
      },
    ],
  }
  const plot = new uPlot(options, [[], []], host)
  new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT })).observe(host)

  return {
    /**
     * @param {import('./samples.js').Samples} samples
     * @param {number} now
     */
    draw: (samples, now) => plot.setData(samples.ago(now)),
    /** What a person hears who does not see the plot. @param {string} text */
    describe(text) {
      if (host.ariaLabel !== text) host.ariaLabel = text
    },
  }
}
