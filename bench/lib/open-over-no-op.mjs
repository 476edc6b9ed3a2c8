import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { NoOpSocket } from './no-op-socket.mjs'

/**
 * What a Socket.IO server says first: the transport is there, and so is the namespace. Nobody pings here, so the next
 * ping is promised for long after the run.
 */
const socketIoGreetings = [
  `0${JSON.stringify({ sid: 'bench', upgrades: [], pingInterval: 3_600_000, pingTimeout: 20_000, maxPayload: 1_000_000 })}`,
  `40${JSON.stringify({ sid: 'bench' })}`,
]

/** The longest that a contender may take to make its native sockets, which some do after a timer. */
const PATIENCE_MS = 10_000

/**
 * Makes clients over no-op sockets and opens them.
 *
 * @param {import('../peers/peer.mjs').Peer} peer
 * @param {number} count
 * @param {import('../peers/peer.mjs').Listeners} [listeners]
 * @param {{ room?: number, beforeOpen?: (client: any) => void }} [also]
 * @returns {Promise<{ clients: any[], natives: NoOpSocket[] }>}
 */
export async function openOverNoOp(peer, count, listeners, { room = 0, beforeOpen = () => {} } = {}) {
  const clients = new Array(count)
  for (let index = 0; index < count; index++) {
    const target = { base: 'ws://no-op.test', behaviour: 'none', WebSocket: NoOpSocket }
    clients[index] = peer.make({ ...target, ...(room && { room }) })
    if (listeners) peer.listen(clients[index], listeners)
    beforeOpen(clients[index])
  }
  const deadline = performance.now() + PATIENCE_MS
  while (NoOpSocket.made.length < count && performance.now() < deadline) await wait(1)
  const natives = NoOpSocket.made.splice(0)
  if (natives.length !== count) throw new Error(`${peer.name} made ${natives.length} sockets for ${count}`)
  for (const native of natives) {
    native.open()
    if (peer.server === 'socket-io') for (const text of socketIoGreetings) native.receive(text)
  }
  // Let what was put off to a later turn happen: a flush, the timer of a first ping.
  await nextTurn()
  return { clients, natives }
}
