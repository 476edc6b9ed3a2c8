import { bytes, duration, plural } from '../page/words.js'

/** Longer texts of a stranger's are cut in the log. */
const MAX_SHOWN = 80

/** @param {unknown} value */
function shown(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/**
 * What a client tells of its conversation, in words: the name of the event, and the sentence.
 *
 * @param {import('./talk-client.js').TalkClient} client
 * @param {(event: string, text: string) => void} tell
 */
export function tellConversation(client, tell) {
  const { events } = client
  events.on('invalid', ({ message, issues, paths }) => {
    const wrong = issues.map(({ message: text }, index) => `${paths[index] || 'payload'} ${text}`)
    tell(
      'invalid',
      `A message ${message.type} does not fit its schema: ${wrong.join('; ')}. No handler got it`,
    )
  })
  events.on('unknown', ({ type, payload }) =>
    tell('unknown', `A message of a type that is not known here, ${type}: ${shown(payload)}`),
  )
  events.on('raw', ({ text }) => tell('raw', `Text that is no envelope: ${shown(text)}`))
  events.on('malformed', ({ error }) => tell('malformed', error.message))
  events.on('error', ({ code, message }) => tell('error', `The server says: ${message} (${code})`))
  events.on('room', ({ room, status, error }) => {
    if (status === 'failed')
      tell('failed', `Room ${room} is closed to us: ${error?.message} (${error?.code})`)
  })
  events.on('gap', ({ rooms, fromMs, toMs }) =>
    tell(
      'gap',
      `${plural(rooms.length, 'room')} joined again. What came within ${duration(toMs - fromMs)} may have been missed`,
    ),
  )
  events.on('indoubt', ({ count }) =>
    tell('indoubt', `${plural(count, 'message')} in doubt: written, and perhaps lost with the link`),
  )
  events.on('drop', ({ type, reason }) => {
    // Presence and probes say for themselves that they are not worth keeping.
    if (reason !== 'volatile') tell('drop', `Not sent, ${reason}: ${type === 9 ? 'a file' : type}`)
  })
  events.on('incomplete', ({ receivedBytes, bytes: size, reason }) =>
    tell(
      'incomplete',
      `A file was ${reason === 'aborted' ? 'given up' : 'not completed'} at ${bytes(receivedBytes)} of ${bytes(size)}`,
    ),
  )
}
