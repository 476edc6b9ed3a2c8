/**
 * The entry for Node: the same names as `index.ts`, on `ws`.
 *
 * @packageDocumentation
 */
export { createClient } from './client/create-client.node.ts'
export { ReconnectingWebSocket } from './core/reconnecting-web-socket.node.ts'
export * from './index.ts'
