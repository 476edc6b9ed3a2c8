import { Client } from './client.mjs'

const MAX_CLIENTS = 500
/** How long the book of a page is kept that is gone. */
const KEEP_MS = 10 * 60_000
const SWEEP_MS = 30_000

/** All pages by their id. Bounded: books of pages that are gone are dropped, the oldest first where room is needed. */
export function createClients() {
  /** @type {Map<string, Client>} */
  const clients = new Map()

  function drop(olderThan) {
    for (const [id, client] of clients) {
      if (client.links.size === 0 && client.seenAt <= olderThan) clients.delete(id)
    }
  }

  function makeRoom() {
    const gone = [...clients.values()].filter((client) => client.links.size === 0)
    drop(Math.min(...gone.map((client) => client.seenAt)))
  }

  const sweep = setInterval(() => drop(Date.now() - KEEP_MS), SWEEP_MS)

  return {
    /** @param {string} id */
    get: (id) => clients.get(id),

    /** The client of that id, new if need be; `undefined` where there is no room. @param {string} id */
    admit(id) {
      const known = clients.get(id)
      if (known) return known
      if (clients.size >= MAX_CLIENTS) makeRoom()
      if (clients.size >= MAX_CLIENTS) return undefined
      const client = new Client()
      clients.set(id, client)
      return client
    },

    stop: () => clearInterval(sweep),
  }
}

/** @typedef {ReturnType<typeof createClients>} Clients */
