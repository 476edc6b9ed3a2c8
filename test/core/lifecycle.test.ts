import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { constantBackoff } from '../../src/core/backoff.ts'
import {
  connectTimeout,
  type Effect,
  type LifecycleEvent,
  type LifecycleRules,
  transition,
} from '../../src/core/lifecycle.ts'
import { type LossCause, type LossKind, unclean } from '../../src/core/loss.ts'
import type { RetryOptions } from '../../src/core/retry.ts'
import {
  failsFast,
  initialState,
  isOver,
  isUnavailable,
  type SocketStatus,
  type State,
} from '../../src/core/state.ts'
import { closedWith, lifecycleRules } from './lifecycle-rules.ts'

const rules = lifecycleRules()

/** A lifecycle that is driven fact by fact. */
class Machine {
  state: State = initialState
  now = 1_000_000
  effects: readonly Effect[] = []
  readonly rules: LifecycleRules

  constructor(rules: LifecycleRules) {
    this.rules = rules
  }

  feed(event: LifecycleEvent): this {
    const [state, effects] = transition(this.state, event, this.now, this.rules)
    this.state = state
    this.effects = effects
    return this
  }

  tell(...types: readonly Exclude<LifecycleEvent['type'], 'opened' | 'lost'>[]): this {
    for (const type of types) this.feed({ type })
    return this
  }

  opened(): this {
    return this.feed({ type: 'opened', generation: this.state.generation })
  }

  lost(cause: LossCause = unclean('refused')): this {
    return this.feed({ type: 'lost', generation: this.state.generation, cause })
  }

  wait(ms: number): this {
    this.now += ms
    return this
  }

  /** Lets time pass until the state wants a tick, and gives it. */
  due(): this {
    this.now = this.state.deadline
    return this.tell('tick')
  }

  get did(): string {
    return this.effects.map(brief).join(' ')
  }
}

function brief(effect: Effect): string {
  if (effect.do === 'ended') return `ended(${effect.cause.kind})`
  return effect.do === 'detach' && effect.abort ? 'abort' : effect.do
}

const start = (given: LifecycleRules = rules) => new Machine(given)
const connecting = (given?: LifecycleRules) => start(given).tell('open').wait(1)
const open = (given?: LifecycleRules) => connecting(given).opened()

/** A way to each status, by facts alone. */
const ways: Record<SocketStatus, () => Machine> = {
  idle: start,
  connecting,
  open,
  backoff: () => connecting().lost(),
  offline: () => connecting().tell('offline').lost(),
  suspended: () => open().tell('suspend'),
  closing: () => open().tell('close'),
  closed: () => start().tell('close'),
  failed: () => connecting().lost(closedWith(4400)),
}

/** What can happen, and how it is brought to a machine. */
const facts = {
  open: (machine: Machine) => machine.tell('open'),
  reconnect: (machine: Machine) => machine.tell('reconnect'),
  close: (machine: Machine) => machine.tell('close'),
  suspend: (machine: Machine) => machine.tell('suspend'),
  wake: (machine: Machine) => machine.tell('wake'),
  online: (machine: Machine) => machine.tell('online'),
  offline: (machine: Machine) => machine.tell('offline'),
  'early tick': (machine: Machine) => machine.wait(Number.EPSILON).tell('tick'),
  'due tick': (machine: Machine) => (machine.state.deadline === Infinity ? machine : machine.due()),
  opened: (machine: Machine) => machine.opened(),
  lost: (machine: Machine) => machine.lost(closedWith(1001)),
}

const nothing = ''
const again = 'connecting: connect'
const replaced = 'connecting: detach ended(user) connect'

/** The whole lifecycle: for each status and fact the next status and what is to be done. '' is: nothing happens. */
const table: Record<SocketStatus, Record<keyof typeof facts, string>> = {
  idle: {
    open: again,
    reconnect: again,
    close: 'closed:',
    suspend: nothing,
    wake: nothing,
    online: nothing,
    offline: nothing,
    'early tick': nothing,
    'due tick': nothing,
    opened: nothing,
    lost: nothing,
  },
  connecting: {
    open: nothing,
    reconnect: replaced,
    close: 'closing: abort',
    suspend: 'suspended: detach ended(user)',
    wake: nothing,
    online: nothing,
    offline: nothing,
    'early tick': nothing,
    'due tick': 'backoff: abort ended(timeout)',
    opened: 'open: opened',
    lost: 'backoff: detach ended(close)',
  },
  open: {
    open: nothing,
    reconnect: replaced,
    close: 'closing: close',
    suspend: 'suspended: detach ended(user)',
    wake: 'open: probe',
    online: 'open: probe',
    offline: 'open: probe',
    'early tick': nothing,
    'due tick': nothing,
    opened: nothing,
    lost: 'backoff: detach ended(close)',
  },
  backoff: {
    open: nothing,
    reconnect: again,
    close: 'closing:',
    suspend: 'suspended:',
    wake: again,
    online: again,
    offline: 'offline:',
    'early tick': nothing,
    'due tick': again,
    opened: nothing,
    lost: nothing,
  },
  offline: {
    open: nothing,
    reconnect: again,
    close: 'closing:',
    suspend: 'suspended:',
    wake: again,
    online: again,
    offline: nothing,
    'early tick': nothing,
    'due tick': again,
    opened: nothing,
    lost: nothing,
  },
  suspended: {
    open: again,
    reconnect: again,
    close: 'closed:',
    suspend: nothing,
    wake: again,
    online: nothing,
    offline: nothing,
    'early tick': nothing,
    'due tick': nothing,
    opened: nothing,
    lost: nothing,
  },
  closing: {
    open: replaced,
    reconnect: replaced,
    close: nothing,
    suspend: nothing,
    wake: nothing,
    online: nothing,
    offline: nothing,
    'early tick': nothing,
    'due tick': 'closed: abort ended(user)',
    opened: nothing,
    lost: 'closed: detach ended(user)',
  },
  closed: {
    open: again,
    reconnect: again,
    close: nothing,
    suspend: nothing,
    wake: nothing,
    online: nothing,
    offline: nothing,
    'early tick': nothing,
    'due tick': nothing,
    opened: nothing,
    lost: nothing,
  },
  failed: {
    open: again,
    reconnect: again,
    close: 'closed:',
    suspend: nothing,
    wake: nothing,
    online: nothing,
    offline: nothing,
    'early tick': nothing,
    'due tick': nothing,
    opened: nothing,
    lost: nothing,
  },
}

const statuses = Object.keys(table) as SocketStatus[]
const cells = statuses.flatMap((status) =>
  (Object.keys(facts) as (keyof typeof facts)[]).map((fact) => ({
    status,
    fact,
    leads: table[status][fact] || `${status}:`,
  })),
)

describe('each status, each fact', () => {
  test.each(cells)('$status, $fact → $leads', ({ status, fact, leads }) => {
    const machine = ways[status]()
    expect(machine.state.status).toBe(status)
    machine.effects = []
    facts[fact](machine)
    expect(`${machine.state.status}: ${machine.did}`.trim()).toBe(leads)
  })

  const unchanging: (keyof typeof facts)[] = [
    'open',
    'close',
    'suspend',
    'wake',
    'early tick',
    'opened',
    'lost',
  ]
  const quiet = cells.filter(
    ({ status, fact }) => table[status][fact] === nothing && unchanging.includes(fact),
  )
  test.each(quiet)('$status, $fact leaves the very same state', ({ status, fact }) => {
    const machine = ways[status]()
    const before = machine.state
    expect(facts[fact](machine).state).toBe(before)
  })

  test.each(statuses)('%s: what arrives from an older generation is ignored', (status) => {
    const machine = ways[status]()
    const before = machine.state
    for (const generation of [before.generation - 1, before.generation + 1, -1]) {
      machine.feed({ type: 'opened', generation })
      expect([machine.state, machine.did]).toEqual([before, ''])
      machine.feed({ type: 'lost', generation, cause: closedWith(1001) })
      expect(machine.state).toBe(before)
      expect(machine.did).toBe('')
    }
  })

  test.each(statuses)('%s: the network signal that is known already changes nothing', (status) => {
    const machine = ways[status]()
    machine.tell('offline')
    const offline = machine.state
    expect(machine.tell('offline').state).toBe(offline)
    machine.tell('online')
    const online = machine.state
    expect(machine.tell('online').state).toBe(online)
  })
})

describe('the three ways into closing end in closed, told once', () => {
  test.each([
    ['an attempt', connecting, 'abort'],
    ['a wait', ways.backoff, ''],
    ['a wait for the network', ways.offline, ''],
    ['a link', open, 'close'],
  ])('%s', (_name, way, did) => {
    const machine = way().tell('close')
    expect([machine.state.status, machine.did]).toEqual(['closing', did])
    machine.due()
    expect([machine.state.status, machine.did]).toEqual(['closed', 'abort ended(user)'])
  })

  test('an attempt or a wait has no peer to wait for: the end is due at once', () => {
    for (const way of [connecting, ways.backoff, ways.offline]) {
      const machine = way()
      const { now } = machine
      expect(machine.tell('close').state.deadline).toBe(now)
    }
  })

  test('a link has closeTimeoutMs for its closing handshake', () => {
    const machine = open(lifecycleRules({ closeTimeoutMs: 777 })).tell('close')
    expect(machine.state.deadline).toBe(machine.now + 777)
  })

  test('a clean answer to the close proves what was written; no answer proves nothing', () => {
    // `close()` without a code sends none, and is answered by none: 1005.
    expect(open().tell('close').lost(closedWith(1005)).effects).toContainEqual(
      expect.objectContaining({ do: 'ended', proven: true, failed: false }),
    )
    // Another code is the peer's own, sent before it had ours: the two crossed.
    expect(open().tell('close').lost(closedWith(1012)).effects).toContainEqual(
      expect.objectContaining({ do: 'ended', proven: false, failed: false }),
    )
    expect(open().tell('close').due().effects).toContainEqual(
      expect.objectContaining({ do: 'ended', proven: false, failed: false }),
    )
    expect(open().lost(closedWith(1000)).effects).toContainEqual(
      expect.objectContaining({ do: 'ended', proven: false, failed: false }),
    )
  })

  test('a close() of the user while the network is gone is still told as the user’s own', () => {
    const machine = open().tell('offline', 'close').due()
    expect(machine.did).toBe('abort ended(user)')
  })
})

describe('what is counted', () => {
  test('the count of attempts grows over failures, and a stable link resets it', () => {
    const machine = connecting()
    for (const attempt of [1, 2, 3]) {
      expect(machine.state.attempt).toBe(attempt)
      machine.lost().due()
    }
    machine.opened()
    expect(machine.state).toMatchObject({ status: 'open', attempt: 4 })
    machine.due()
    expect(machine.state).toMatchObject({
      status: 'open',
      attempt: 0,
      waits: 0,
      lostAt: undefined,
      deadline: Infinity,
    })
  })

  test('a link that was lost before stableMs did not reset anything', () => {
    const machine = open()
    const { stableMs } = machine.rules.retry as { stableMs: number }
    machine.wait(stableMs - 1).lost()
    expect(machine.state).toMatchObject({ attempt: 1, waits: 1 })
    machine
      .due()
      .opened()
      .wait(stableMs - 1)
      .lost()
    expect(machine.state).toMatchObject({ attempt: 2, waits: 2 })
  })

  // Timers come late: a background tab is throttled to one a minute, a machine sleeps.
  test('a link that outlived stableMs was stable, although no tick came in time', () => {
    const machine = open().wait(60_000).lost(closedWith(1006))
    expect(machine.state).toMatchObject({ status: 'backoff', attempt: 0, waits: 1, lostAt: machine.now })
  })

  test('a server that accepts and closes at once is met with growing waits', () => {
    const machine = connecting(lifecycleRules({ random: () => 0.5 }))
    const delays: number[] = []
    for (let round = 0; round < 5; round++) {
      machine.opened().wait(30).lost(closedWith(1000))
      delays.push(machine.state.delayMs)
      machine.due()
    }
    expect(delays).toEqual([1_500, 4_000, 8_000, 16_000, 20_000])
  })

  test('the time without a link counts from the end of the last one, whatever ended it', () => {
    for (const end of ['lost', 'reconnect', 'suspend', 'close'] as const) {
      const machine = open()
      expect(machine.state.downSince).toBeUndefined()
      machine.wait(500)
      const endedAt = machine.now
      if (end === 'lost') machine.lost(closedWith(1006))
      else machine.tell(end)
      machine.wait(100).tell('reconnect')
      expect(machine.state.downSince).toBe(endedAt)
      expect(machine.opened().state.downSince).toBeUndefined()
    }
    expect(connecting().state.downSince).toBeUndefined()
  })

  test('a wait that the server asked for is ended by the user alone', () => {
    const hinted = () => open().lost(closedWith(1013, '{"retryAfterMs":60000,"windowMs":0}'))
    for (const hint of ['wake', 'online', 'offline'] as const) {
      expect(hinted().wait(10).tell(hint).state).toMatchObject({ status: 'backoff', delayMs: 60_000 })
    }
    expect(hinted().wait(10).tell('reconnect').state.status).toBe('connecting')
    expect(hinted().due().state.status).toBe('connecting')
    expect(open().lost(closedWith(1013)).wait(1).tell('wake').state.status).toBe('connecting')
  })

  test('attempts without a network are not counted, and end nothing', () => {
    const machine = connecting(lifecycleRules({ retry: { maxAttempts: 3, unavailableAfter: 2 } })).tell(
      'offline',
    )
    for (let round = 0; round < 20; round++) machine.lost().due()
    expect(machine.state).toMatchObject({ status: 'connecting', attempt: 1 })
    machine.lost().tell('online').lost().due().lost()
    expect(machine.state).toMatchObject({ status: 'failed', attempt: 3 })
  })

  test('what ended the last link is known also where the user did', () => {
    expect(open().tell('suspend').state.cause?.kind).toBe('user')
    expect(open().tell('reconnect').state.cause?.kind).toBe('user')
    expect(open().lost(closedWith(1012)).tell('reconnect').state.cause?.code).toBe(1012)
  })

  test('a slow wait is spread, and a wait that is slow already is left as it is', () => {
    const delays = (ms: number) =>
      [0, 0.5, 0.999].map((draw) => {
        const given = lifecycleRules({
          backoff: () => ms,
          random: () => draw,
          retry: { unavailableAfter: 1 },
        })
        return Math.round(connecting(given).lost().state.delayMs)
      })
    expect(delays(100)).toEqual([10_000, 12_500, 14_995])
    expect(delays(12_000)).toEqual([12_000, 12_000, 12_000])
  })

  test('open() and reconnect() after the end start a new count', () => {
    for (const how of ['open', 'reconnect'] as const) {
      const machine = connecting().lost().due().lost(closedWith(4400))
      expect(machine.state.status).toBe('failed')
      machine.tell(how)
      expect(machine.state).toMatchObject({ status: 'connecting', attempt: 1, waits: 0, lostAt: undefined })
    }
  })

  test('unavailable: after N failed attempts, while waiting and while trying again, and no longer when open', () => {
    const { retry } = rules
    const machine = connecting()
    const seen: boolean[] = []
    for (let attempt = 1; attempt <= 6; attempt++) {
      seen.push(isUnavailable(machine.state, retry))
      machine.lost()
      seen.push(isUnavailable(machine.state, retry))
      machine.due()
    }
    // Attempt 5 fails, and from then on it is.
    expect(seen).toEqual([...Array(9).fill(false), true, true, true])
    expect(isUnavailable(machine.opened().state, retry)).toBe(false)
    expect(isUnavailable(machine.state, false)).toBe(false)
  })

  test('only failFast makes unavailable a reason to fail', () => {
    const machine = connecting(lifecycleRules({ retry: { unavailableAfter: 1, failFast: true } })).lost()
    expect(failsFast(machine.state, machine.rules.retry)).toBe(true)
    expect(failsFast(machine.state, rules.retry)).toBe(false)
    expect(failsFast(machine.state, false)).toBe(false)
  })
})

describe('timeouts', () => {
  test('an attempt has a timeout that doubles up to its bound', () => {
    const machine = connecting(lifecycleRules({ connectTimeoutMs: 1_000, maxConnectTimeoutMs: 6_500 }))
    const timeouts: number[] = []
    for (let round = 0; round < 5; round++) {
      timeouts.push(machine.state.deadline - machine.state.since)
      machine.due().due()
    }
    expect(timeouts).toEqual([1_000, 2_000, 4_000, 6_500, 6_500])
  })

  test('the timeout is within its bounds for any number of attempts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e6), fc.nat(1e9), (attempt, least, more) => {
        const given = lifecycleRules({ connectTimeoutMs: least + 1, maxConnectTimeoutMs: least + 1 + more })
        const timeout = connectTimeout(attempt, given)
        expect(timeout).toBeGreaterThanOrEqual(given.connectTimeoutMs)
        expect(timeout).toBeLessThanOrEqual(given.maxConnectTimeoutMs)
      }),
    )
  })

  test('a tick that comes late does what it would have done in time', () => {
    expect(connecting().wait(1e9).tell('tick').did).toBe('abort ended(timeout)')
    expect(ways.backoff().wait(1e9).tell('tick').did).toBe('connect')
  })
})

describe('outcomes', () => {
  const outcomes = { 4100: 'now', 4101: 'retry', 4102: 'refresh', 4103: 'stop' } as const
  const given = lifecycleRules({ closePolicy: outcomes })

  test('now: at once after a stable link, with backoff when that fails', () => {
    const machine = open(given).due().wait(1).lost(closedWith(4100))
    expect(machine.state).toMatchObject({
      status: 'backoff',
      delayMs: 0,
      deadline: machine.now,
      refresh: false,
    })
    machine.due().lost(closedWith(4100))
    expect(machine.state).toMatchObject({ status: 'backoff', delayMs: 4_000 })
  })

  test('retry: with backoff', () => {
    expect(open(given).due().lost(closedWith(4101)).state).toMatchObject({ delayMs: 1_500, refresh: false })
  })

  test('refresh: with backoff, and the next attempt asks for new credentials; the link ends that', () => {
    const machine = open(given).due().lost(closedWith(4102))
    expect(machine.state).toMatchObject({ status: 'backoff', delayMs: 1_500, refresh: true })
    expect(machine.due().state.refresh).toBe(true)
    expect(machine.opened().state.refresh).toBe(false)
  })

  test('stop: failed, with the cause, and not for a limit', () => {
    const machine = open(given).due().lost(closedWith(4103))
    expect(machine.state).toMatchObject({ status: 'failed', exhausted: false, deadline: Infinity })
    expect(machine.state.cause).toMatchObject({ code: 4103 })
  })

  test('refresh is believed three times in a row, then the refusal is', () => {
    const machine = connecting(given)
    for (let round = 0; round < 3; round++) {
      machine.opened().lost(closedWith(4102))
      expect(machine.state.status).toBe('backoff')
      machine.due()
    }
    expect(machine.opened().lost(closedWith(4102)).state.status).toBe('failed')
  })

  test('a stable link between two refusals starts that count anew', () => {
    const machine = connecting(given)
    for (let round = 0; round < 10; round++) {
      machine.opened().due().lost(closedWith(4102))
      expect(machine.state.status).toBe('backoff')
      machine.due()
    }
  })

  test('without a provider there is nothing new to ask for: refresh stops', () => {
    const machine = connecting({ ...given, refreshable: false })
    expect(machine.lost(closedWith(4102)).state.status).toBe('failed')
  })
})

describe('retry: false', () => {
  const once = lifecycleRules({ retry: false })

  test.each<[string, (machine: Machine) => Machine]>([
    ['a refused attempt', (machine) => machine.lost()],
    ['an attempt that takes too long', (machine) => machine.due()],
    ['a clean close', (machine) => machine.opened().lost(closedWith(1000))],
    ['a lost link', (machine) => machine.opened().lost(closedWith(1006))],
    ['a lost link while offline', (machine) => machine.opened().tell('offline').lost(closedWith(1006))],
    ['a refusal that would be refreshed', (machine) => machine.lost(closedWith(4401))],
  ])('%s ends in closed', (_name, act) => {
    const machine = act(connecting(once))
    expect(machine.state).toMatchObject({ status: 'closed', deadline: Infinity })
    expect(machine.did).toMatch(/^(abort|detach) ended\(\w+\)$/)
    expect(machine.state.cause).toBeDefined()
  })

  test('a link that stays needs no tick', () => {
    expect(open(once).state.deadline).toBe(Infinity)
  })
})

describe('limits', () => {
  test.each([1, 2, 7])('maxAttempts %i: that many attempts, then failed', (maxAttempts) => {
    const machine = connecting(lifecycleRules({ retry: { maxAttempts } }))
    let attempts = 0
    while (!isOver(machine.state)) {
      attempts++
      machine.lost()
      if (!isOver(machine.state)) machine.due()
    }
    expect(machine.state).toMatchObject({ status: 'failed', exhausted: true, attempt: maxAttempts })
    expect(attempts).toBe(maxAttempts)
  })

  test('maxElapsedMs: the first attempt that fails after it is the last', () => {
    const backoff = constantBackoff(1_000)
    const machine = connecting(lifecycleRules({ backoff, retry: { maxElapsedMs: 10_000, slowMs: 0 } }))
    const began = machine.now
    const failures: number[] = []
    while (!isOver(machine.state)) {
      machine.lost()
      failures.push(machine.now - began)
      if (!isOver(machine.state)) machine.due()
    }
    expect(machine.state).toMatchObject({ status: 'failed', exhausted: true })
    expect(failures).toHaveLength(12)
    expect(failures.slice(0, -1).every((at) => at <= 10_000)).toBe(true)
  })

  test('after a limit reconnect() works again', () => {
    const machine = connecting(lifecycleRules({ retry: { maxAttempts: 1 } })).lost()
    expect(machine.state.status).toBe('failed')
    expect(machine.tell('reconnect').did).toBe('connect')
    expect(machine.opened().state.status).toBe('open')
  })

  test('a link of a later outage does not inherit the time of the one before', () => {
    const machine = connecting(lifecycleRules({ retry: { maxElapsedMs: 60_000 } }))
    machine.lost().wait(50_000).due().opened().due().wait(3_600_000).lost(closedWith(1006))
    expect(machine.state).toMatchObject({ status: 'backoff', lostAt: machine.now })
  })
})

describe('waits', () => {
  test('from unavailableAfter on they are at least slowMs', () => {
    const given = lifecycleRules({
      backoff: constantBackoff(5),
      retry: { unavailableAfter: 3, slowMs: 700 },
    })
    const machine = connecting(given)
    const delays: number[] = []
    for (let round = 0; round < 5; round++) {
      delays.push(machine.lost().state.delayMs)
      machine.due()
    }
    expect(delays.slice(0, 2)).toEqual([5, 5])
    for (const delay of delays.slice(2)) expect(delay).toBeGreaterThanOrEqual(700)
  })

  test('slowMs does not shorten a longer wait', () => {
    const given = lifecycleRules({ backoff: constantBackoff(99_000), retry: { unavailableAfter: 1 } })
    expect(connecting(given).lost().state.delayMs).toBe(99_000)
  })

  test('the policy is told which wait this is, the wait before, and the time since the loss', () => {
    const asked: unknown[] = []
    const backoff: LifecycleRules['backoff'] = ({ attempt, lastDelayMs, sinceLossMs, cause }) => {
      asked.push([attempt, lastDelayMs, sinceLossMs, cause.kind])
      return attempt * 100
    }
    const machine = open(lifecycleRules({ backoff })).due().wait(7)
    machine.lost(closedWith(1006)).due().wait(10).lost().due().due()
    expect(asked).toEqual([
      [1, 0, 0, 'close'],
      [2, 100, 110, 'refused'],
      [3, 200, 310 + 12_000, 'timeout'],
    ])
  })

  test('a hint of the server decides, plus a draw from its window; the policy is not asked', () => {
    const reason = JSON.stringify({ retryAfterMs: 5_000, windowMs: 2_000 })
    const asked: unknown[] = []
    const backoff = (context: unknown) => asked.push(context)
    const machine = open(lifecycleRules({ random: () => 0.25, backoff })).lost(closedWith(1012, reason))
    expect(machine.state.delayMs).toBe(5_500)
    expect(asked).toEqual([])
  })

  test('Retry-After of a refused handshake is a hint too', () => {
    const cause: LossCause = { ...unclean('http'), status: 503, retryAfterMs: 9_000 }
    expect(connecting().lost(cause).state.delayMs).toBe(9_000)
  })

  test('each part of a hint counts for maxRetryAfterMs at most', () => {
    const hint = fc.record({ retryAfterMs: fc.double({ noNaN: true }), windowMs: fc.double({ noNaN: true }) })
    fc.assert(
      fc.property(hint, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (given, draw) => {
        const machine = open(lifecycleRules({ random: () => draw, retry: { maxRetryAfterMs: 10_000 } }))
        const { delayMs } = machine.lost(closedWith(1013, JSON.stringify(given))).state
        expect(delayMs).toBeGreaterThanOrEqual(0)
        expect(delayMs).toBeLessThanOrEqual(20_000)
      }),
    )
  })
})

describe('a network that is gone', () => {
  test('what fails while it is gone waits for it, and probes slowly', () => {
    const machine = connecting().tell('offline').lost()
    expect(machine.state).toMatchObject({
      status: 'offline',
      delayMs: 30_000,
      deadline: machine.now + 30_000,
    })
    expect(machine.due().did).toBe('connect')
    expect(machine.lost().state.status).toBe('offline')
  })

  test('a wait that is under way becomes the wait for the network, and says so', () => {
    const machine = ways.backoff().tell('offline')
    const { delayMs, deadline } = machine.state
    expect(deadline - machine.now).toBe(30_000)
    expect(delayMs).toBe(30_000)
  })

  test('its return ends the wait at once, and the waits start over', () => {
    const waits: [number, number][] = []
    const backoff: LifecycleRules['backoff'] = ({ attempt, lastDelayMs }) => {
      waits.push([attempt, lastDelayMs])
      return 10
    }
    const machine = connecting(lifecycleRules({ backoff })).lost().tell('offline', 'online')
    expect(machine.state.status).toBe('connecting')
    machine.lost()
    expect(waits).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  test('the signal can lie: a link that opens all the same is proof', () => {
    const machine = connecting().tell('offline').lost().due().opened()
    expect(machine.state).toMatchObject({ status: 'open', online: true })
    expect(machine.lost(closedWith(1006)).state.status).toBe('backoff')
  })

  test.each<[LossCause, LossKind]>([
    [closedWith(1006), 'offline'],
    [unclean('refused'), 'offline'],
    [closedWith(1001), 'close'],
    [{ ...unclean('http'), status: 403 }, 'http'],
    [unclean('url'), 'url'],
    [unclean('setup'), 'setup'],
    [unclean('gate'), 'gate'],
  ])('a loss meanwhile is told as what it was: %o → %s', (cause, kind) => {
    const machine = open().tell('offline').lost(cause)
    expect(machine.effects.find((effect) => effect.do === 'ended')).toMatchObject({ cause: { kind } })
    expect(machine.state.cause).toMatchObject({ ...cause, kind })
  })

  test('what the platform refuses to set up is no reason to wait for the network', () => {
    const machine = connecting(lifecycleRules({ refreshable: false }))
      .tell('offline')
      .lost(unclean('setup'))
    expect(machine.state.status).toBe('failed')
  })
})

// ── Random sequences ──

const events = fc.oneof(
  { weight: 3, arbitrary: fc.constant('tick' as const) },
  { weight: 2, arbitrary: fc.constant('opened' as const) },
  { weight: 2, arbitrary: fc.constant('lost' as const) },
  fc.constantFrom('open', 'reconnect', 'close', 'suspend', 'wake', 'online', 'offline'),
  fc.constantFrom('stale opened', 'stale lost'),
)

const causes: fc.Arbitrary<LossCause> = fc.oneof(
  fc
    .constantFrom('refused', 'timeout', 'heartbeat', 'wake', 'gate', 'url', 'setup')
    .map((kind) => unclean(kind as LossKind)),
  fc.constantFrom(1000, 1001, 1006, 1008, 1011, 1012, 4400, 4401).map((code) => closedWith(code)),
  fc
    .constantFrom('', '{"retryAfterMs":700,"windowMs":300}', '[1]', 'null')
    .map((reason) => closedWith(1013, reason)),
  fc.constantFrom(301, 401, 403, 404, 429, 500, 503).map((status) => ({ ...unclean('http'), status })),
)

const steps = fc.array(
  fc.record({
    event: events,
    cause: causes,
    // Either some time, or exactly until the state wants a tick.
    wait: fc.oneof(fc.constant('due' as const), fc.constant(0), fc.nat(20_000)),
  }),
  { minLength: 1, maxLength: 60 },
)

const retries: fc.Arbitrary<RetryOptions | false> = fc.oneof(
  fc.constant(false as const),
  fc.record(
    {
      maxAttempts: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 6 })),
      maxElapsedMs: fc.oneof(fc.constant(Infinity), fc.nat(60_000)),
      stableMs: fc.nat(15_000),
      unavailableAfter: fc.integer({ min: 1, max: 6 }),
      slowMs: fc.nat(20_000),
    },
    { requiredKeys: [] },
  ),
)

const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))

const WAITING: readonly SocketStatus[] = ['backoff', 'offline']
const LIVE: readonly SocketStatus[] = ['connecting', 'open', 'closing']

/** Carries effects out as the shell does, and knows what must never happen. */
class World {
  readonly machine: Machine
  /** The generation whose native socket is there. */
  native: number | undefined
  /** How many `ended` are still to come: one for each attempt, one for a close() that ends a wait. */
  owed = 0
  openedLinks = 0

  constructor(machine: Machine) {
    this.machine = machine
  }

  step(event: string, cause: LossCause): void {
    const { machine } = this
    const before = machine.state
    if (event === 'opened') machine.opened()
    else if (event === 'lost') machine.lost(cause)
    else if (event === 'stale opened') machine.feed({ type: 'opened', generation: before.generation - 1 })
    else if (event === 'stale lost') machine.feed({ type: 'lost', generation: before.generation - 1, cause })
    else machine.tell(event as 'open')
    if (event.startsWith('stale')) expect(machine.state).toBe(before)
    if (event === 'close' && WAITING.includes(before.status)) this.owed++
    for (const effect of machine.effects) this.#perform(effect)
    this.#check(event, before)
  }

  #perform(effect: Effect): void {
    const { state } = this.machine
    if (effect.do === 'connect') {
      expect(this.native, 'one native socket at most').toBeUndefined()
      this.native = state.generation
      this.owed++
    } else if (effect.do === 'detach') this.native = undefined
    else if (effect.do === 'ended') {
      expect(this.native, 'what has ended is let go of').toBeUndefined()
      this.owed--
    } else {
      // close, opened, probe: there is a link for it.
      expect(this.native).toBe(state.generation)
      if (effect.do === 'opened') this.openedLinks++
    }
  }

  #check(event: string, before: State): void {
    const { state, now, rules } = this.machine
    const connects = this.machine.effects.filter((effect) => effect.do === 'connect').length
    expect(state.generation - before.generation, 'a generation for each attempt').toBe(connects)
    expect(this.owed, 'each attempt ends exactly once').toBe(LIVE.includes(state.status) ? 1 : 0)
    if (!LIVE.includes(state.status)) expect(this.native).toBeUndefined()
    const needsTick =
      WAITING.includes(state.status) || state.status === 'connecting' || state.status === 'closing'
    expect(state.deadline).not.toBeNaN()
    if (needsTick) expect(state.deadline).toBeLessThan(Infinity)
    else if (state.status !== 'open') expect(state.deadline).toBe(Infinity)
    if (state.status !== before.status) expect(state.since).toBe(now)
    expect(state.downSince !== undefined, 'downtime').toBe(this.openedLinks > 0 && state.status !== 'open')
    if (state.attempt < before.attempt) {
      const stable = rules.retry && before.status === 'open' && now >= before.since + rules.retry.stableMs
      expect(['open', 'reconnect', 'wake'].includes(event) || stable, 'the count fell').toBe(true)
    }
    if (state.status === 'backoff' && before.status !== 'backoff') {
      expect(state.deadline).toBe(now + state.delayMs)
      expect(state.delayMs).toBeGreaterThanOrEqual(0)
      // 5 min times 1.5 is the longest that the default policy waits.
      expect(state.delayMs).toBeLessThan(450_000)
    }
    if (rules.retry === false) expect([...WAITING, 'failed']).not.toContain(state.status)
    if (state.status === 'failed') expect(state.cause).toBeDefined()
  }
}

function run(
  given: LifecycleRules,
  sequence: { event: string; cause: LossCause; wait: number | 'due' }[],
): World {
  const world = new World(new Machine(given))
  for (const { event, cause, wait } of sequence) {
    const { machine } = world
    const { deadline } = machine.state
    machine.wait(wait !== 'due' ? wait : deadline < Infinity ? Math.max(deadline - machine.now, 0) : 0)
    world.step(event, cause)
  }
  return world
}

describe('any sequence of facts', () => {
  test('keeps the invariants', () => {
    fc.assert(
      fc.property(steps, retries, fc.boolean(), draws, (sequence, retry, refreshable, random) => {
        run(lifecycleRules({ retry, refreshable, random: () => random.next().value }), sequence)
      }),
      { numRuns: 500 },
    )
  })

  test('and then close() ends in closed by ticks alone, told exactly once where readyState was 0 or 1', () => {
    fc.assert(
      fc.property(steps, retries, (sequence, retry) => {
        const world = run(lifecycleRules({ retry }), sequence)
        const { machine } = world
        const { status } = machine.state
        const tells = ['connecting', 'open', 'backoff', 'offline', 'closing'].includes(status) ? 1 : 0
        let told = 0
        const count = () => {
          told += machine.effects.filter((effect) => effect.do === 'ended').length
        }
        world.step('close', unclean('user'))
        count()
        for (let ticks = 0; machine.state.status !== 'closed'; ticks++) {
          expect(ticks).toBeLessThan(2)
          machine.now = Math.max(machine.now, machine.state.deadline)
          world.step('tick', unclean('user'))
          count()
        }
        expect(told).toBe(tells)
        expect(machine.state.deadline).toBe(Infinity)
      }),
    )
  })

  test('and then the socket comes back: reconnect() and a peer that accepts lead to open', () => {
    fc.assert(
      fc.property(steps, retries, (sequence, retry) => {
        const world = run(lifecycleRules({ retry }), sequence)
        world.machine.wait(1)
        world.step('reconnect', unclean('user'))
        world.step('opened', unclean('user'))
        expect(world.machine.state.status).toBe('open')
      }),
    )
  })

  test('a state is never changed in place', () => {
    fc.assert(
      fc.property(steps, retries, (sequence, retry) => {
        const machine = new Machine(lifecycleRules({ retry }))
        machine.state = Object.freeze(machine.state)
        for (const { event, cause } of sequence) {
          if (event === 'opened') machine.opened()
          else if (event === 'lost') machine.lost(cause)
          else if (!event.startsWith('stale')) machine.tell(event as 'open')
          Object.freeze(machine.state)
          machine.wait(1_000)
        }
      }),
    )
  })

  test('without help from outside, limits end it: never more than maxAttempts attempts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(causes, { minLength: 1 }),
        draws,
        (limit, losses, random) => {
          const given = lifecycleRules({ retry: { maxAttempts: limit }, random: () => random.next().value })
          const machine = connecting(given)
          for (let round = 0; !isOver(machine.state); round++) {
            machine.lost(losses[round % losses.length] as LossCause)
            expect(round).toBeLessThan(limit)
            if (!isOver(machine.state)) machine.due()
          }
          expect(machine.state.attempt).toBeLessThanOrEqual(limit)
        },
      ),
    )
  })
})
