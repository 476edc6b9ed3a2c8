import { plannedWindow } from './draw-range.js'

/** @typedef {import('../../src/core/loss.ts').LossCause} Cause */

/** How long, for a person: `0.4 s`, `12 s`, `3 min 5 s`. */
export function duration(ms) {
  const seconds = ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** A number of seconds without needless zeros: `0`, `0.9`, `24`. */
export function seconds(ms) {
  return String(Math.round(ms / 100) / 10)
}

/** From where a wait was drawn: `0–3 s`. @param {import('./history.js').DrawRange} range */
export function rangeWords({ lowMs, highMs }) {
  return `${seconds(lowMs)}–${seconds(highMs)} s`
}

/** The same, as the end of a sentence. @param {import('./history.js').DrawRange | undefined} range */
export function drawWords(range) {
  if (!range) return ''
  return range.by === 'server' ? `, drawn from its ${rangeWords(range)}` : `, drawn from ${rangeWords(range)}`
}

/** The time of day, to a tenth of a second. @param {Date} date */
export function clockTime(date) {
  return `${date.toTimeString().slice(0, 8)}.${Math.floor(date.getMilliseconds() / 100)}`
}

/** The socket's clock counts whole milliseconds. */
export function milliseconds(ms) {
  return ms < 1 ? 'under 1 ms' : `${Math.round(ms)} ms`
}

export function bytes(count) {
  return count < 1_024 ? `${count} B` : `${(count / 1_024).toFixed(1)} KiB`
}

/** `1 message`, `2 messages` */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`
}

/** Numbers in ascending order as a person writes them: `#3, #7–#9`. */
export function numberList(numbers) {
  /** @type {[number, number][]} */
  const ranges = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([from, to]) => (from === to ? `#${from}` : `#${from}–#${to}`)).join(', ')
}

export function sentenceCase(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The word for each status that the socket can have. */
export const statusWords = {
  idle: 'Idle',
  connecting: 'Connecting',
  open: 'Open',
  backoff: 'Waiting',
  offline: 'Offline',
  suspended: 'Suspended',
  closing: 'Closing',
  closed: 'Closed',
  failed: 'Gave up',
}

/** What a close frame said. */
function closeWords({ code, reason }) {
  if (code === 1006) return 'the link broke'
  if (plannedWindow(reason)) return `the server said when to come back (${code})`
  return `the server closed the link with ${code}${reason && `, “${reason}”`}`
}

/** What ended a link or attempt, as the end of a sentence. @param {Cause} cause */
export function causeWords(cause) {
  const words = {
    url: 'the address could not be had',
    setup: 'the browser refused the address',
    timeout: 'the server did not answer in time',
    refused: 'the server is out of reach',
    http: `the server answered with HTTP ${cause.status}`,
    close: closeWords(cause),
    protocol: 'the server broke the protocol',
    heartbeat: 'the server stopped answering',
    wake: 'the link did not survive the sleep',
    offline: 'the network is gone',
    gate: 'the greeting failed',
    user: 'you asked for it',
  }
  return words[cause.kind]
}
