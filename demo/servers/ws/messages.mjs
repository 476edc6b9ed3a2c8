/**
 * What the server does with each message. Text is an envelope `{ type, room?, payload?, id? }`; binary is a uint32
 * type in network byte order, then anything.
 */

/** @typedef {import('./rooms.mjs').Rooms} Rooms */
/** @typedef {import('ws').WebSocket} Socket */
/**
 * The payload is kept as JSON text, because that is how it goes on. `isForged` says that it would look like the server's own
 * word.
 *
 * @typedef {{ type: string, room: string | undefined, payload: string, isForged: boolean, id: string | undefined }} Envelope
 */

/** A reader who lags behind by this much is let go: what waits for it lies in our memory. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024
const CLOSED_ROOM = 'forbidden'

/** @param {Socket} socket @param {Buffer} data @param {boolean} binary @param {Rooms} rooms */
export function handleMessage(socket, data, binary, rooms) {
  if (binary) relayFrame(socket, data, rooms)
  else handleText(socket, data.toString(), rooms)
}

/** @param {Socket} socket @param {string} text @param {Rooms} rooms */
function handleText(socket, text, rooms) {
  const message = parseEnvelope(text)
  if (message === undefined) refuse(socket, {}, 'bad_message', 'This is no JSON object with a type')
  else if (Object.hasOwn(actions, message.type)) actions[message.type]?.(socket, message, rooms)
  else if (message.id !== undefined && !asksNothing.has(message.type)) {
    refuse(socket, message, 'unknown_type', `There is no request ${message.type}`)
  }
}

/** Answers to something that we said. */
const asksNothing = new Set(['pong', 'error'])

/** @type {Record<string, (socket: Socket, message: Envelope, rooms: Rooms) => void>} */
const actions = {
  ping(socket, { id }) {
    say(socket, { type: 'pong', id })
  },

  join(socket, message, rooms) {
    if (!message.room) refuse(socket, message, 'bad_message', 'join names no room')
    else if (message.room === CLOSED_ROOM) refuse(socket, message, 'forbidden', 'Nobody may enter this room')
    else rooms.join(message.room, socket)
  },

  leave(socket, message, rooms) {
    if (message.room) rooms.leave(message.room, socket)
    else refuse(socket, message, 'bad_message', 'leave names no room')
  },

  /** The members get the bare payload, and the sender does too if it is one of them. */
  broadcast(socket, message, rooms) {
    if (!message.room) refuse(socket, message, 'bad_message', 'broadcast names no room')
    else if (message.isForged) refuse(socket, message, 'forbidden', 'This type is for the server to say')
    else relay(message.payload, rooms.membersOf(message.room))
  },

  'time.get'(socket, { id }) {
    say(socket, { type: 'time.get', id, payload: { now: new Date().toISOString() } })
  },
}

/** @param {Socket} socket @param {Buffer} frame @param {Rooms} rooms */
function relayFrame(socket, frame, rooms) {
  if (frame.length < 4) refuse(socket, {}, 'bad_message', 'A binary message begins with a type of 4 bytes')
  else relay(frame, rooms.membersOf('binary-stream', `binary:${frame.readUInt32BE()}`))
}

/** @param {string | Buffer} data @param {Iterable<Socket>} members */
function relay(data, members) {
  for (const member of members) write(member, data)
}

/** @param {Socket} socket @param {Partial<Envelope>} cause @param {string} code @param {string} message */
function refuse(socket, { id, room }, code, message) {
  say(socket, { type: 'error', id, ref: id, room, payload: { code, message, retryable: false } })
}

/** @param {Socket} socket @param {object} envelope */
function say(socket, envelope) {
  write(socket, JSON.stringify(envelope))
}

/** @param {Socket} socket @param {string | Buffer} data */
function write(socket, data) {
  if (socket.bufferedAmount > MAX_BACKLOG_BYTES) socket.terminate()
  else socket.send(data)
}

/** @param {string} text @returns {Envelope | undefined} */
function parseEnvelope(text) {
  try {
    const value = JSON.parse(text)
    const { type, room, id } = value
    if (typeof type !== 'string' || !isTextOrNothing(room) || !isTextOrNothing(id)) return undefined
    const payload = JSON.stringify(value.payload ?? null)
    return { type, room: room ?? undefined, id: id ?? undefined, payload, isForged: isForged(value.payload) }
  } catch {
    // No JSON, or `null`, which has no members, or nested so deeply that it cannot be written again.
    return undefined
  }
}

/**
 * Whether a client that got this bare would take it for the server's own word. Clients read names in any case, and some
 * read a list as several messages. Of the protocol's own types only pieces of a message may come from another client.
 *
 * @param {unknown} payload
 * @returns {boolean}
 */
function isForged(payload) {
  if (typeof payload !== 'object' || payload === null) return false
  if (Array.isArray(payload)) return payload.some((item) => !Array.isArray(item) && isForged(item))
  return Object.entries(payload).some(([name, value]) => name.toLowerCase() === 'type' && isReserved(value))
}

const reserved = new Set(['error', 'ping', 'pong', 'join', 'leave', 'broadcast'])
const relayed = new Set(['$fragment', '$abort'])

/** @param {unknown} type */
function isReserved(type) {
  return typeof type === 'string' && (reserved.has(type) || (type.startsWith('$') && !relayed.has(type)))
}

/** @param {unknown} value */
function isTextOrNothing(value) {
  return value === undefined || value === null || typeof value === 'string'
}
