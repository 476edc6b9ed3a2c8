import { settings } from '../page/settings.js'
import { messages } from './schemas.js'

const { createClient, defaultBackoff, envelopeDialect, envelopeHeartbeat, fragments } = Holdfast
const { client: id, maxWaitMs, stableMs } = settings

/** What the server lets in. Where it refuses it, the client asks for a new one. */
export const access = { token: 'demo' }

/** @param {import('../../src/index.ts').AttemptContext} attempt */
function addressOf({ refresh }) {
  if (refresh) access.token = 'demo'
  return `/chat-link?${new URLSearchParams({ client: id, server, token: access.token })}`
}

const SERVERS = ['ws', 'fastapi', 'aspnet']

/** Which server the address of the page asks for; the first one where it asks for none that there is. */
const wanted = new URLSearchParams(location.search).get('server')
export const server = SERVERS.find((id) => id === wanted) ?? 'ws'

/** The only thing in which the servers differ for a client: this one wants payloads as text. */
const dialect = envelopeDialect(server === 'aspnet' ? { payload: 'string' } : {})

export const client = createClient({
  url: addressOf,
  autoConnect: false,
  messages,
  validateSends: true,
  dialect,
  fragments: fragments(),
  // Brisker than the default, since somebody watches.
  heartbeat: envelopeHeartbeat({ intervalMs: 3_000, timeoutMs: 3_000 }),
  backoff: (context) => Math.min(defaultBackoff(context), maxWaitMs),
  retry: { slowMs: Math.min(10_000, maxWaitMs), stableMs },
})

/** @typedef {typeof client} TalkClient */
