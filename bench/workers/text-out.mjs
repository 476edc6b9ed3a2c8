/** One way to write messages, over a socket that does nothing but count. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { chatPayloads } from '../lib/chat-message.mjs'
import { importHoldfast } from '../lib/holdfast.mjs'
import { NoOpSocket } from '../lib/no-op-socket.mjs'
import { serve } from '../lib/worker.mjs'

const BATCH = 1000
const ROOM = 'lobby'

const payloads = chatPayloads()

/** A client that is open and has joined the room. */
async function openClient() {
  const { createClient } = await importHoldfast('web')
  /** @type {any} */
  const options = { url: 'ws://no-op.test', WebSocket: NoOpSocket }
  const client = createClient(options)
  const room = client.room(ROOM)
  while (NoOpSocket.made.length === 0) await nextTurn()
  const native = /** @type {NoOpSocket} */ (NoOpSocket.made.shift())
  native.open()
  while (room.status !== 'joined') await nextTurn()
  return { client, room, native }
}

function bareSocket() {
  const native = new NoOpSocket('ws://no-op.test')
  // The lean socket takes no argument; who sends gives one all the same.
  const send = /** @type {(text: string) => void} */ (native.send.bind(native))
  return { native, send }
}

/** @type {Record<string, () => Promise<{ native: NoOpSocket, say: (payload: object) => void }>>} */
const ways = {
  async 'by hand'() {
    const { native, send } = bareSocket()
    return { native, say: (payload) => send(JSON.stringify({ type: 'chat', payload })) }
  },
  async client() {
    const { native, client } = await openClient()
    return { native, say: (payload) => void client.send('chat', payload) }
  },
  async 'by hand, to a room'() {
    const { native, send } = bareSocket()
    return {
      native,
      say: (payload) =>
        send(
          JSON.stringify({ type: 'broadcast', room: ROOM, payload: { type: 'chat', room: ROOM, payload } }),
        ),
    }
  },
  async 'client, to a room'() {
    const { native, room } = await openClient()
    return { native, say: (payload) => void room.send('chat', payload) }
  },
}

/** @type {{ native: NoOpSocket, say: (payload: object) => void }} */
let way

serve({
  /** @param {{ name: string }} wanted */
  async load({ name }) {
    const open = ways[name]
    if (!open) throw new RangeError(`There is no way ${name}`)
    way = await open()
  },

  async measure({ batches }) {
    const { native, say } = way
    const before = native.sent
    const start = process.cpuUsage()
    for (let batch = 0; batch < batches; batch++) {
      for (let count = 0; count < BATCH; count++) {
        say(/** @type {object} */ (payloads[count % payloads.length]))
      }
      await nextTurn()
    }
    const { user, system } = process.cpuUsage(start)
    const written = native.sent - before
    if (written < batches * BATCH) throw new Error(`Of ${batches * BATCH} messages ${written} were written`)
    return { ns: ((user + system) * 1000) / (batches * BATCH) }
  },
})
