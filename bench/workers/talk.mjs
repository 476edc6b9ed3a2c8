/** A client process that exchanges typed messages with its server, with and without TLS. */
import { chatPayloads } from '../lib/chat-message.mjs'
import { importHoldfast } from '../lib/holdfast.mjs'
import { timed } from '../lib/timed.mjs'
import { serve } from '../lib/worker.mjs'
import { describe, loadPeer } from '../peers/index.mjs'

/** How many batches may be under way: enough to keep both sides busy, too few for any buffer to fill. */
const BATCHES_UNDER_WAY = 3

const payloads = chatPayloads()

/**
 * @typedef {{ plain: string, lean: string, socketIo: string }} Bases
 * @typedef {'take' | 'give'} Behaviour what the server does; all but the lean one do both
 * @typedef {(bases: Bases, every: number, behaviour: Behaviour) => Promise<Talker>} Open
 * @typedef {{
 *   send(type: string, payload: object): void,
 *   on(type: string, handler: (payload: any) => void): void,
 *   opened: Promise<unknown>,
 * }} Talker
 */

/** @param {string} url @returns {Promise<Talker>} */
async function openHoldfast(url) {
  const { createClient } = await importHoldfast('node')
  const client = createClient({ url })
  return {
    send: (type, payload) => void client.send(type, payload),
    on: (type, handler) => void client.on(type, ({ payload }) => handler(payload)),
    opened: new Promise((resolve) => client.socket.on('open', resolve)),
  }
}

/** @type {Record<string, Open>} */
const contenders = {
  Holdfast: async ({ plain }, every) => openHoldfast(`${plain}/?every=${every}`),
  'Holdfast, lean server': async ({ lean }, every, behaviour) =>
    openHoldfast(`${lean}/${behaviour}?every=${every}`),
  async 'raw ws and JSON'({ plain }, every) {
    const { WebSocket } = await import('ws')
    const socket = new WebSocket(`${plain}/?every=${every}`)
    /** @type {Map<string, (payload: any) => void>} */
    const handlers = new Map()
    socket.on('message', (/** @type {Buffer} */ data) => {
      const { type, payload } = JSON.parse(data.toString())
      handlers.get(type)?.(payload)
    })
    return {
      send: (type, payload) => socket.send(JSON.stringify({ type, payload })),
      on: (type, handler) => void handlers.set(type, handler),
      opened: new Promise((resolve) => socket.on('open', resolve)),
    }
  },
  async 'socket.io'({ socketIo }, every) {
    const { io } = await import('socket.io-client')
    const socket = io(socketIo, { transports: ['websocket'], forceNew: true, query: { every } })
    return {
      send: (type, payload) => void socket.emit(type, payload),
      on: (type, handler) => void socket.on(type, handler),
      opened: new Promise((resolve) => socket.on('connect', () => resolve(undefined))),
    }
  },
}

/** Who takes part in this bench alone. @type {Record<string, import('../lib/context.mjs').Description>} */
const descriptions = {
  'Holdfast, lean server': {
    name: 'Holdfast, lean server',
    settings: 'as Holdfast; a server that counts frames unread and has its own ready',
    packages: [],
    server: 'lean',
  },
  'raw ws and JSON': {
    name: 'raw ws and JSON',
    settings: 'its own events (`on`); `JSON.stringify`, `JSON.parse` and a map of handlers',
    packages: ['ws'],
    server: 'talk',
  },
}

let name = ''
/** The open connections, used again in each round. @type {Map<string, Promise<Talker>>} */
const lines = new Map()
/** What the next message means in the run that is under way. */
let heard = () => {}

/** @param {Bases} bases @param {number} every @param {Behaviour} behaviour @returns {Promise<Talker>} */
function lineTo(bases, every, behaviour) {
  const key = `${bases.plain} ${behaviour}`
  const line = lines.get(key) ?? openLine(bases, every, behaviour)
  lines.set(key, line)
  return line
}

/** @type {Open} */
async function openLine(bases, every, behaviour) {
  const open = contenders[name]
  if (!open) throw new RangeError(`There is no talker ${name}`)
  const talker = await open(bases, every, behaviour)
  talker.on('ack', () => heard())
  talker.on('chat', (payload) => {
    if (payload.id >= 0) heard()
  })
  await talker.opened
  return talker
}

/** Begins batches, a few at a time, until `answers` messages have answered each. @param {number} batches @param {number} answers @param {() => void} begin @returns {Promise<void>} */
function exchange(batches, answers, begin) {
  return new Promise((resolve) => {
    let begun = 0
    let count = 0
    const next = () => {
      if (begun++ < batches) begin()
    }
    heard = () => {
      if (++count % answers !== 0) return
      if (count === batches * answers) resolve()
      else next()
    }
    for (let index = 0; index < BATCHES_UNDER_WAY; index++) next()
  })
}

serve({
  /** @param {{ name: string }} wanted */
  async load(wanted) {
    name = wanted.name
    return descriptions[name] ?? describe(await loadPeer(name))
  },

  /** Messages a second and CPU time a message, each way alone. @param {{ bases: Bases, every: number, batches: number }} wanted */
  async measure({ bases, every, batches }) {
    const taken = await lineTo(bases, every, 'take')
    const given = await lineTo(bases, every, 'give')
    const sendBatch = () => {
      for (let index = 0; index < every; index++) {
        taken.send('chat', /** @type {object} */ (payloads[index % payloads.length]))
      }
    }
    const messages = every * batches
    const out = await timed(messages, () => exchange(batches, 1, sendBatch))
    const incoming = await timed(messages, () => exchange(batches, every, () => given.send('go', {})))
    return { out: out.rate, in: incoming.rate, 'cpu out': out.cpuUs, 'cpu in': incoming.cpuUs }
  },
})
