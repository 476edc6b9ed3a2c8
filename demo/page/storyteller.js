import { causeWords, drawWords, duration, numberList, plural } from './words.js'

/** The numbers of messages as the socket hands them back. */
export function numbersIn(messages) {
  return messages.map((message) => JSON.parse(String(message)).payload.number)
}

/** @typedef {import('./log-view.js').Log} Log */

/**
 * Tells the log what the socket tells.
 *
 * @param {import('./model.js').Socket} socket
 * @param {import('./history.js').History} history
 * @param {Log} log
 */
export function tellEvents(socket, history, log) {
  let links = 0
  let linked = false
  socket.on('status', ({ status, attempt }) => {
    if (status === 'connecting') log.add('connecting', `Attempt ${attempt} begins`)
    if (status === 'offline') log.add('offline', 'The network is gone')
    if (status === 'suspended') log.add('suspended', 'The page sleeps, and with it the socket')
  })
  socket.on('open', () => {
    linked = true
    log.add('open', `Link ${++links} is open`)
  })
  socket.on('close', ({ cause }) => {
    const broke = cause.kind === 'close' && cause.code === 1006
    const what = linked ? `Link ${links} is gone` : 'The attempt failed'
    log.add('close', linked && broke ? `Link ${links} broke` : `${what}: ${causeWords(cause)}`)
    linked = false
  })
  socket.on('reconnecting', ({ attempt, delayMs }) =>
    log.add('reconnecting', `Attempt ${attempt} in ${duration(delayMs)}${drawWords(history.current?.range)}`),
  )
  socket.on('reconnected', ({ downtimeMs }) => log.add('reconnected', `Back after ${duration(downtimeMs)}`))
  socket.on('drain', () => log.add('drain', 'The queue is empty again'))
  socket.on('failed', ({ error }) => log.add('failed', `Gave up: ${error.message}`))
  socket.on('heartbeat', ({ status }) =>
    log.add(
      'heartbeat',
      status === 'verified' ? 'The server answers pings' : 'The server is silent, which proves nothing yet',
    ),
  )
}

/**
 * Tells what the socket holds for uncertain, and how much of it the server has counted already.
 *
 * @param {Log} log
 * @param {readonly number[]} numbers what the socket told
 * @param {readonly number[]} open those of them that the server has not counted
 */
export function tellDoubt(log, numbers, open) {
  const all = `${plural(numbers.length, 'message')} in doubt, ${numberList(numbers)}`
  if (open.length === 0)
    log.add('indoubt', `${all}; the server had counted ${numbers.length === 1 ? 'it' : 'them all'}`)
  else if (open.length === numbers.length) log.add('indoubt', all)
  else log.add('indoubt', `${all}; all but ${numberList(open)} had been counted`)
}

/** Tells what became of them. */
export function tellSettled(log, { arrived, lost }) {
  if (arrived.length > 0) log.add('settled', `The server has ${numberList(arrived)} after all`)
  if (lost.length > 0) log.add('lost', `${numberList(lost)} did not arrive, as was feared`)
}
