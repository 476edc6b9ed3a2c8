/** One way to read text messages, over a socket that does nothing: parsed, checked, and brought to one handler by type. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { chatTexts, MESSAGE_BYTES } from '../lib/chat-message.mjs'
import { importHoldfast } from '../lib/holdfast.mjs'
import { NoOpSocket } from '../lib/no-op-socket.mjs'
import { serve } from '../lib/worker.mjs'

const BATCH = 1000

/**
 * The schema of the payload in the words of each library. Each module is loaded only where it is measured.
 *
 * @type {Record<string, () => Promise<any>>}
 */
const schemas = {
  async 'zod/mini'() {
    const z = await import('zod/mini')
    return z.object({
      id: z.number(),
      from: z.object({ id: z.string(), name: z.string() }),
      text: z.string(),
      tags: z.array(z.string()),
      edited: z.boolean(),
      sent: z.number(),
    })
  },
  async zod() {
    const { z } = await import('zod')
    return z.object({
      id: z.number(),
      from: z.object({ id: z.string(), name: z.string() }),
      text: z.string(),
      tags: z.array(z.string()),
      edited: z.boolean(),
      sent: z.number(),
    })
  },
  async valibot() {
    const v = await import('valibot')
    return v.object({
      id: v.number(),
      from: v.object({ id: v.string(), name: v.string() }),
      text: v.string(),
      tags: v.array(v.string()),
      edited: v.boolean(),
      sent: v.number(),
    })
  },
  async arktype() {
    const { type } = await import('arktype')
    return type({
      id: 'number',
      from: { id: 'string', name: 'string' },
      text: 'string',
      tags: 'string[]',
      edited: 'boolean',
      sent: 'number',
    })
  },
}

const texts = chatTexts()
let heard = 0
/** @param {{ payload: any }} message */
const hear = ({ payload }) => {
  heard += payload.text.length + payload.from.id.length
}

/** What does nothing but parse. @returns {NoOpSocket} */
function bareSocket() {
  const native = new NoOpSocket('ws://no-op.test')
  native.onmessage = (/** @type {{ data: string }} */ { data }) => hear(JSON.parse(data))
  return native
}

/** @param {any} schema @returns {Promise<NoOpSocket>} */
async function clientSocket(schema) {
  const { createClient } = await importHoldfast('web')
  /** @type {any} */
  const options = {
    url: 'ws://no-op.test',
    WebSocket: NoOpSocket,
    ...(schema && { messages: { chat: schema } }),
  }
  const client = createClient(options)
  client.on('chat', /** @type {any} */ (hear))
  client.events.on('invalid', ({ paths }) => {
    throw new Error(`The bench's own message does not fit: ${paths}`)
  })
  client.open()
  while (NoOpSocket.made.length === 0) await nextTurn()
  const native = /** @type {NoOpSocket} */ (NoOpSocket.made.shift())
  native.open()
  await nextTurn()
  return native
}

/** @type {NoOpSocket} */
let native

serve({
  /** @param {{ client: boolean, schema?: string }} contender */
  async load({ client, schema }) {
    native = client ? await clientSocket(schema && (await schemas[schema]?.())) : bareSocket()
  },

  async measure({ batches }) {
    heard = 0
    const start = process.cpuUsage()
    for (let batch = 0; batch < batches; batch++) {
      for (let count = 0; count < BATCH; count++) {
        native.receive(/** @type {string} */ (texts[count % texts.length]))
      }
      await nextTurn()
    }
    const { user, system } = process.cpuUsage(start)
    // Less than any text is long: enough to see that none was left out.
    if (heard < batches * BATCH * 30)
      throw new Error(`Not all of ${batches * BATCH} x ${MESSAGE_BYTES} B came`)
    return { ns: ((user + system) * 1000) / (batches * BATCH) }
  },
})
