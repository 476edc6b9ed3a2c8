import type { WebSocketConstructor } from 'holdfast'
import { WebSocket } from 'ws'

/** What went over the links of one client, as its `ws` saw it. */
export interface Overheard {
  /** To give as the option of that name. */
  readonly WebSocket: WebSocketConstructor
  readonly sentTexts: readonly string[]
  readonly receivedTexts: readonly string[]
  /** How many ping frames of the server's came; `ws` answers each by itself. */
  readonly pingFrames: number
}

const isShort = (data: unknown): boolean => String(data).length < 256

/** Listens to the short texts and the ping frames of a client. */
export function overhear(): Overheard {
  const sentTexts: string[] = []
  const receivedTexts: string[] = []
  let pingFrames = 0

  class Listening extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.on('ping', () => {
        pingFrames++
      })
      this.on('message', (data, isBinary) => {
        if (!isBinary && isShort(data)) receivedTexts.push(String(data))
      })
    }

    override send(...args: unknown[]): void {
      const [data] = args
      if (typeof data === 'string' && isShort(data)) sentTexts.push(data)
      super.send(...(args as [string]))
    }
  }

  return {
    WebSocket: Listening as unknown as WebSocketConstructor,
    sentTexts,
    receivedTexts,
    get pingFrames() {
      return pingFrames
    },
  }
}
