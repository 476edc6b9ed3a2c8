/** What the contract suite runs on, and what that does in its own way. Tests read the trait, never the name. */

export type EngineName = 'chromium' | 'firefox' | 'webkit' | 'ws' | 'node' | 'bun' | 'deno' | 'workerd'

export interface Engine {
  readonly name: EngineName
  /** There is a document: page signals, the back/forward cache, relative addresses. */
  readonly hasPage: boolean
  /** Ping frames can be sent, so `pingFrames()` is the default heartbeat. */
  readonly sendsPingFrames: boolean
  /** The HTTP status of a refusal is told: such an end is of the kind `http`, elsewhere `refused`. */
  readonly tellsHttpStatus: boolean
  /** What an end by frames that break the protocol is told as: most say no more than that the link is gone. */
  readonly brokenFrames: 'protocol' | 'close'
  /** Codes of the registry that it takes for a broken protocol when the peer closes with them: told as 1006. */
  readonly unknownCloseCodes: readonly number[]
  /**
   * The end is always clean where the peer hangs up right behind its close frame, without waiting for the answer.
   * Elsewhere the answer and the hanging up race.
   */
  readonly hangUpIsClean: boolean
  /** An attempt that is given up leaves the server at once; elsewhere only when the server has answered. */
  readonly leavesAtOnce: boolean
  /** After a failed attempt it holds the next one to that address back for a while, which it tells nobody. */
  readonly delaysRetries: boolean
  /** It offers permessage-deflate. */
  readonly offersCompression: boolean
  /** An attempt fails where the server picks a subprotocol that was not offered; elsewhere it opens with that one. */
  readonly refusesOtherProtocols: boolean
  /** An attempt fails where the server's accept key does not fit; elsewhere it is not looked at. */
  readonly checksAcceptKey: boolean
  /**
   * A closing handshake without a code ends in a clean 1005; elsewhere in 1006, because the engine says the same of a
   * link that was cut after `close()`.
   */
  readonly tellsEmptyClose: boolean
  /** Blobs are sent as bytes; elsewhere as the text `[object Blob]`. */
  readonly sendsBlobs: boolean
  /** A lone surrogate is sent as U+FFFD; elsewhere as bytes that are no UTF-8, which ends the link. */
  readonly replacesLoneSurrogates: boolean
  /** Text that is no UTF-8 ends the link; elsewhere it is delivered. */
  readonly checksUtf8: boolean
  /** `bufferedAmount` counts all that was sent in this turn; elsewhere what the kernel took at once is not in it. */
  readonly buffersWholeTurn: boolean
}

const plain = {
  hasPage: false,
  sendsPingFrames: false,
  tellsHttpStatus: false,
  brokenFrames: 'close',
  unknownCloseCodes: [],
  hangUpIsClean: true,
  leavesAtOnce: true,
  delaysRetries: false,
  offersCompression: true,
  refusesOtherProtocols: true,
  checksAcceptKey: true,
  tellsEmptyClose: true,
  sendsBlobs: true,
  replacesLoneSurrogates: true,
  checksUtf8: true,
  buffersWholeTurn: true,
} as const
const browser = { ...plain, hasPage: true } as const

const engines: { readonly [Name in EngineName]: Omit<Engine, 'name'> } = {
  chromium: browser,
  firefox: { ...browser, hangUpIsClean: false, leavesAtOnce: false, delaysRetries: true },
  webkit: {
    ...browser,
    unknownCloseCodes: [1012, 1013, 1014],
    hangUpIsClean: false,
  },
  ws: {
    ...plain,
    sendsPingFrames: true,
    tellsHttpStatus: true,
    brokenFrames: 'protocol',
    buffersWholeTurn: false,
  },
  node: plain,
  bun: { ...plain, brokenFrames: 'protocol', buffersWholeTurn: false },
  deno: {
    ...plain,
    unknownCloseCodes: [1014],
    offersCompression: false,
    refusesOtherProtocols: false,
    checksAcceptKey: false,
    tellsEmptyClose: false,
  },
  workerd: {
    ...plain,
    refusesOtherProtocols: false,
    sendsBlobs: false,
    replacesLoneSurrogates: false,
    checksUtf8: false,
  },
}

function detect(): EngineName {
  if ('Bun' in globalThis) return 'bun'
  if ('Deno' in globalThis) return 'deno'
  const agent = (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent ?? ''
  if (agent === 'Cloudflare-Workers') return 'workerd'
  if (agent.includes('Firefox/')) return 'firefox'
  if (agent.includes('Chrome/')) return 'chromium'
  if (agent.includes('AppleWebKit/')) return 'webkit'
  // In Node both are possible: the project says which it is over.
  return (globalThis.process?.env['HOLDFAST_ENGINE'] as 'node' | undefined) ?? 'ws'
}

const name = detect()

export const engine: Engine = { name, ...engines[name] }

/** How a closing handshake without a code is told. */
export const emptyClose = engine.tellsEmptyClose
  ? { code: 1005, wasClean: true }
  : { code: 1006, wasClean: false }
