/**
 * A stand-in for `ws` in virtual time, with a server behind it that answers pings until the link dies. A dead link
 * says nothing more: what is sent is swallowed, and nobody is told.
 */
import { EventEmitter } from 'node:events'

/** Socket.IO's server: its defaults, by which it tells the client when to expect its pings. */
const GREETING = {
  sid: 'bench',
  upgrades: [],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 1_000_000,
}

/**
 * @param {import('./virtual-time.mjs').VirtualTime} time
 * @param {{ rttMs: number, diesAt: number, socketIo: boolean }} link shared with who kills it
 */
export function mortalSockets(time, link) {
  return class MortalSocket extends EventEmitter {
    static CONNECTING = 0
    static OPEN = 1
    static CLOSING = 2
    static CLOSED = 3
    CONNECTING = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3
    readyState = 0
    bufferedAmount = 0
    protocol = ''
    extensions = ''
    binaryType = 'blob'

    /** @param {string} url */
    constructor(url) {
      super()
      this.url = url
      this.#arrives(() => {
        this.readyState = 1
        this.#tell('open', {})
        if (link.socketIo) this.#greet()
      })
    }

    send(/** @type {string} */ text) {
      if (link.socketIo && text === '40') this.#arrives(() => this.#hear(`40{"sid":"bench"}`))
    }

    /** A ping frame; the pong takes a round trip. */
    ping(/** @type {string} */ payload) {
      this.#arrives(() => this.emit('pong', Buffer.from(payload)))
    }

    /** Nobody answers on a dead link; on a live one the closing handshake takes a round trip. */
    close() {
      this.readyState = 2
      this.#arrives(() => this.terminate())
    }

    terminate() {
      if (this.readyState === 3) return
      this.readyState = 3
      this.#tell('close', { code: 1006, reason: '', wasClean: false })
    }

    /** @param {string} type @param {(event: any) => void} listener */
    addEventListener(type, listener) {
      this.on(`w3c ${type}`, listener)
    }

    /** @param {string} type @param {(event: any) => void} listener */
    removeEventListener(type, listener) {
      this.off(`w3c ${type}`, listener)
    }

    /** Calls back after a round trip, if the link lives that long. @param {() => void} run */
    #arrives(run) {
      time.after(link.rttMs, () => {
        if (time.now < link.diesAt && this.readyState !== 3) run()
      })
    }

    #greet() {
      this.#hear(`0${JSON.stringify(GREETING)}`)
      const ping = () => {
        if (time.now >= link.diesAt || this.readyState !== 1) return
        this.#hear('2')
        time.after(GREETING.pingInterval, ping)
      }
      time.after(GREETING.pingInterval, ping)
    }

    /** @param {string} data */
    #hear(data) {
      this.emit('message', Buffer.from(data), false)
      this.#tell('message', { data })
    }

    /** @param {string} type @param {object} detail */
    #tell(type, detail) {
      const event = { type, target: this, ...detail }
      const handler = /** @type {any} */ (this)[`on${type}`]
      handler?.(event)
      this.emit(`w3c ${type}`, event)
      if (type === 'open') this.emit('open')
    }
  }
}
