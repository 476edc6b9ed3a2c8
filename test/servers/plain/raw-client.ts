import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'

export interface RawClient {
  readonly socket: WebSocket
  /** What came as text, in order. */
  readonly texts: readonly string[]
  /** The same, parsed, with the names of the envelope in lower case and without members that are null. */
  readonly envelopes: readonly Record<string, unknown>[]
  readonly frames: readonly Buffer[]
  /** How many ping frames came. */
  readonly pingFrames: number
  /** Objects are sent as JSON. */
  say(message: object | string | Buffer): void
  /** The code and the reason of the end. */
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>
}

/** A client with nothing to it but `ws`; rejects with the HTTP status where it is not let in. */
export async function connectRaw(url: string, options: ClientOptions = {}): Promise<RawClient> {
  const socket = new WebSocket(url, options)
  const texts: string[] = []
  const envelopes: Record<string, unknown>[] = []
  const frames: Buffer[] = []
  let pingFrames = 0
  socket.on('message', (data: Buffer, binary: boolean) => {
    if (binary) {
      frames.push(data)
      return
    }
    texts.push(data.toString())
    envelopes.push(envelopeOf(data.toString()))
  })
  socket.on('ping', () => {
    pingFrames += 1
  })
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  await opened(socket)
  return {
    socket,
    texts,
    envelopes,
    frames,
    get pingFrames() {
      return pingFrames
    },
    say: (message) => {
      const asIs = typeof message === 'string' || Buffer.isBuffer(message)
      socket.send(asIs ? message : JSON.stringify(message))
    },
    ended,
  }
}

/** A client that was not let in, by the HTTP status. */
export class Refused extends Error {
  readonly status: number | undefined
  constructor(status: number | undefined) {
    super(`HTTP status ${status}`)
    this.status = status
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (request, response) => {
      reject(new Refused(response.statusCode))
      request.destroy()
    })
    socket.once('open', resolve)
    socket.on('error', reject)
  })
}

/** .NET writes `Type`, and null for what is not there; that is not what these tests are about. */
function envelopeOf(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text)
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(
    members.filter(([, member]) => member !== null).map(([name, member]) => [name.toLowerCase(), member]),
  )
}
