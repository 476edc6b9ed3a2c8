import { importHoldfast } from '../lib/holdfast.mjs'
import { addressOf, w3cFace } from './peer.mjs'

/**
 * @param {'node' | 'web'} platform @param {string} name @param {string} settings
 * @returns {Promise<import('./peer.mjs').Peer>}
 */
async function holdfastOn(platform, name, settings) {
  const { ReconnectingWebSocket } = await importHoldfast(platform)
  return {
    ...w3cFace,
    name,
    packages: ['eventemitter3', 'isomorphic-ws', 'ws'],
    settings,
    server: 'lean',
    queues: true,
    make({ WebSocket, room, ...target }) {
      // As somebody has it who changes nothing: without a third argument.
      if (!WebSocket && !room) return new ReconnectingWebSocket(addressOf(target))
      return new ReconnectingWebSocket(addressOf(target), [], {
        ...(WebSocket && { WebSocket }),
        ...(room && { queue: { maxCount: room, maxBytes: Infinity } }),
      })
    },
  }
}

export const holdfastNode = () =>
  holdfastOn('node', 'Holdfast', 'defaults, the heartbeat too; a larger queue where 100,000 wait')
export const holdfastWeb = () =>
  holdfastOn('web', 'Holdfast, web build', 'defaults; the no-op socket as the option `WebSocket`')
