/**
 * A native socket that does nothing: what is sent is counted, and what is to be received is handed to it. As lean as
 * it can be, since it stands in every figure that is measured over it: one listener a type, in a slot.
 */
export class NoOpSocket {
  static CONNECTING = 0
  static OPEN = 1
  static CLOSING = 2
  static CLOSED = 3
  /** @type {NoOpSocket[]} those made and not yet opened, in order; emptied by who opens them */
  static made = []

  readyState = 0
  bufferedAmount = 0
  protocol = ''
  extensions = ''
  binaryType = 'blob'
  sent = 0
  /** @type {any} */
  onopen = null
  /** @type {any} */
  onmessage = null
  /** @type {any} */
  onerror = null
  /** @type {any} */
  onclose = null

  /** @param {string} url */
  constructor(url) {
    this.url = url
    NoOpSocket.made.push(this)
  }

  get CONNECTING() {
    return 0
  }
  get OPEN() {
    return 1
  }
  get CLOSING() {
    return 2
  }
  get CLOSED() {
    return 3
  }

  send() {
    this.sent++
  }

  close() {
    this.readyState = 3
    queueMicrotask(() =>
      this.onclose?.({ type: 'close', code: 1000, reason: '', wasClean: true, target: this }),
    )
  }

  /** @param {'open' | 'message' | 'error' | 'close'} type @param {any} listener */
  addEventListener(type, listener) {
    this[`on${type}`] = listener
  }

  /** @param {'open' | 'message' | 'error' | 'close'} type */
  removeEventListener(type) {
    this[`on${type}`] = null
  }

  open() {
    this.readyState = 1
    this.onopen?.({ type: 'open', target: this })
  }

  /** @param {string} data */
  receive(data) {
    this.onmessage({ type: 'message', data, target: this })
  }
}
