/**
 * A short life of a socket, wherever the package was loaded: an echo, a cut, the link that follows, an echo again.
 * Gives what it saw.
 *
 * @param {typeof import('holdfast')} holdfast
 * @param {{ wsUrl: string, controlUrl: string, caseName: string }} server
 */
export async function live({ ReconnectingWebSocket, constantBackoff }, { wsUrl, controlUrl, caseName }) {
  /** @type {unknown[]} */
  const seen = []
  const socket = new ReconnectingWebSocket(`${wsUrl}/echo?case=${caseName}`, [], {
    backoff: constantBackoff(20),
    closeTimeoutMs: 500,
  })
  const next = (/** @type {'message' | 'open' | 'close'} */ type) =>
    new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }))

  const first = next('message')
  socket.send('queued before the first link')
  seen.push((await first).data)

  const lost = next('close')
  const open = next('open')
  await fetch(`${controlUrl}/case/terminate/${caseName}`, { method: 'POST', body: '{}' })
  seen.push((await lost).code)
  await open

  const second = next('message')
  socket.send(Uint8Array.of(1, 2, 3))
  seen.push((await second).data.size)

  const closed = next('close')
  socket.close(1000)
  seen.push((await closed).code, socket.status)
  return seen
}
