/**
 * What a contender has to do. `name` is its column in the report, `settings` what differs from its defaults, and why.
 *
 * @typedef {{ base: string, behaviour: string, query?: Record<string, number>, WebSocket?: any, room?: number }} Target
 * @typedef {{ open?: () => void, message?: (text: string) => void }} Listeners
 * @typedef {{
 *   name: string,
 *   packages: readonly string[],
 *   settings: string,
 *   server: 'lean' | 'socket-io' | 'talk',
 *   queues: boolean,
 *   make(target: Target): any,
 *   listen(client: any, listeners: Listeners): void,
 *   send(client: any, text: string): void,
 *   close(client: any): void,
 *   onWire?(text: string): string,
 * }} Peer `queues`: what is sent before it is open waits. `onWire`: what a native socket has to receive so that the
 *   listener gets `text`.
 */

/** The address of a behaviour of the lean server. @param {Target} target */
export function addressOf({ base, behaviour, query = {} }) {
  return `${base}/${behaviour}?${new URLSearchParams(Object.entries(query).map(([key, value]) => [key, `${value}`]))}`
}

/** A client with the W3C face. @type {Pick<Peer, 'listen' | 'send' | 'close'>} */
export const w3cFace = {
  listen(client, { open, message }) {
    if (open) client.addEventListener('open', open)
    if (message)
      client.addEventListener('message', (/** @type {{ data: string }} */ { data }) => message(data))
  },
  send: (client, text) => client.send(text),
  close: (client) => client.close(),
}
