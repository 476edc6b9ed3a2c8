/** A contender on a link that dies silently, in virtual time and with its default settings. */
import { mortalSockets } from '../lib/mortal-socket.mjs'
import { VirtualTime } from '../lib/virtual-time.mjs'
import { serve } from '../lib/worker.mjs'
import { describe, loadPeer } from '../peers/index.mjs'

/** Who has not found it until then never will: nobody's period is as long. */
const NEVER_MS = 600_000

const time = new VirtualTime()
// Before any contender is loaded: some keep the timers that they find then.
time.install()

/** @type {import('../peers/peer.mjs').Peer} */
let peer

/**
 * How long until a client knows that its link, which died `lifeMs` after it opened, is dead: it closes or gives up the
 * native socket, or says so. In ms; null for never.
 *
 * @param {{ rttMs: number, lifeMs: number, wake: boolean }} scene @returns {Promise<number | null>}
 */
async function timeToFind({ rttMs, lifeMs, wake }) {
  const link = { rttMs, diesAt: Infinity, socketIo: peer.server === 'socket-io' }
  /** @type {InstanceType<ReturnType<typeof mortalSockets>>[]} */
  const natives = []
  class Watched extends mortalSockets(time, link) {
    constructor(/** @type {string} */ url) {
      super(url)
      natives.push(this)
    }
  }
  let opened = false
  const client = peer.make({ base: 'ws://mortal.test', behaviour: 'none', WebSocket: Watched })
  peer.listen(client, {
    open: () => {
      opened = true
    },
  })
  await time.advanceTo(time.now + 60_000, () => opened)
  if (!opened) throw new Error(`${peer.name} did not open`)
  link.diesAt = time.now + lifeMs
  await time.advanceTo(link.diesAt)
  if (wake) client.wake()
  await time.advanceTo(link.diesAt + NEVER_MS, () => natives[0]?.readyState !== 1)
  const found = natives[0]?.readyState === 1 ? null : time.now - link.diesAt
  peer.close(client)
  await time.advanceTo(time.now + 60_000)
  return found
}

serve({
  async load({ name }) {
    peer = await loadPeer(name)
    return describe(peer)
  },
  find: timeToFind,
})
