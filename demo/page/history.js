/** Nothing older is shown, in the drawing or in the table. */
const MAX_SPANS = 120

/**
 * The range that a wait was drawn from, and who said so.
 *
 * @typedef {object} DrawRange
 * @property {number} lowMs
 * @property {number} highMs
 * @property {'backoff' | 'server'} by
 */

/**
 * A stretch of time. `to` is infinite while it goes on.
 *
 * - `attempt`: a try, `number` in a row; `failed` once it has.
 * - `link`: an open link, the `number`th of this page.
 * - `wait`: until attempt `number`, `delayMs` long unless something ends it; drawn from `range`.
 * - `offline`: waiting for the network.
 * - `rest`: no link and no hope of one by itself; `name` is the status.
 * - `harm`: what the person did; `name` is the button's.
 *
 * @typedef {object} Span
 * @property {'attempt' | 'link' | 'wait' | 'offline' | 'rest' | 'harm'} kind
 * @property {number} from
 * @property {number} to
 * @property {number} [number]
 * @property {string} [name]
 * @property {number} [delayMs]
 * @property {DrawRange | undefined} [range]
 * @property {boolean} [failed]
 * @property {number} [row] in which of two rows a wait is drawn, in turn
 */

/** What happened when, for the timeline. Times are those of `performance.now()`, and are handed in. */
export class History {
  /** @type {Span[]} */
  spans = []
  /** Changes with each change. */
  version = 0
  /** @type {Span | undefined} */
  #current

  /** What the socket is in now. */
  get current() {
    return this.#current
  }

  /** The socket entered something else. @param {Omit<Span, 'to'>} span */
  enter(span) {
    if (this.#current) {
      this.#current.to = span.from
      if (this.#current.kind === 'attempt') this.#current.failed = span.kind !== 'link'
    }
    this.#current = this.#add({ ...span, to: Infinity })
  }

  /** The person did something that lasts until `to`. Answers the span, so that it can be ended. */
  harm(name, from, to = from) {
    return this.#add({ kind: 'harm', name, from, to })
  }

  /** @param {Span} span @param {number} at */
  end(span, at) {
    span.to = at
    this.version++
  }

  /** The spans that go on after `since`. */
  after(since) {
    return this.spans.filter(({ to }) => to >= since)
  }

  /** @param {Span} span */
  #add(span) {
    this.spans.push(span)
    if (this.spans.length > MAX_SPANS) this.spans.splice(0, this.spans.length - MAX_SPANS)
    this.version++
    return span
  }
}

/**
 * Writes down what the socket goes through.
 *
 * @param {import('./model.js').Socket} socket
 * @param {History} history
 * @param {(cause: import('./words.js').Cause, delayMs: number) => DrawRange | undefined} rangeOf
 */
export function recordSocket(socket, history, rangeOf) {
  let links = 0
  let waits = 0
  socket.on('status', ({ status, attempt, cause, delayMs = 0 }) => {
    const from = performance.now()
    if (status === 'connecting') history.enter({ kind: 'attempt', from, number: attempt })
    else if (status === 'open') history.enter({ kind: 'link', from, number: ++links })
    else if (status === 'offline') history.enter({ kind: 'offline', from })
    else if (status === 'backoff') {
      const range = cause && rangeOf(cause, delayMs)
      history.enter({ kind: 'wait', from, number: attempt + 1, delayMs, range, row: waits++ % 2 })
    } else history.enter({ kind: 'rest', from, name: status })
  })
}
