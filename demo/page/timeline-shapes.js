import { place, svg } from './svg.js'
import { lanes } from './timeline-scale.js'
import { duration, rangeWords, statusWords } from './words.js'

/** @typedef {import('./history.js').Span} Span @typedef {import('./timeline-scale.js').View} View */

/** About as wide as a letter of a label is. */
const LETTER = 6.2
/** An attempt takes some milliseconds; it is to be seen all the same. */
const MIN_WIDTH = 5
const WAIT_ROW = 22

/** A bar over a stretch of time, within what is seen: a label in it can then not leave the picture. */
function reach({ from, to }, view, end = Math.min(to, view.now)) {
  const right = view.x(Math.max(from, end))
  const left = Math.max(view.x(from), Math.min(view.left - 10, right))
  return { left, right, width: Math.max(right - left, 0) }
}

/** Shows a label if there is room for it. */
function label(node, text, x, room) {
  if (node.textContent !== text) node.textContent = text
  place(node, { x, visibility: text.length * LETTER <= room ? 'visible' : 'hidden' })
}

/** A bar in the lane of the link, with a label that stays in view. */
function bar(group, className, pattern) {
  const { top, height } = lanes.link
  const rect = svg('rect', { class: className, y: top, height, rx: 5 }, group)
  if (pattern) place(rect, { fill: `url(#${pattern})` })
  const text = svg('text', { class: `${className}-label`, y: top + height / 2 + 4 }, group)
  return (span, view, words) => {
    const { left, right, width } = reach(span, view)
    place(rect, { x: left, width: Math.max(width, 2) })
    const start = Math.max(left, view.left) + 8
    label(text, words, start, right - start - 4)
  }
}

function link(group) {
  const draw = bar(group, 't-link')
  return (span, view) => draw(span, view, `Link ${span.number}`)
}

function offline(group) {
  const draw = bar(group, 't-offline', 'pattern-offline')
  return (span, view) => draw(span, view, 'Offline')
}

function rest(group) {
  const draw = bar(group, 't-rest')
  return (span, view) => draw(span, view, statusWords[span.name ?? 'closed'])
}

/** A narrow striped bar; a cross above it once it has failed. */
function attempt(group) {
  const { top, height } = lanes.link
  const rect = svg('rect', { class: 't-attempt', y: top, height, fill: 'url(#pattern-attempt)' }, group)
  const cross = svg('path', { class: 't-failed', d: 'm-4-4 8 8m0-8-8 8' }, group)
  return (span, view) => {
    const { right, width } = reach(span, view)
    const shown = Math.max(width, MIN_WIDTH)
    place(rect, { x: right - shown, width: shown })
    const visibility = span.failed ? 'visible' : 'hidden'
    place(cross, { transform: `translate(${(right - shown / 2).toFixed(1)} ${top - 8})`, visibility })
  }
}

/** The range that the wait was drawn from, the wait itself as it runs, and a diamond where the draw fell. */
function wait(group) {
  const band = svg('rect', { height: 16, rx: 3 }, group)
  const plan = svg('path', { class: 't-plan' }, group)
  const run = svg('path', { class: 't-run' }, group)
  const draw = svg('path', { class: 't-draw', d: 'm0-5.5 5.5 5.5-5.5 5.5-5.5-5.5z' }, group)
  const text = svg('text', { class: 't-wait-label' }, group)
  return (span, view, room) => {
    const {
      from,
      to,
      row = 0,
      delayMs = 0,
      range = { lowMs: delayMs, highMs: delayMs, by: 'backoff' },
    } = span
    const planned = range.by === 'server'
    // Two rows, in turn: a range reaches beyond its draw, to where the next wait is already running.
    const middle = lanes.wait.top + 12 + row * WAIT_ROW
    const [left, right] = [view.x(from + range.lowMs), view.x(from + range.highMs)]
    const drawn = view.x(from + delayMs)
    place(band, {
      class: planned ? 't-planned' : 't-range',
      fill: `url(#pattern-${planned ? 'planned' : 'range'})`,
      x: left,
      width: Math.max(right - left, 2),
      y: middle - 8,
    })
    place(plan, { d: `M${view.x(from)} ${middle}H${drawn}` })
    place(run, { d: `M${view.x(from)} ${middle}H${view.x(Math.min(to, view.now))}` })
    place(draw, { transform: `translate(${drawn.toFixed(1)} ${middle})` })
    const words =
      to === Infinity && view.wide ? `${duration(delayMs)} of ${rangeWords(range)}` : duration(delayMs)
    const after = Math.max(right, drawn) + 8
    const width = words.length * LETTER
    // On a wide screen there is room before it, too.
    const before = view.wide && after + width > view.right
    label(text, words, before ? view.x(from) - 8 - width : after, before ? width : room - after)
    place(text, { y: middle + 4 })
  }
}

/** A flag where it began, and a bar as long as it lasts. */
function harm(group) {
  const { top, height } = lanes.harm
  const rect = svg('rect', { class: 't-harm', y: top, height, rx: 3 }, group)
  const flag = svg('path', { class: 't-flag' }, group)
  const text = svg('text', { class: 't-harm-label', y: top + 14 }, group)
  return (span, view, room) => {
    const { left, width } = reach(span, view, span.to === Infinity ? view.now : span.to)
    place(rect, { x: left, width })
    const start = view.x(span.from)
    place(flag, { d: `M${start} ${top}v${height}m0-${height}l7 4-7 4` })
    const words = Math.max(start + 10, view.left + 4)
    label(text, span.name ?? '', words, Math.max(room - 6, left + width) - words)
  }
}

/**
 * How each kind of span is drawn: given an empty group, a function that draws the span into it, now and again. The last
 * parameter is where the next thing beside it begins.
 *
 * @type {Record<Span['kind'], (group: SVGGElement) => (span: Span, view: View, room: number) => void>}
 */
export const shapes = { link, attempt, wait, offline, rest, harm }
