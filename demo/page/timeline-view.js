import { element } from './dom.js'
import { place, svg } from './svg.js'
import { axisTop, height, lanes, scaleFor, viewAt } from './timeline-scale.js'
import { shapes } from './timeline-shapes.js'

const TICK_MS = 10_000

/** What does not scroll: the names of the lanes, the axis, the present. */
function drawFrame(frame, { width, pastMs, futureMs, perMs, nowX }) {
  frame.replaceChildren()
  for (let ms = -pastMs + TICK_MS; ms < futureMs; ms += TICK_MS) {
    const x = nowX + ms * perMs
    if (ms !== 0) svg('path', { class: 't-grid', d: `M${x} 14V${axisTop}` }, frame)
    const text = svg('text', { class: 't-tick', x, y: axisTop + 15, 'text-anchor': 'middle' }, frame)
    text.textContent = ms === 0 ? 'now' : `${ms > 0 ? '+' : '−'}${Math.abs(ms) / 1_000} s`
  }
  for (const { name, top } of Object.values(lanes)) {
    svg('text', { class: 't-lane', x: 0, y: top - 6 }, frame).textContent = name
  }
  svg('path', { class: 't-base', d: `M0 ${lanes.link.top + lanes.link.height / 2}H${width}` }, frame)
}

/**
 * Attempts, links and waits as they scroll by, with what is planned to the right of the present.
 *
 * @param {import('./history.js').History} history
 */
export function createTimelineView(history) {
  const root = element('timeline')
  const picture = svg('svg', { height, 'aria-hidden': 'true' }, root)
  const frame = svg('g', {}, picture)
  const world = svg('g', {}, picture)
  const present = svg('path', { class: 't-now' }, picture)
  /** @type {Map<import('./history.js').Span, { group: SVGGElement, draw: ReturnType<typeof shapes.link> }>} */
  const drawn = new Map()
  let scale = scaleFor(root.clientWidth)

  function refit() {
    scale = scaleFor(root.clientWidth)
    place(picture, { width: scale.width })
    place(present, { d: `M${scale.nowX} 6V${axisTop + 2}` })
    drawFrame(frame, scale)
  }
  refit()
  new ResizeObserver(refit).observe(root)

  function drawingOf(span) {
    const known = drawn.get(span)
    if (known) return known
    const group = svg('g', { 'data-kind': span.kind }, world)
    const drawing = { group, draw: shapes[span.kind](group) }
    drawn.set(span, drawing)
    return drawing
  }

  return {
    /** @param {number} now */
    draw(now) {
      const view = viewAt(scale, now)
      place(world, { transform: `translate(${(-view.left).toFixed(2)} 0)` })
      // A range reaches beyond the end of its wait: it is seen for as long again.
      const spans = history.after(now - 2 * scale.pastMs)
      /** Where the last thing beside a span begins, from right to left. */
      const rooms = {}
      for (const span of [...spans].reverse()) {
        const beside = `${span.kind} ${span.row ?? ''}`
        drawingOf(span).draw(span, view, rooms[beside] ?? view.right)
        rooms[beside] = view.x(span.from)
      }
      for (const [span, { group }] of drawn) {
        if (spans.includes(span)) continue
        group.remove()
        drawn.delete(span)
      }
    },
  }
}
