/** A client process: one contender on real links. It stays up over all rounds, so that its code is warm. */

import { timed } from '../lib/timed.mjs'
import { serve } from '../lib/worker.mjs'
import { describe, loadPeer } from '../peers/index.mjs'

/** How many batches may be under way: enough to keep both sides busy, too few for any buffer to fill. */
const BATCHES_UNDER_WAY = 3

/** @type {import('../peers/peer.mjs').Peer} */
let peer

/** @type {Map<string, Promise<Line>>} */
const lines = new Map()

/** One open connection, used again in each round. @typedef {{ client: any, hear: (text: string) => void }} Line */

/** @param {import('../peers/peer.mjs').Target} target @returns {Promise<Line>} */
function lineTo(target) {
  const key = JSON.stringify(target)
  const known = lines.get(key)
  if (known) return known
  const line = new Promise((/** @type {(line: Line) => void} */ resolve) => {
    const client = peer.make(target)
    /** @type {Line} */
    const made = { client, hear: () => {} }
    peer.listen(client, { open: () => resolve(made), message: (text) => made.hear(text) })
  })
  lines.set(key, line)
  return line
}

serve({
  async load({ name }) {
    peer = await loadPeer(name)
    return describe(peer)
  },

  /** Sends `batches` of `every` messages of `size` bytes; the server answers each batch. */
  async out({ base, size, every, batches }) {
    const line = await lineTo({ base, behaviour: 'sink', query: { every } })
    const text = 'x'.repeat(size)
    const sendBatch = () => {
      for (let count = 0; count < every; count++) peer.send(line.client, text)
    }
    return timed(batches * every, () => exchange(line, batches, 1, sendBatch))
  },

  /** Receives `batches` of `every` messages of `size` bytes, each asked for by a message. */
  async in({ base, size, every, batches }) {
    const line = await lineTo({ base, behaviour: 'source', query: { every, size } })
    return timed(batches * every, () => exchange(line, batches, every, () => peer.send(line.client, 'go')))
  },

  /** One message there and back at a time. */
  async echo({ base, size, count }) {
    const line = await lineTo({ base, behaviour: 'echo' })
    const text = 'x'.repeat(size)
    /** @type {number[]} */
    const trips = []
    for (let trip = 0; trip < count; trip++) {
      const start = performance.now()
      await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
        line.hear = resolve
        peer.send(line.client, text)
      })
      trips.push(performance.now() - start)
    }
    return trips
  },
})

/**
 * Begins batches, a few at a time, until all are answered.
 *
 * @param {Line} line @param {number} batches @param {number} answers messages that answer a batch
 * @param {() => void} begin
 * @returns {Promise<void>}
 */
function exchange(line, batches, answers, begin) {
  return new Promise((resolve) => {
    let begun = 0
    let heard = 0
    const next = () => {
      if (begun >= batches) return
      begun++
      begin()
    }
    line.hear = () => {
      if (++heard % answers !== 0) return
      if (heard === batches * answers) resolve()
      else next()
    }
    for (let count = 0; count < BATCHES_UNDER_WAY; count++) next()
  })
}
