/** The queue by itself, long, against the two structures that one might take instead. */
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { openOverNoOp } from '../lib/open-over-no-op.mjs'
import { serve } from '../lib/worker.mjs'
import { loadPeer } from '../peers/index.mjs'

/** What stands behind the public face is no export of the package: it is built from its sources. */
async function importSendQueue() {
  const entry = fileURLToPath(new URL('../../src/core/send-queue.ts', import.meta.url))
  const { outputFiles } = buildSync({ entryPoints: [entry], bundle: true, write: false, format: 'esm' })
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`)
}

/**
 * A queue as it is used here: `add` at the end, `take` at the head.
 *
 * @typedef {{ add(text: string): void, take(): string | undefined }} Queue
 * @type {Record<string, () => Promise<Queue>>}
 */
const makers = {
  async 'send-queue'() {
    const { SendQueue, queueDefaults } = await importSendQueue()
    const queue = new SendQueue({ ...queueDefaults, maxCount: Infinity, maxBytes: Infinity }, { onDrop() {} })
    return { add: (text) => queue.add(text, 1), take: () => queue.shift() }
  },
  async array() {
    /** @type {string[]} */
    const items = []
    return { add: (text) => items.push(text), take: () => items.shift() }
  },
}

/** @param {number} count @param {() => void} run */
function nsEach(count, run) {
  const start = performance.now()
  run()
  return ((performance.now() - start) * 1e6) / count
}

/** @type {Queue} */
let queue
let items = 0

serve({
  /** Fills a queue up to `length`. */
  async fill({ kind, length }) {
    queue = await /** @type {() => Promise<Queue>} */ (makers[kind])()
    for (; items < length; items++) queue.add(`message ${items % 10}`)
  },

  /** One added at the end and one taken at the head, `count` times: the length stays. */
  pass({ count, size }) {
    const text = 'x'.repeat(size)
    let taken = 0
    const ns = nsEach(count, () => {
      for (let index = 0; index < count; index++) {
        queue.add(text)
        if (queue.take() !== undefined) taken++
      }
    })
    if (taken !== count) throw new Error(`${taken} of ${count} came out of the queue`)
    return { ns }
  },

  /** The same through the public face: `send` before the link is there, then the flush over a no-op socket. */
  async through({ length, size }) {
    const peer = await loadPeer('Holdfast, web build')
    const text = 'x'.repeat(size)
    let addNs = 0
    let drained = () => {}
    const done = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      drained = resolve
    })
    let openedAt = 0
    const { clients } = await openOverNoOp(peer, 1, undefined, {
      room: length,
      beforeOpen(client) {
        addNs = nsEach(length, () => {
          for (let index = 0; index < length; index++) peer.send(client, text)
        })
        client.addEventListener('drain', drained)
        client.addEventListener('open', () => {
          openedAt = performance.now()
        })
      },
    })
    await done
    const flushNs = ((performance.now() - openedAt) * 1e6) / length
    for (const client of clients) peer.close(client)
    return { addNs, flushNs }
  },
})
