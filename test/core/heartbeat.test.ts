import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Heartbeat, type HeartbeatOptions, resolveHeartbeat } from '../../src/core/heartbeat.ts'
import { deathOf, type Happening, play, type Told } from './simulated-link.ts'

const PEER = 'wss://peer.test/path'
const MINUTE = 60_000
/** What a verdict may take longer, so that what arrived is read before it. */
const GRACE = 100
const soon = () => 40

const options: fc.Arbitrary<Required<HeartbeatOptions>> = fc
  .record({
    intervalMs: fc.integer({ min: 10, max: 60_000 }),
    part: fc.double({ min: 0.05, max: 1, noNaN: true }),
  })
  .map(({ intervalMs, part }) => {
    const timeoutMs = Math.max(2, Math.floor(intervalMs * part))
    return { intervalMs, timeoutMs, probeTimeoutMs: Math.max(1, Math.floor(timeoutMs / 2)) }
  })

/** Whatever may happen on a link in so many intervals. */
function happenings(
  intervals: number,
  whats: Happening['what'][],
): fc.Arbitrary<{ at: number; what: Happening['what'] }[]> {
  const when = fc.double({ min: 0, max: intervals, noNaN: true })
  return fc.array(fc.record({ at: when, what: fc.constantFrom(...whats) }), { maxLength: 60 })
}

const scaled = (given: readonly Happening[], ms: number) =>
  given.map(({ at, what }) => ({ at: at * ms, what }))
const every = (ms: number, until: number, what: Happening['what'], from = ms): Happening[] =>
  Array.from({ length: Math.max(0, Math.floor((until - from) / ms) + 1) }, (_, k) => ({
    at: from + k * ms,
    what,
  }))
const pingsOf = (told: readonly Told[]) =>
  told.filter(({ verdict }) => verdict === 'ping').map(({ at }) => at)

describe('a link that dies', () => {
  test('is found within intervalMs + timeoutMs, whatever was sent and received before', () => {
    const scenes = fc.tuple(
      options,
      happenings(10, ['data', 'peer ping', 'write']),
      fc.double({ min: 0.5, max: 9, noNaN: true }),
    )
    fc.assert(
      fc.property(
        scenes,
        fc.infiniteStream(fc.double({ min: 0, max: 0.9, noNaN: true })),
        ([given, traffic, death], draws) => {
          const { intervalMs, timeoutMs } = given
          // The first answer comes before the death: the peer is verified.
          const first = Math.min(timeoutMs, intervalMs / 2) * 0.9
          const answerMs = (ping: number) => (ping === 1 ? first : draws.next().value * timeoutMs)
          const diesAt = death * intervalMs
          const all = scaled(traffic, intervalMs)
          const told = play({ options: given, answerMs, diesAt, happenings: all, until: 20 * intervalMs })
          const found = deathOf(told) ?? Number.POSITIVE_INFINITY
          expect(found).toBeGreaterThanOrEqual(diesAt)
          expect(found - diesAt).toBeLessThanOrEqual(intervalMs + timeoutMs + GRACE)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('by default, without traffic: after 21 s at most, 15 s in the middle', () => {
    const waits = Array.from({ length: 2_000 }, (_, k) => {
      const diesAt = 100 + k * 97.3
      return (deathOf(play({ answerMs: soon, diesAt, until: 1e6 })) ?? Number.NaN) - diesAt
    })
    expect(Math.max(...waits)).toBeLessThanOrEqual(21_000 + GRACE)
    expect(waits.reduce((sum, wait) => sum + wait) / waits.length).toBeLessThanOrEqual(15_000)
  })

  test('is found although somebody asks for a sign of life again and again', () => {
    const happenings = every(1_000, 5 * MINUTE, 'probe')
    const found = deathOf(play({ answerMs: soon, diesAt: MINUTE, happenings, until: 5 * MINUTE }))
    expect(found).toBeLessThanOrEqual(MINUTE + 21_000 + GRACE)
  })

  test('is found at once where a person waits: within probeTimeoutMs of the probe', () => {
    const told = play({
      answerMs: soon,
      diesAt: 70_001,
      happenings: [{ at: 71_000, what: 'probe' }],
      until: 1e6,
    })
    expect(deathOf(told)).toBeGreaterThanOrEqual(73_500)
    expect(deathOf(told)).toBeLessThanOrEqual(73_500 + GRACE)
  })

  test('is found at once on the next link too, to the same peer', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    play({ answerMs: soon, until: 1_000 }, heartbeat)
    heartbeat.stop()
    const found = deathOf(play({ answerMs: () => undefined, until: 1e6 }, heartbeat))
    expect(found).toBeGreaterThanOrEqual(6_000)
    expect(found).toBeLessThanOrEqual(6_000 + GRACE)
  })
})

describe('a link that lives', () => {
  const answers = fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true }))

  test('is never given up while the peer answers within timeoutMs, whatever the traffic', () => {
    const traffic = happenings(10, ['data', 'peer ping', 'write'])
    fc.assert(
      fc.property(options, traffic, answers, (given, happens, draws) => {
        const { intervalMs, timeoutMs } = given
        const answerMs = () => draws.next().value * timeoutMs
        const told = play({
          options: given,
          answerMs,
          happenings: scaled(happens, intervalMs),
          until: 20 * intervalMs,
        })
        expect(deathOf(told)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('nor when it is probed at any time and answers within probeTimeoutMs', () => {
    const traffic = happenings(10, ['data', 'peer ping', 'write', 'probe'])
    fc.assert(
      fc.property(options, traffic, answers, (given, happens, draws) => {
        const { intervalMs, probeTimeoutMs } = given
        const answerMs = () => draws.next().value * probeTimeoutMs
        const told = play({
          options: given,
          answerMs,
          happenings: scaled(happens, intervalMs),
          until: 20 * intervalMs,
        })
        expect(deathOf(told)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('nor because this side was held up: a busy thread, a sleep, a frozen page, and the timer comes first', () => {
    const freezes = fc.array(
      fc.record({ at: fc.integer({ min: 1, max: 300_000 }), ms: fc.integer({ min: 1, max: 100_000 }) }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(
        freezes,
        happenings(20, ['data', 'write', 'peer ping']),
        fc.integer({ min: 1, max: 2_000 }),
        (frozen, happens, ms) => {
          // Times that follow each other: what thaws in the middle of another freeze would not be a freeze.
          let end = 0
          const apart = frozen
            .sort((a, b) => a.at - b.at)
            .map(({ at, ms }) => {
              const from = Math.max(at, end + 10_000)
              end = from + ms
              return { at: from, ms }
            })
          const told = play({
            answerMs: () => ms,
            happenings: scaled(happens, 15_000),
            freezes: apart,
            until: end + MINUTE,
          })
          expect(deathOf(told)).toBeUndefined()
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a thread that was busy from the ping until just after its deadline reads the answer before it judges', () => {
    // The ping goes at 15 s; its deadline is at 21 s; the answer is there all the while, unread.
    for (const ms of [6_000, 6_050, 6_500, 6_990, 7_500]) {
      const told = play({ answerMs: soon, freezes: [{ at: 15_041, ms }], until: MINUTE })
      expect(deathOf(told), `busy for ${ms} ms`).toBeUndefined()
    }
  })

  test('throttled to one timer a minute it lives, too', () => {
    const freezes = Array.from({ length: 30 }, (_, k) => ({ at: k * MINUTE + 10_000, ms: MINUTE - 20 }))
    expect(deathOf(play({ answerMs: () => 10, freezes, until: 30 * MINUTE }))).toBeUndefined()
  })
})

describe('a peer that never answered a ping', () => {
  test('is never given up; its silence is told once a link', () => {
    const traffic = happenings(10, ['data', 'write', 'probe'])
    fc.assert(
      fc.property(options, traffic, fc.option(fc.nat(10)), (given, happens, death) => {
        const { intervalMs } = given
        const told = play({
          options: given,
          answerMs: () => undefined,
          diesAt: death === null ? Number.POSITIVE_INFINITY : death * intervalMs,
          happenings: scaled(happens, intervalMs),
          until: 30 * intervalMs,
        })
        expect(deathOf(told)).toBeUndefined()
        expect(told.filter(({ verdict }) => verdict === 'silent')).toHaveLength(1)
      }),
    )
  })

  test('is told silent after the first timeout, and asked on now and then: it may learn', () => {
    const told = play({ answerMs: (ping) => (ping < 4 ? undefined : 40), until: 2 * MINUTE })
    const [first, second, third] = told.map(({ verdict, at }) => `${verdict} at ${Math.floor(at / 1_000)} s`)
    expect([first, second, third]).toEqual(['ping at 0 s', 'silent at 6 s', 'ping at 21 s'])
    expect(told.some(({ verdict }) => verdict === 'answered')).toBe(true)
  })

  test('is told silent again on the next link', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    for (let link = 0; link < 2; link++) {
      const told = play({ answerMs: () => undefined, until: 5 * MINUTE }, heartbeat)
      expect(told.filter(({ verdict }) => verdict === 'silent')).toHaveLength(1)
      heartbeat.stop()
    }
  })

  test('what one peer proved says nothing of another origin or path', () => {
    for (const other of ['wss://other.test/path', 'wss://peer.test/elsewhere', 'ws://peer.test/path']) {
      const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
      heartbeat.start(PEER, true, 0)
      heartbeat.answered(heartbeat.id, 10)
      expect(heartbeat.verified).toBe(true)
      heartbeat.stop()
      heartbeat.start(other, true, 1_000)
      expect(heartbeat.verified).toBe(false)
      expect([7_000, 7_000 + GRACE].map((now) => heartbeat.tick(now, 0, false))).toContain('silent')
    }
  })
})

describe('a peer that pings by itself', () => {
  const regular = (until: number, ms = 5_000) => every(ms, until, 'peer ping')

  test('regularly, and does not answer ours: dead when it stops', () => {
    const told = play({ answerMs: () => undefined, happenings: regular(MINUTE), until: 5 * MINUTE })
    const found = deathOf(told) ?? Number.NaN
    expect(found).toBeGreaterThanOrEqual(MINUTE + 10_000)
    expect(found).toBeLessThanOrEqual(MINUTE + 10_000 + 6_000 + GRACE)
  })

  test('where we have no pings: dead after two of its periods', () => {
    const told = play({ canPing: false, answerMs: soon, happenings: regular(MINUTE), until: 5 * MINUTE })
    expect(deathOf(told)).toBe(MINUTE + 10_000)
    expect(pingsOf(told)).toEqual([])
  })

  test('irregularly: proves nothing', () => {
    // Each gap is more than twice, or less than half, of the one before.
    let at = 1_000
    const gaps = Array.from({ length: 12 }, (_, k) => (k % 2 === 0 ? 1_000 : 2_500))
    const happenings = gaps.map((gap): Happening => {
      at += gap
      return { at, what: 'peer ping' }
    })
    for (const canPing of [true, false]) {
      const told = play({ canPing, answerMs: () => undefined, happenings, until: 10 * MINUTE })
      expect(deathOf(told)).toBeUndefined()
    }
  })

  test('once or twice: proves nothing', () => {
    const happenings: Happening[] = [
      { at: 1_000, what: 'peer ping' },
      { at: 2_000, what: 'peer ping' },
    ]
    expect(deathOf(play({ answerMs: () => undefined, happenings, until: 10 * MINUTE }))).toBeUndefined()
  })

  test('in a burst, after a stall of the network: proves nothing', () => {
    for (const gap of [0, 1, 20, 100]) {
      const happenings = every(gap || 1, 500, 'peer ping').map((it) => (gap ? it : { ...it, at: 100 }))
      const told = play({ answerMs: () => undefined, happenings: happenings.slice(0, 5), until: 10 * MINUTE })
      expect(deathOf(told), `${gap} ms apart`).toBeUndefined()
    }
  })

  test('what an old link showed of its pings is forgotten', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    play({ answerMs: () => undefined, happenings: regular(20_000), until: 20_500 }, heartbeat)
    heartbeat.stop()
    expect(deathOf(play({ answerMs: () => undefined, until: 10 * MINUTE }, heartbeat))).toBeUndefined()
  })
})

describe('a timer that comes late', () => {
  test('asks first, quickly, and does not judge', () => {
    // Asleep from 10 s on; everything was lost meanwhile.
    const told = play({
      answerMs: soon,
      diesAt: 10_000,
      freezes: [{ at: 10_000, ms: 3_600_000 }],
      until: 1e7,
    })
    const woke = 3_610_000
    expect(pingsOf(told).filter((at) => at >= woke)[0]).toBe(woke)
    expect(deathOf(told)).toBeGreaterThan(woke)
    expect(deathOf(told)).toBeLessThanOrEqual(woke + 3_000)
  })

  test('asks also when something was heard before the sleep: that says nothing of now', () => {
    const told = play({
      answerMs: soon,
      diesAt: 10_000,
      happenings: [{ at: 9_000, what: 'data' }],
      freezes: [{ at: 10_000, ms: 3_600_000 }],
      until: 1e7,
    })
    const woke = 3_610_000
    expect(pingsOf(told).filter((at) => at >= woke)[0]).toBe(woke)
    expect(deathOf(told)).toBeLessThanOrEqual(woke + 3_000)
  })

  test('an answer that was overdue before the sleep is asked for again', () => {
    const told = play({ answerMs: soon, diesAt: 14_000, freezes: [{ at: 16_000, ms: MINUTE }], until: 1e6 })
    expect(deathOf(told)).toBeGreaterThan(16_000 + MINUTE)
    expect(deathOf(told)).toBeLessThanOrEqual(16_000 + MINUTE + 3_000)
  })

  test('does not put off the verdict for ever', () => {
    const freezes = Array.from({ length: 30 }, (_, k) => ({ at: k * MINUTE + 10_000, ms: MINUTE - 20 }))
    const found = deathOf(play({ answerMs: soon, diesAt: 5 * MINUTE, freezes, until: 30 * MINUTE }))
    expect(found).toBeLessThanOrEqual(10 * MINUTE)
  })

  test('a loss found by that probe counts as this client’s own', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    play({ answerMs: soon, diesAt: 10_000, freezes: [{ at: 10_000, ms: 3_600_000 }], until: 1e7 }, heartbeat)
    expect(heartbeat.probing).toBe(true)
    const awake = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    play({ answerMs: soon, diesAt: 10_000, until: 1e7 }, awake)
    expect(awake.probing).toBe(false)
  })
})

describe('a backlog', () => {
  const diesAt = 10_000

  test('that shrinks postpones the verdict as long as it shrinks', () => {
    const backlog = (now: number) => Math.max(0, 1e6 - now)
    const found = deathOf(play({ answerMs: (ping) => (ping === 1 ? 40 : undefined), backlog, until: 1e7 }))
    expect(found).toBeGreaterThan(1e6)
    expect(found).toBeLessThanOrEqual(1e6 + 12_000)
  })

  test('that is stuck gets one more timeout, for the ping may stand behind it', () => {
    const found = deathOf(play({ answerMs: soon, diesAt, backlog: () => 5_000, until: 1e7 }))
    const without = deathOf(play({ answerMs: soon, diesAt, until: 1e7 })) ?? Number.NaN
    expect(found).toBeGreaterThan(without)
    expect(found).toBeLessThanOrEqual(without + 7_000)
  })

  test('that grows is no sign of life', () => {
    expect(deathOf(play({ answerMs: soon, diesAt, backlog: (now) => now, until: 1e7 }))).toBeLessThan(50_000)
  })
})

describe('when a ping goes out', () => {
  test('at the start, to learn whether the peer answers; then after each interval of silence', () => {
    expect(pingsOf(play({ answerMs: () => 0, until: 50_000 }))).toEqual([0, 15_000, 30_000, 45_000])
  })

  test('not on a busy link where nothing is unproven', () => {
    const happenings = every(1_000, 5 * MINUTE, 'data')
    expect(pingsOf(play({ answerMs: soon, happenings, until: 5 * MINUTE }))).toEqual([0])
  })

  test('on a busy link too when something that was written is unproven', () => {
    const happenings = [...every(1_000, 5 * MINUTE, 'data'), { at: 60_500, what: 'write' } as const]
    const pings = pingsOf(play({ answerMs: soon, happenings, until: 5 * MINUTE }))
    expect(pings).toHaveLength(2)
    expect(pings[1]).toBeLessThanOrEqual(60_500 + 7_500)
  })

  test('never where the link has no pings', () => {
    const happenings = [...every(1_000, 5 * MINUTE, 'data'), { at: 2_000, what: 'write' } as const]
    expect(play({ canPing: false, answerMs: soon, happenings, until: 10 * MINUTE })).toEqual([])
  })

  test('silence of the peer lasts from half of the interval to the whole before it is asked', () => {
    fc.assert(
      fc.property(happenings(10, ['data', 'peer ping']), (happens) => {
        const { intervalMs } = resolveHeartbeat(undefined)
        const all = scaled(happens, intervalMs).filter(({ at }) => at > 100)
        const told = play({ answerMs: soon, happenings: all, until: 20 * intervalMs })
        const heardAt = [
          ...all.map(({ at }) => at),
          ...told.filter(({ verdict }) => verdict === 'answered').map(({ at }) => at),
        ]
        for (const ping of pingsOf(told).slice(1)) {
          const silence = ping - Math.max(...heardAt.filter((at) => at <= ping))
          expect(silence).toBeLessThanOrEqual(intervalMs + 1e-6)
          // Sooner only for a peer whose own pings have stopped.
          if (all.every(({ what }) => what === 'data'))
            expect(silence).toBeGreaterThanOrEqual(intervalMs / 2 - 1e-6)
        }
      }),
    )
  })
})

describe('answers', () => {
  function waiting(): Heartbeat {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    heartbeat.start(PEER, true, 0)
    return heartbeat
  }

  test('each ping has an id of its own, with our prefix', () => {
    const heartbeat = waiting()
    const ids = new Set([heartbeat.id])
    for (let k = 1; k < 100; k++) {
      heartbeat.answered(heartbeat.id, k)
      heartbeat.probe(k)
      ids.add(heartbeat.id)
    }
    expect(ids.size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^me-/)
  })

  test('a new link does not use the ids of the old one again', () => {
    const heartbeat = waiting()
    const { id } = heartbeat
    heartbeat.stop()
    heartbeat.start(PEER, true, 10)
    expect(heartbeat.id).not.toBe(id)
    expect(heartbeat.answered(id, 20)).toBe(false)
  })

  test('a pong to another client, relayed, is life but no answer', () => {
    const heartbeat = waiting()
    expect(heartbeat.answered('you-1', 10)).toBe(false)
    expect(heartbeat).toMatchObject({ verified: false, heard: true })
    expect(heartbeat.rtt.stats()).toBeUndefined()
  })

  test('an answer without an id counts where the peer’s answers carry none', () => {
    const heartbeat = waiting()
    expect(heartbeat.answered(true, 10)).toBe(true)
    expect(heartbeat.verified).toBe(true)
  })

  test('an answer counts once', () => {
    const heartbeat = waiting()
    const { id } = heartbeat
    expect(heartbeat.answered(id, 10)).toBe(true)
    expect(heartbeat.answered(id, 20)).toBe(false)
    expect(heartbeat.answered(true, 20)).toBe(false)
    expect(heartbeat.rtt.stats()).toMatchObject({ lastMs: 10 })
  })

  test('after stop() nothing is due, and a late answer is none', () => {
    const heartbeat = waiting()
    const { id } = heartbeat
    heartbeat.stop()
    expect(heartbeat.deadline).toBe(Infinity)
    expect(heartbeat.answered(id, 10)).toBe(false)
    expect(heartbeat.verified).toBe(false)
    expect(heartbeat.deadline).toBe(Infinity)
  })
})

describe('a probe', () => {
  test.each([
    [0, 2_500],
    [100, 2_500],
    [833, 2_500],
    [1_000, 3_000],
    [3_000, 9_000],
  ])('with round trips of %i ms gives %i ms', (rttMs, allowed) => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    heartbeat.start(PEER, true, 0)
    heartbeat.answered(true, rttMs)
    expect(heartbeat.probe(50_000)).toBe(true)
    expect(heartbeat.deadline - 50_000).toBe(allowed)
  })

  test('that is under way is not asked for again, and is not put off', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    heartbeat.start(PEER, true, 0)
    heartbeat.answered(true, 10)
    expect(heartbeat.probe(1_000)).toBe(true)
    const { id, deadline } = heartbeat
    expect(heartbeat.probe(2_000)).toBe(false)
    expect(heartbeat).toMatchObject({ id, deadline })
  })

  test('never makes a ping that is under way wait longer', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    heartbeat.start(PEER, true, 0)
    expect(heartbeat.probe(5_000)).toBe(true)
    expect(heartbeat.deadline).toBe(6_000)
  })

  test('says no where the link has no pings', () => {
    const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'me-')
    expect(heartbeat.start(PEER, false, 0)).toBe(false)
    expect(heartbeat.probe(10)).toBe(false)
    expect(heartbeat.deadline).toBe(Infinity)
  })
})

describe('options', () => {
  test('defaults', () => {
    expect({ ...spread(resolveHeartbeat(undefined)) }).toEqual({
      intervalMs: 15_000,
      timeoutMs: 6_000,
      probeTimeoutMs: 2_500,
    })
  })

  test('a timeout that was not given follows a short interval', () => {
    expect(spread(resolveHeartbeat({ intervalMs: 2_000 }))).toMatchObject({
      intervalMs: 2_000,
      timeoutMs: 2_000,
    })
  })

  test('a timeout over the interval is refused', () => {
    const make = () => resolveHeartbeat({ intervalMs: 5_000, timeoutMs: 5_001 })
    expect(make).toThrow(RangeError)
    expect(make).toThrow(/heartbeat\.timeoutMs.*5000.*5001/)
    expect(spread(resolveHeartbeat({ intervalMs: 5_000, timeoutMs: 5_000 }))).toMatchObject({
      timeoutMs: 5_000,
    })
  })
})

/** What resolved options inherit from the defaults too. */
function spread({
  intervalMs,
  timeoutMs,
  probeTimeoutMs,
}: Required<HeartbeatOptions>): Required<HeartbeatOptions> {
  return { intervalMs, timeoutMs, probeTimeoutMs }
}
