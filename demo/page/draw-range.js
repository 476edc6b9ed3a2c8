/** The highest draw from [0, 1). */
const ALMOST_ONE = 1 - Number.EPSILON / 2
/** `retry.maxRetryAfterMs`: no hint counts for more. */
const MAX_HINT_MS = 300_000

/** @param {unknown} ms */
function hintMs(ms) {
  return typeof ms === 'number' ? Math.min(Math.max(ms, 0), MAX_HINT_MS) : 0
}

/**
 * The window that a server asked for in the reason of its close frame; docs/CLOSE-POLICY.md has the format.
 *
 * @param {string} reason
 * @returns {import('./history.js').DrawRange | undefined}
 */
export function plannedWindow(reason) {
  if (!reason.startsWith('{')) return undefined
  try {
    const { retryAfterMs, windowMs } = JSON.parse(reason)
    if (typeof retryAfterMs !== 'number') return undefined
    const lowMs = hintMs(retryAfterMs)
    return { lowMs, highMs: lowMs + hintMs(windowMs), by: 'server' }
  } catch {
    return undefined
  }
}

/**
 * Wraps a backoff policy so that one can see from which range each wait was drawn: a policy is pure, all chance comes
 * from `random`, so it is asked with the lowest and the highest draw as well.
 *
 * @param {import('../../src/core/backoff.ts').BackoffPolicy} policy
 * @param {number} slowMs `retry.slowMs`, for the waits that are longer than the policy says
 */
export function showRanges(policy, slowMs) {
  /** @type {import('./history.js').DrawRange | undefined} */
  let asked

  return {
    /** @type {import('../../src/core/backoff.ts').BackoffPolicy} */
    backoff(context) {
      const drawn = (draw) => policy({ ...context, random: () => draw })
      asked = { lowMs: drawn(0), highMs: drawn(ALMOST_ONE), by: 'backoff' }
      return policy(context)
    },

    /**
     * The range of the wait that has just begun.
     *
     * @param {import('./words.js').Cause} cause
     * @param {number} delayMs
     */
    rangeOf({ reason }, delayMs) {
      const window = plannedWindow(reason)
      if (window || asked === undefined || delayMs <= asked.highMs) return window ?? asked
      // While the server counts as unavailable a shorter wait is raised to a draw of its own.
      return /** @type {const} */ ({ lowMs: slowMs, highMs: slowMs * 1.5, by: 'backoff' })
    },
  }
}
