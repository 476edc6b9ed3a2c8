const DEFAULT_MS = { refuse: 10_000, restart: 4_000 }
const MAX_MS = 60_000

/** @param {URLSearchParams} parameters @param {number} fallback */
function durationOf(parameters, fallback) {
  const ms = Number(parameters.get('ms') ?? fallback)
  return ms > 0 ? Math.min(ms, MAX_MS) : fallback
}

/** @param {URLSearchParams} parameters */
function isOn(parameters) {
  return parameters.get('on') === 'true'
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

  /** Lets nothing through the link any more, and leaves it standing. */
  silent(client) {
    client.silence()
    return {}
  },

  /** Breaks the link, and for a while no new one is let in. */
  refuse(client, parameters) {
    const ms = durationOf(parameters, DEFAULT_MS.refuse)
    client.refuse(ms)
    client.cut()
    return { ms }
  },

  /** A planned restart: says when to come back, spread over a window, and is away until then. */
  restart(client, parameters) {
    const ms = durationOf(parameters, DEFAULT_MS.restart)
    client.refuse(ms)
    client.close(1012, JSON.stringify({ retryAfterMs: ms, windowMs: ms }))
    return { ms }
  },

  /** Too busy, and no word on when to come back. */
  busy(client) {
    client.close(1013, 'too busy')
    return {}
  },

  /** Says that this client is not wanted. */
  policy(client) {
    client.close(1008, 'not welcome')
    return {}
  },

  /** Makes this page's links slow, or as fast as ever again: `on=true` or `on=false`. */
  slow(client, parameters) {
    client.slow = isOn(parameters)
    return { on: client.slow }
  },

  /** What a lost network looks like from here: nothing passes, nothing new gets through. `on=true` or `on=false`. */
  offline(client, parameters) {
    client.offline = isOn(parameters)
    if (client.offline) client.silence()
    return { on: client.offline }
  },
}

/** @param {string} path */
export function harmOf(path) {
  const name = path.startsWith('/harm/') ? path.slice('/harm/'.length) : ''
  return Object.hasOwn(harms, name) ? harms[name] : undefined
}
