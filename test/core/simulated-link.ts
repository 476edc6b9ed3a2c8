import {
  Heartbeat,
  type HeartbeatOptions,
  type HeartbeatVerdict,
  resolveHeartbeat,
} from '../../src/core/heartbeat.ts'

/** What happens on a link beside the heartbeat: the peer sends data or a ping; we write, or want a sign of life. */
export interface Happening {
  readonly at: number
  readonly what: 'data' | 'peer ping' | 'write' | 'probe'
}

export interface Scene {
  readonly options?: HeartbeatOptions
  /** How long the peer takes for its answer to a ping; `undefined` for one that does not answer it. */
  readonly answerMs: (ping: number) => number | undefined
  /** From then on nothing arrives, in either direction. */
  readonly diesAt?: number
  readonly happenings?: readonly Happening[]
  /** Times in which nothing runs here. What falls due meanwhile comes after, the timer before what was received. */
  readonly freezes?: readonly { readonly at: number; readonly ms: number }[]
  readonly backlog?: (now: number) => number
  readonly canPing?: boolean
  readonly until: number
}

export interface Told {
  readonly at: number
  readonly verdict: HeartbeatVerdict | 'answered'
}

/** Plays a scene in virtual time, as the shell would. Answers all that was told; ends at the verdict `dead`. */
export function play(
  scene: Scene,
  heartbeat = new Heartbeat(resolveHeartbeat(scene.options), 'me-'),
): Told[] {
  const { diesAt = Infinity, freezes = [], backlog = () => 0, canPing = true, until } = scene
  type Event = { at: number; what: Happening['what'] | 'pong'; id?: string; lost?: boolean }
  const events: Event[] = [...(scene.happenings ?? [])]
  const told: Told[] = []
  const thawed = (at: number) =>
    freezes.reduce((t, { at: from, ms }) => (t >= from && t < from + ms ? from + ms : t), at)
  let pings = 0
  let unproven = false
  let now = 0
  let spins = 0
  let lastDue = -1
  const ping = () => {
    const answerMs = scene.answerMs(++pings)
    told.push({ at: now, verdict: 'ping' })
    if (answerMs === undefined || now >= diesAt) return
    events.push({ at: now + answerMs, what: 'pong', id: heartbeat.id })
  }
  if (heartbeat.start('wss://peer.test/path', canPing, now)) ping()
  for (;;) {
    events.sort((a, b) => a.at - b.at)
    const next = events[0] ?? { at: Infinity, what: 'data' }
    const nextAt = Math.max(now, thawed(next.at))
    const dueAt = Math.max(now, thawed(heartbeat.deadline))
    now = Math.min(nextAt, dueAt)
    if (now > until) return told
    if (dueAt <= nextAt) {
      spins = dueAt === lastDue ? spins + 1 : 0
      lastDue = dueAt
      if (spins > 5) throw new Error(`A timer without end at ${now}`)
      const verdict = heartbeat.tick(now, backlog(now), unproven)
      if (verdict === 'ping') ping()
      else if (verdict) told.push({ at: now, verdict })
      if (verdict === 'dead') return told
      continue
    }
    events.shift()
    const { what, at, id } = next as Event
    if (what === 'probe') {
      if (heartbeat.probe(now)) ping()
    } else if (what === 'write') unproven = true
    else if (at < diesAt) {
      if (what === 'data') heartbeat.heard = true
      else if (what === 'peer ping') heartbeat.peerPinged(now)
      else if (heartbeat.answered(id ?? '', now)) {
        unproven = false
        told.push({ at: now, verdict: 'answered' })
      }
    }
  }
}

/** When the link was declared dead. */
export function deathOf(told: readonly Told[]): number | undefined {
  return told.find(({ verdict }) => verdict === 'dead')?.at
}
