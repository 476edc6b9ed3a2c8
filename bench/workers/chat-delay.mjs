/** A client that uploads and chats at the same time. */
import { setTimeout as wait } from 'node:timers/promises'
import { importHoldfast } from '../lib/holdfast.mjs'
import { sharedNow } from '../lib/shared-clock.mjs'
import { serve } from '../lib/worker.mjs'

const CHAT_BYTES = 100
const PIECE_BYTES = 16 * 1024
/** How much a program lets wait that goes by `bufferedAmount`, and how often it looks. */
const BUFFER_BYTES = 64 * 1024
const LOOK_MS = 5
/** How long a client has been open before it uploads, so that it knows its line. */
const SETTLE_MS = 500

/**
 * @typedef {{
 *   upload(bytes: Uint8Array): void,
 *   send(type: string, payload: object): void,
 *   hear(type: string, handler: (payload: any) => void): void,
 *   close(): void,
 * }} Uploader
 */

/** @param {'pingFrames' | 'envelopeHeartbeat'} heartbeat */
const holdfastWith =
  (heartbeat) =>
  /** @param {{ lean: number }} ports @returns {Promise<Uploader>} */
  async ({ lean }) => {
    const holdfast = await importHoldfast('node')
    const client = holdfast.createClient({
      url: `ws://127.0.0.1:${lean}`,
      heartbeat: holdfast[heartbeat](),
      fragments: holdfast.fragments(),
    })
    await new Promise((resolve) => client.socket.on('open', resolve, { once: true }))
    return {
      upload: (bytes) => void client.binary(7).send(bytes),
      send: (type, payload) => void client.send(type, payload),
      hear: (type, handler) => void client.on(type, ({ payload }) => handler(payload)),
      close: () => client.close(),
    }
  }

/** @param {(socket: import('ws').WebSocket, bytes: Uint8Array) => unknown} upload */
const rawWith =
  (upload) =>
  /** @param {{ lean: number }} ports @returns {Promise<Uploader>} */
  async ({ lean }) => {
    const { WebSocket } = await import('ws')
    const socket = new WebSocket(`ws://127.0.0.1:${lean}`)
    await new Promise((resolve) => socket.on('open', resolve))
    /** @type {Map<string, (payload: any) => void>} */
    const handlers = new Map()
    socket.on('message', (/** @type {Buffer} */ data) => {
      const { type, payload } = JSON.parse(data.toString())
      handlers.get(type)?.(payload)
    })
    return {
      upload: (bytes) => void upload(socket, bytes),
      send: (type, payload) => socket.send(JSON.stringify({ type, payload })),
      hear: (type, handler) => void handlers.set(type, handler),
      close: () => socket.close(),
    }
  }

/** @type {Record<string, (ports: { lean: number, 'socket-io': number }) => Promise<Uploader>>} */
const contenders = {
  Holdfast: holdfastWith('pingFrames'),
  'Holdfast, envelope heartbeat': holdfastWith('envelopeHeartbeat'),
  'raw ws, one message': rawWith((socket, bytes) => socket.send(bytes)),
  'raw ws, pieces by bufferedAmount': rawWith(async (socket, bytes) => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      while (socket.bufferedAmount > BUFFER_BYTES) await wait(LOOK_MS)
      socket.send(bytes.subarray(at, at + PIECE_BYTES))
    }
  }),
  async 'socket.io'(ports) {
    const { io } = await import('socket.io-client')
    const socket = io(`ws://127.0.0.1:${ports['socket-io']}`, { transports: ['websocket'], forceNew: true })
    await new Promise((resolve) => socket.on('connect', () => resolve(undefined)))
    return {
      upload: (bytes) => void socket.emit('upload', bytes),
      send: (type, payload) => void socket.emit(type, payload),
      hear: (type, handler) => void socket.on(type, handler),
      close: () => void socket.disconnect(),
    }
  },
}

/** A payload that makes a message of `CHAT_BYTES`. @param {object} more */
function chat(more) {
  const payload = { sent: sharedNow(), ...more, text: '' }
  const missing = CHAT_BYTES - JSON.stringify({ type: 'chat', payload }).length
  return { ...payload, text: 'x'.repeat(Math.max(0, missing)) }
}

serve({
  /** @param {{ name: string, ports: { lean: number, 'socket-io': number }, bytes: number, everyMs: number }} wanted */
  async measure({ name, ports, bytes, everyMs }) {
    const open = contenders[name]
    if (!open) throw new RangeError(`There is no uploader ${name}`)
    const client = await open(ports)
    await wait(SETTLE_MS)
    const result = new Promise(
      (/** @type {(of: { delays: number[], completeAt: number }) => void} */ resolve) =>
        client.hear('result', resolve),
    )
    let isComplete = false
    client.hear('complete', () => {
      isComplete = true
    })
    client.send('begin', { bytes })
    const start = sharedNow()
    client.upload(new Uint8Array(bytes).fill(7))
    while (!isComplete) {
      client.send('chat', chat({}))
      await wait(everyMs)
    }
    client.send('chat', chat({ last: true }))
    const { delays, completeAt } = await result
    client.close()
    // The last one has nothing before it.
    return { delays: delays.slice(0, -1), uploadMs: completeAt - start }
  },
})
