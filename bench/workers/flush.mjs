/** A client process that sends before the link is there, and then sees it all go. */

import { WebSocket } from 'ws'
import { serve } from '../lib/worker.mjs'
import { describe, loadPeer } from '../peers/index.mjs'

/** @type {import('../peers/peer.mjs').Peer} */
let peer

/** The longest turn of the event loop from now until `stop`, in ms. */
function watchTurns() {
  let last = performance.now()
  let longest = 0
  let going = true
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (going) setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    going = false
    turn()
    return longest
  }
}

serve({
  async load({ name }) {
    peer = await loadPeer(name)
    return describe(peer)
  },

  /** Flushes `count` messages. The time begins when the native socket opens, before any wrapper hears of it. */
  flush({ base, size, count }) {
    return new Promise((resolve) => {
      let openedAt = 0
      let stopWatching = () => 0
      class Timed extends WebSocket {
        constructor(
          /** @type {string} */ url,
          /** @type {string[]} */ protocols,
          /** @type {object} */ options,
        ) {
          super(url, protocols, options)
          this.once('open', () => {
            openedAt = performance.now()
            stopWatching = watchTurns()
          })
        }
      }
      const client = peer.make({
        base,
        behaviour: 'sink',
        query: { every: count },
        WebSocket: Timed,
        room: count,
      })
      const text = 'x'.repeat(size)
      const sendAll = () => {
        for (let sent = 0; sent < count; sent++) peer.send(client, text)
      }
      peer.listen(client, {
        ...(!peer.queues && { open: sendAll }),
        message() {
          const ms = performance.now() - openedAt
          const stallMs = stopWatching()
          peer.close(client)
          resolve({ rate: (count / ms) * 1000, stallMs })
        },
      })
      if (peer.queues) sendAll()
    })
  },
})
