/** One client over a no-op socket: what remains of a message's cost is the wrapper's own. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openOverNoOp } from '../lib/open-over-no-op.mjs'
import { serve } from '../lib/worker.mjs'
import { describe, loadPeer } from '../peers/index.mjs'

/** Between two batches the event loop turns, for contenders that write later. */
const BATCH = 1000

/** @type {import('../peers/peer.mjs').Peer} */
let peer
/** @type {any} */
let client
/** @type {import('../lib/no-op-socket.mjs').NoOpSocket} */
let native
let heard = 0

/** @param {string} text */
function sendBatch(text) {
  for (let count = 0; count < BATCH; count++) peer.send(client, text)
}

/** @param {string} text */
function receiveBatch(text) {
  for (let count = 0; count < BATCH; count++) native.receive(text)
}

/** CPU time rather than time: what else the machine does is not in it. @param {number} batches @param {(text: string) => void} run @param {string} text */
async function nsPerMessage(batches, run, text) {
  const start = process.cpuUsage()
  for (let batch = 0; batch < batches; batch++) {
    run(text)
    await nextTurn()
  }
  const { user, system } = process.cpuUsage(start)
  return ((user + system) * 1000) / (batches * BATCH)
}

serve({
  async load({ name }) {
    peer = await loadPeer(name)
    const message = (/** @type {string} */ text) => {
      heard += text.length
    }
    const { clients, natives } = await openOverNoOp(peer, 1, { message })
    client = clients[0]
    native = /** @type {any} */ (natives[0])
    return describe(peer)
  },

  async measure({ batches, size }) {
    const text = 'x'.repeat(size)
    const sentBefore = native.sent
    const out = await nsPerMessage(batches, sendBatch, text)
    if (native.sent - sentBefore < batches * BATCH)
      throw new Error(`${peer.name} did not write all it was given`)
    heard = 0
    const incoming = await nsPerMessage(batches, receiveBatch, peer.onWire?.(text) ?? text)
    if (heard !== batches * BATCH * size) throw new Error(`${peer.name} did not deliver all that came`)
    return { in: incoming, out }
  },
})
