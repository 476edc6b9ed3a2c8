/**
 * What the views show of a link: the socket's snapshot and queue, and the little that only the events tell. Times are
 * those of `performance.now()`.
 *
 * @param {Socket} socket
 * @param {import('./history.js').History} history
 */
export function createModel(socket, history) {
  const model = {
    snapshot: socket.getSnapshot(),
    queued: socket.queued,
    /** How many links have opened. */
    links: 0,
    /** How long the last outage was, in milliseconds. @type {number | undefined} */
    downtimeMs: undefined,
    /** When the status was entered. */
    changedAt: performance.now(),
    /** When the next attempt is due. */
    waitUntil: 0,

    /** From where the wait that is under way was drawn. @type {import('./history.js').DrawRange | undefined} */
    range: undefined,

    /** Looks at the socket again. */
    refresh() {
      model.snapshot = socket.getSnapshot()
      model.queued = socket.queued
      model.range = history.current?.range
    },
  }
  socket.on('open', () => {
    model.links++
  })
  socket.on('reconnected', ({ downtimeMs }) => {
    model.downtimeMs = downtimeMs
  })
  socket.on('status', () => {
    model.changedAt = performance.now()
  })
  socket.on('reconnecting', ({ delayMs }) => {
    model.waitUntil = performance.now() + delayMs
  })
  return model
}

/** @typedef {import('../../src/index.ts').ReconnectingWebSocket} Socket */
/** @typedef {ReturnType<typeof createModel>} Model */
