/**
 * Turns an upgrade away, as a server does that is up but lets nobody in.
 *
 * @param {import('node:stream').Duplex} stream
 * @param {string} status
 */
export function turnAway(stream, status) {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy())
}
