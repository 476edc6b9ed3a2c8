import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BackoffPolicy, defaultBackoff, fullJitter } from '../../src/core/backoff.ts'
import { unclean } from '../../src/core/loss.ts'
import { seededRandom } from './seeded-random.ts'

/** A server that is away for a while, and all its clients, who want it back. */
interface Outage {
  readonly clients: number
  readonly outageMs: number
  readonly acceptsPerSecond: number
  /** What turning an attempt away costs the server, in accepts. */
  readonly rejectCost: number
}

interface Recovery {
  readonly attemptsEach: number
  readonly backMs: number
}

const SLOT_MS = 10
const LIMIT_MS = 1_800_000

/**
 * A discrete-event model, in slots of 10 ms. The server has so much work in it a second; an accept takes one part of
 * that, a reject a share of one, and who finds nothing left is rejected. Answers `undefined` for a herd that is not
 * back in time.
 */
function recover(policy: BackoffPolicy, outage: Outage, seed: number): Recovery | undefined {
  const random = seededRandom(seed)
  const cause = unclean('refused')
  const slots: number[][] = []
  const waits = new Uint16Array(outage.clients)
  const delays = new Float64Array(outage.clients)
  const later = (client: number, now: number) => {
    const attempt = (waits[client] ?? 0) + 1
    const lastDelayMs = delays[client] ?? 0
    const delay = policy({ attempt, lastDelayMs, sinceLossMs: now, cause, random })
    waits[client] = attempt
    delays[client] = delay
    const slot = Math.floor((now + delay) / SLOT_MS)
    const there = slots[slot]
    if (there) there.push(client)
    else slots[slot] = [client]
  }
  for (let client = 0; client < outage.clients; client++) later(client, 0)

  const income = (outage.acceptsPerSecond * SLOT_MS) / 1_000
  let work = 0
  let waiting = outage.clients
  let attempts = 0
  for (let slot = 0; slot * SLOT_MS < LIMIT_MS; slot++) {
    const now = (slot + 1) * SLOT_MS
    const up = now > outage.outageMs
    work = up ? Math.min(work + income, outage.acceptsPerSecond / 10) : 0
    for (const client of slots[slot] ?? []) {
      attempts++
      if (up && work >= 1) {
        work--
        waiting--
      } else {
        work -= up ? outage.rejectCost : 0
        later(client, now)
      }
    }
    slots[slot] = []
    if (waiting === 0) return { attemptsEach: attempts / outage.clients, backMs: now }
  }
  return undefined
}

const outage: Outage = { clients: 20_000, outageMs: 30_000, acceptsPerSecond: 400, rejectCost: 0.05 }
const seeds = fc.integer()

test('after an outage everyone comes back, with fewer attempts than with full jitter', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const ours = recover(defaultBackoff, outage, seed)
      const full = recover(fullJitter(), outage, seed)
      expect(ours).toBeDefined()
      expect(ours?.attemptsEach).toBeLessThan(full?.attemptsEach ?? Number.POSITIVE_INFINITY)
      // One client at the server’s full pace after the other, with as much again for its rejects and our waits.
      expect(ours?.backMs).toBeLessThan(30_000 + 4 * (20_000 / 400) * 1_000)
    }),
    { numRuns: 3 },
  )
})

test('a herd that is too large for full jitter comes back: the cap stretches with the outage', () => {
  const heavy: Outage = { clients: 10_000, outageMs: 30_000, acceptsPerSecond: 20, rejectCost: 0.05 }
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(recover(fullJitter(), heavy, seed)).toBeUndefined()
      expect(recover(defaultBackoff, heavy, seed)).toBeDefined()
    }),
    { numRuns: 1 },
  )
})

test('a short hiccup is over in seconds: nobody waits longer than the first draw', () => {
  const hiccup: Outage = { clients: 1_000, outageMs: 0, acceptsPerSecond: 5_000, rejectCost: 0.05 }
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(recover(defaultBackoff, hiccup, seed)).toMatchObject({ attemptsEach: 1 })
      expect(recover(defaultBackoff, hiccup, seed)?.backMs).toBeLessThanOrEqual(3_010)
    }),
    { numRuns: 3 },
  )
})
