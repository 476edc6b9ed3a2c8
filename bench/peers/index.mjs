/** The contenders by name. Each is loaded only in a process that measures it. */

/** @type {Record<string, () => Promise<import('./peer.mjs').Peer>>} */
const loaders = {
  Holdfast: async () => (await import('./holdfast.mjs')).holdfastNode(),
  'Holdfast, web build': async () => (await import('./holdfast.mjs')).holdfastWeb(),
  'raw ws': async () => (await import('./raw-ws.mjs')).rawWs,
  'raw ws, a second time': async () => (await import('./raw-ws.mjs')).rawWsAgain,
  'raw ws, corked by hand': async () => (await import('./corked-ws.mjs')).corkedWs,
  'no wrapper': async () => (await import('./bare.mjs')).bare,
  'reconnecting-websocket': async () => (await import('./reconnecting-websocket.mjs')).reconnectingWebSocket,
  partysocket: async () => (await import('./partysocket.mjs')).partysocket,
  'socket.io': async () => (await import('./socket-io.mjs')).socketIo,
}

/** @param {string} name @returns {Promise<import('./peer.mjs').Peer>} */
export async function loadPeer(name) {
  const load = loaders[name]
  if (!load) throw new RangeError(`There is no contender ${name}`)
  return load()
}

/** What the report says of a contender. @param {import('./peer.mjs').Peer} peer */
export const describe = ({ name, settings, packages, server }) => ({ name, settings, packages, server })
