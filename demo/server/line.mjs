import { Duplex } from 'node:stream'
import { Delay } from './delay.mjs'

/**
 * The wire to a page: stands between the connection and the WebSocket server, and can be slow or fall silent. It knows
 * bytes only, so pings, messages and closing handshakes all suffer alike, as they do on a bad network.
 */
export class Line extends Duplex {
  /** Half-open: both sides believe that there is a link, and nothing passes. For good: a stream with a gap is broken. */
  #silent = false
  #inbound
  #outbound
  #stream

  /**
   * @param {import('node:stream').Duplex} stream the connection
   * @param {() => import('./delay.mjs').Pace} pace
   */
  constructor(stream, pace) {
    super()
    this.#stream = stream
    this.#inbound = new Delay(pace, (chunk) => this.push(chunk))
    this.#outbound = new Delay(pace, (chunk) => {
      if (chunk) stream.write(chunk)
      else stream.end()
    })
    stream.on('data', (chunk) => {
      if (this.#silent) return
      stream.pause()
      this.#inbound.push(chunk, () => stream.resume())
    })
    stream.on('end', () => {
      if (!this.#silent) this.#inbound.push(null, () => {})
    })
    stream.on('close', () => {
      // After an orderly end what is on the way still arrives.
      if (this.#silent || !stream.readableEnded) this.destroy()
    })
    stream.on('error', (error) => this.destroy(error))
  }

  /** From now on nothing passes, what is on the way included. */
  silence() {
    this.#silent = true
    this.#inbound.clear()
    this.#outbound.clear()
    // It may have been held back; what comes now is thrown away, and its end is to be noticed.
    this.#stream.resume()
  }

  /** What arrives is pushed as it comes: the pace is the bottleneck. @override */
  _read() {}

  /** @override */
  _write(chunk, _encoding, done) {
    if (this.#silent) done()
    else this.#outbound.push(chunk, done)
  }

  /** @override */
  _final(done) {
    if (!this.#silent) this.#outbound.push(null, () => {})
    done()
  }

  /** @override */
  _destroy(error, done) {
    this.silence()
    this.#stream.destroy()
    done(error)
  }
}
