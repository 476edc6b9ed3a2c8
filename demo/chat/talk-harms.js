import { harms } from '../page/harms.js'
import { access, client, server } from './talk-client.js'

/** Those of the first page that a tunnel can suffer: in among another server's bytes no close frame can be put. */
const shared = ['cut', 'silent', 'refuse', 'slow', 'offline']

async function restart() {
  const answer = await fetch(`/restart/${server}`, { method: 'POST' }).catch(() => undefined)
  return answer?.ok === true
}

/** Comes back with a token that nobody knows any more. */
async function expire() {
  access.token = 'expired'
  client.socket.reconnect()
  return true
}

/** @type {readonly import('../page/harms.js').Harm[]} */
export const talkHarms = [
  ...harms.filter(({ id }) => shared.includes(id)),
  { id: 'restart', short: 'Restart', when: (status) => status === 'open', press: restart },
  { id: 'expire', short: 'Token', when: (status) => status === 'open', press: expire },
]
