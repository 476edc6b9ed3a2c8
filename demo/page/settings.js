/**
 * What the address of the page can change, for tests and for the curious:
 *
 * ?everyMs=1000     how often a numbered message is sent
 * ?refuseMs=10000   how long "Refuse" refuses, at most 60000
 * ?restartMs=4000   how long the server is away after 1012, and how long the window is after that; at most 60000
 * ?stableMs=3000    how long a link must live to count as stable, after which the next wait is a short one
 * ?maxWaitMs=…      a bound for the waits between attempts; without it they are those of the default backoff
 */
const given = new URLSearchParams(location.search)

function positive(name, fallback) {
  const number = Number(given.get(name))
  return number > 0 ? number : fallback
}

/** Drawn for each load of the page, so that two tabs never share a book. `randomUUID` exists on secure origins only. */
function drawId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export const settings = {
  client: drawId(),
  everyMs: Math.max(10, positive('everyMs', 1_000)),
  refuseMs: Math.min(60_000, positive('refuseMs', 10_000)),
  restartMs: Math.min(60_000, positive('restartMs', 4_000)),
  stableMs: positive('stableMs', 3_000),
  maxWaitMs: positive('maxWaitMs', Infinity),
}
