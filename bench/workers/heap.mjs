/**
 * Many idle clients over no-op sockets. Run with --expose-gc: what is left after a collection is what they keep. Idle
 * means that the start is over, with its timers.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { openOverNoOp } from '../lib/open-over-no-op.mjs'
import { serve } from '../lib/worker.mjs'
import { describe, loadPeer } from '../peers/index.mjs'

/** @type {import('../peers/peer.mjs').Peer} */
let peer

function heapUsed() {
  if (!globalThis.gc) throw new Error('The heap is measured with --expose-gc')
  // Finalizers of the first run let the second one free more.
  for (let run = 0; run < 3; run++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

const message = () => {}

/** Bytes a client, each with one listener, the no-op socket included. @param {{ count: number, idleMs: number }} args */
async function bytesEach({ count, idleMs }) {
  const before = heapUsed()
  const { clients } = await openOverNoOp(peer, count, { message })
  await wait(idleMs)
  const bytes = (heapUsed() - before) / count
  for (const client of clients) peer.close(client)
  return { bytes }
}

serve({
  async load({ name }) {
    peer = await loadPeer(name)
    // What is made once, with the first client, is not any client's own.
    await bytesEach({ count: 10, idleMs: 0 })
    return describe(peer)
  },
  measure: bytesEach,
})
