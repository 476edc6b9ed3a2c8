/** How long, for a person: `0.4 s`, `12 s`, `3 min 5 s`. */
export function duration(ms) {
  const seconds = ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
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

/** What ended a link or attempt, as the end of a sentence. @param {import('../../src/core/loss.ts').LossCause} cause */
export function causeWords({ kind, code, reason, status }) {
  const words = {
    url: 'the address could not be had',
    setup: 'the browser refused the address',
    timeout: 'the server did not answer in time',
    refused: 'the server is out of reach',
    http: `the server answered with HTTP ${status}`,
    close:
      code === 1006
        ? 'the link broke'
        : `the server closed the link with ${code}${reason && `, “${reason}”`}`,
    heartbeat: 'the server stopped answering',
    wake: 'the link did not survive the sleep',
    offline: 'the network is gone',
    gate: 'the greeting failed',
    user: 'you asked for it',
  }
  return words[kind]
}
