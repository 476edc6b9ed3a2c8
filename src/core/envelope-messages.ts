import type { QuickMessages } from './heartbeat-sources.ts'

/** Pings and pongs are short; a longer text is not looked into, so that large messages cost nothing here. */
const LONGEST = 256

interface Beat {
  readonly type: string
  readonly id: unknown
}

/**
 * Whether a text begins as `{"type":"…` does, as nearly all do, with another type than one in p. Each message asks, so it
 * is done by codes: a search takes several times as long.
 */
function isOther(text: string): boolean {
  return (
    (text.charCodeAt(9) | 32) !== 112 &&
    text.charCodeAt(8) === 34 &&
    text.charCodeAt(7) === 58 &&
    text.charCodeAt(3) === 121 &&
    text.charCodeAt(2) === 116
  )
}

/** Reads `{"type":"ping"}` and `{"type":"pong"}`, the names in any case, as .NET servers write them. */
function read(data: unknown): Beat | undefined {
  if (typeof data !== 'string' || data.length > LONGEST || !/"p[io]ng"/i.test(data)) return undefined
  try {
    const fields = new Map(
      Object.entries(JSON.parse(data) as object).map(([key, value]) => [key.toLowerCase(), value]),
    )
    const type: unknown = fields.get('type')
    const folded = typeof type === 'string' ? type.toLowerCase() : ''
    // A null or an empty string is what some serialisers write for an id that is not there.
    return folded === 'ping' || folded === 'pong'
      ? { type: folded, id: fields.get('id') || undefined }
      : undefined
  } catch {
    return undefined
  }
}

/**
 * The heartbeat of the envelope convention: `{"type":"ping","id":"…"}`, answered by `{"type":"pong"}`, with or
 * without the id. The peer's `{"type":"ping"}` is answered in kind, but never one that has an id: such a ping is
 * another client's, relayed by a server that sends everything to everybody.
 */
export const envelopeMessages: QuickMessages = {
  passes: (data) => typeof data === 'string' && isOther(data),
  ping: (id) => `{"type":"ping","id":"${id}"}`,
  readPong(data) {
    const beat = read(data)
    // Our own ping that comes back, from a server that echoes or sends everything to everybody, is an answer too.
    return beat?.id === undefined ? beat?.type === 'pong' : String(beat.id)
  },
  answer(data) {
    const beat = read(data)
    return beat?.type === 'ping' && beat.id === undefined ? '{"type":"pong"}' : undefined
  },
}
