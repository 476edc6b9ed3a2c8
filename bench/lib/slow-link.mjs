/**
 * A TCP proxy that is a slow line: bytes leave it at a rate, and arrive some time after. Like a router it holds only
 * so much; then it stops reading, and the kernels before it fill up, as they do in front of a real line.
 */
import net from 'node:net'

/** What waits for the line at most: some 200 ms' worth at 10 Mbit/s, as routers have it. */
const HELD_BYTES = 256 * 1024
/** What leaves at once: 1 ms' worth at 10 Mbit/s, which is as fine as timers are. */
const SLICE_BYTES = 1_250
const HOST = '127.0.0.1'

/** @typedef {{ bytesPerSecond: number, latencyMs: number }} Line */

/** One direction. */
class Lane {
  /** In order of arrival. @type {{ bytes: Buffer, leftAt: number, dueAt: number }[]} */
  #slices = []
  #held = 0
  #freeAt = 0
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #from
  #to
  #line

  /** @param {net.Socket} from @param {net.Socket} to @param {Line} line */
  constructor(from, to, line) {
    this.#from = from
    this.#to = to
    this.#line = line
    from.on('data', (/** @type {Buffer} */ bytes) => this.#take(bytes))
    from.on('close', () => this.#end())
    from.on('error', () => this.#end())
  }

  /** @param {Buffer} bytes */
  #take(bytes) {
    const { bytesPerSecond, latencyMs } = this.#line
    this.#freeAt = Math.max(this.#freeAt, performance.now())
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES)
      this.#freeAt += (slice.length / bytesPerSecond) * 1000
      this.#slices.push({ bytes: slice, leftAt: this.#freeAt, dueAt: this.#freeAt + latencyMs })
    }
    this.#held += bytes.length
    this.#pump()
  }

  #pump() {
    const now = performance.now()
    let due = 0
    while ((this.#slices[due]?.dueAt ?? Infinity) <= now) due++
    for (const { bytes } of this.#slices.splice(0, due)) this.#to.write(bytes)
    // What has left the line and is on its way is not in the router any more.
    this.#held = this.#slices.reduce((sum, { bytes, leftAt }) => sum + (leftAt > now ? bytes.length : 0), 0)
    if (this.#held > HELD_BYTES) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
    clearTimeout(this.#timer)
    const next = this.#slices[0]
    if (next) this.#timer = setTimeout(() => this.#pump(), Math.max(1, next.dueAt - now))
  }

  #end() {
    clearTimeout(this.#timer)
    this.#slices = []
    this.#from.destroy()
    this.#to.destroy()
  }
}

/**
 * @param {Line & { targetPort: number }} options
 * @returns {Promise<{ port: number, close(): void }>} each connection through it has the line for itself
 */
export function openSlowLink({ targetPort, ...line }) {
  /** @type {Set<net.Socket>} */
  const open = new Set()
  const server = net.createServer({ noDelay: true }, (near) => {
    const far = net.connect({ port: targetPort, host: HOST, noDelay: true })
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    new Lane(near, far, line)
    new Lane(far, near, line)
  })
  return new Promise((resolve) => {
    server.listen(0, HOST, () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const close = () => {
        server.close()
        for (const socket of open) socket.destroy()
      }
      resolve({ port, close })
    })
  })
}
