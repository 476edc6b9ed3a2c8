const DEFAULT_REFUSE_MS = 10_000
const MAX_REFUSE_MS = 60_000

function durationOf(parameters) {
  const ms = Number(parameters.get('ms') ?? DEFAULT_REFUSE_MS)
  return ms > 0 ? Math.min(ms, MAX_REFUSE_MS) : DEFAULT_REFUSE_MS
}

/**
 * What a page can ask to be done to itself, by `POST /harm/<name>?client=<id>`: one entry each. What it answers is
 * sent to the page.
 *
 * @type {Record<string, (client: import('./client.mjs').Client, parameters: URLSearchParams) => object>}
 */
const harms = {
  /** Breaks the link without a closing handshake. */
  cut(client) {
    client.cut()
    return {}
  },

  /** The same, and for a while no new link is let in. */
  refuse(client, parameters) {
    const ms = durationOf(parameters)
    client.refuse(ms)
    return { ms }
  },
}

/** @param {string} path */
export function harmOf(path) {
  const name = path.startsWith('/harm/') ? path.slice('/harm/'.length) : ''
  return Object.hasOwn(harms, name) ? harms[name] : undefined
}
