import { element, setText } from './dom.js'
import { clockTime, duration, plural, rangeWords, statusWords } from './words.js'

/** @typedef {import('./history.js').Span} Span */

const MAX_ROWS = 20
const SUMMARY_MS = 60_000

/** What a span was. @param {Span} span */
function what({ kind, number, name = '', failed, range }) {
  switch (kind) {
    case 'attempt':
      return `Attempt ${number}${failed ? ' failed' : ''}`
    case 'link':
      return `Link ${number}`
    case 'wait':
      return `Wait before attempt ${number}${range?.by === 'server' ? ', as the server asked' : ''}`
    case 'offline':
      return 'Waiting for the network'
    case 'rest':
      return statusWords[name]
    case 'harm':
      return `You: ${name}`
  }
}

/** How long it lasted. @param {Span} span */
function howLong({ kind, from, to }, now) {
  if (kind === 'harm' && to === from) return ''
  return to > now ? 'going on' : duration(to - from)
}

/** What was drawn from what. @param {Span} span */
function draw({ delayMs, range }) {
  return delayMs !== undefined && range ? `${duration(delayMs)} from ${rangeWords(range)}` : ''
}

/** The last minute in a sentence. @param {Span[]} spans */
function summary(spans, now) {
  const of = (kind) => spans.filter((span) => span.kind === kind)
  const failed = of('attempt').filter((span) => span.failed)
  const current = spans.find(({ kind, to }) => kind !== 'harm' && to === Infinity)
  const pressed = of('harm').filter(({ from }) => from > now - SUMMARY_MS)
  const past = [
    plural(of('link').length, 'link'),
    plural(of('wait').length, 'wait'),
    plural(failed.length, 'failed attempt'),
    plural(pressed.length, 'button pressed', 'buttons pressed'),
  ].join(', ')
  if (!current) return `The last minute: ${past}.`
  return `The last minute: ${past}. Now: ${[what(current), draw(current)].filter(Boolean).join(', ')}.`
}

/**
 * The timeline in words: a label for the picture, and a table of the same spans.
 *
 * @param {import('./history.js').History} history
 */
export function createTimelineWords(history) {
  const picture = element('timeline')
  const rows = element('timeline-rows')
  const started = Date.now() - performance.now()
  let shown = -1

  /** @param {Span} span */
  function row(span, now) {
    const line = document.createElement('tr')
    line.dataset['kind'] = span.kind
    const time = clockTime(new Date(started + span.from))
    for (const text of [time, what(span), howLong(span, now), draw(span)]) {
      const cell = document.createElement('td')
      setText(cell, text)
      line.append(cell)
    }
    return line
  }

  return {
    render() {
      if (history.version === shown) return
      shown = history.version
      const now = performance.now()
      picture.ariaLabel = summary(history.after(now - SUMMARY_MS), now)
      rows.replaceChildren(
        ...history.spans
          .slice(-MAX_ROWS)
          .reverse()
          .map((span) => row(span, now)),
      )
    },
  }
}
