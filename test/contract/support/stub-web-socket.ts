import type { WebSocketConstructor, WebSocketLike } from 'holdfast'

/** A WebSocket without a network: the test says what happens to it. */
export interface StubWebSocket extends WebSocketLike {
  readonly url: string
  readonly protocols: readonly string[]
  readonly options: unknown
  readonly sent: readonly unknown[]
  readonly closeCalls: readonly (readonly [code?: number, reason?: string])[]
  readyState: number
  bufferedAmount: number
  /** Called with what is sent; what it throws, `send` throws. */
  onSend: ((data: unknown) => void) | undefined
  open(protocol?: string): void
  receive(data: unknown): void
  fail(error?: Error): void
  end(code: number, reason?: string, wasClean?: boolean): void
}

export interface StubImplementation {
  readonly WebSocket: WebSocketConstructor
  readonly made: readonly StubWebSocket[]
  readonly last: StubWebSocket
}

/** `onMade` sees each socket as soon as it is made; what it throws, the constructor throws. */
export function createStub(onMade?: (socket: StubWebSocket) => void): StubImplementation {
  const made: StubWebSocket[] = []

  class Stub implements StubWebSocket {
    readonly url: string
    readonly protocols: readonly string[]
    readonly options: unknown
    readonly sent: unknown[] = []
    readonly closeCalls: [code?: number, reason?: string][] = []
    readyState = 0
    bufferedAmount = 0
    protocol = ''
    extensions = ''
    binaryType = 'blob'
    onSend: ((data: unknown) => void) | undefined
    onopen: ((event: object) => void) | null = null
    onmessage: ((event: object) => void) | null = null
    onerror: ((event: object) => void) | null = null
    onclose: ((event: object) => void) | null = null

    constructor(url: string, protocols: string[] = [], options?: unknown) {
      this.url = url
      this.protocols = protocols
      this.options = options
      made.push(this)
      onMade?.(this)
    }

    send(data: unknown): void {
      this.onSend?.(data)
      this.sent.push(data)
    }

    close(...call: [code?: number, reason?: string]): void {
      this.closeCalls.push(call)
      this.readyState = 2
    }

    open(protocol = ''): void {
      this.readyState = 1
      this.protocol = protocol
      this.onopen?.({ type: 'open' })
    }

    receive(data: unknown): void {
      this.onmessage?.({ type: 'message', data })
    }

    fail(error?: Error): void {
      this.onerror?.({ type: 'error', error })
    }

    end(code: number, reason = '', wasClean = code !== 1006): void {
      this.readyState = 3
      this.onclose?.({ type: 'close', code, reason, wasClean })
    }
  }

  return {
    WebSocket: Stub as WebSocketConstructor,
    made,
    get last() {
      const last = made.at(-1)
      if (!last) throw new Error('no WebSocket was made yet')
      return last
    },
  }
}
