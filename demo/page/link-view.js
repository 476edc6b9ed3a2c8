import { element, setText } from './dom.js'
import { duration, milliseconds } from './words.js'

const heartbeats = {
  off: 'off',
  unverified: 'no answer yet',
  verified: 'answered',
}

/** What is known of the link: heartbeat, round trip, attempts. */
export function createLinkView() {
  const nodes = {
    heartbeat: element('heartbeat'),
    rtt: element('rtt'),
    spread: element('rtt-spread'),
    attempts: element('attempts'),
    links: element('links'),
    outage: element('outage'),
  }

  return {
    /** @param {import('./model.js').Model} model */
    render({ snapshot, links, downtimeMs }) {
      const { heartbeat, rtt, attempt } = snapshot
      setText(nodes.heartbeat, heartbeats[heartbeat])
      setText(nodes.rtt, rtt ? milliseconds(rtt.lastMs) : 'not known')
      setText(nodes.spread, rtt ? `${milliseconds(rtt.smoothedMs)}, ${milliseconds(rtt.p95Ms)}` : 'not known')
      setText(nodes.attempts, String(attempt))
      setText(nodes.links, String(links))
      setText(nodes.outage, downtimeMs === undefined ? 'none' : duration(downtimeMs))
    },
  }
}
