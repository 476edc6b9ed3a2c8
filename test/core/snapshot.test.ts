import { describe, expect, test } from 'vitest'
import { Heartbeat, resolveHeartbeat } from '../../src/core/heartbeat.ts'
import { unclean } from '../../src/core/loss.ts'
import { retryDefaults } from '../../src/core/retry.ts'
import { plannedWait, snapshotOf } from '../../src/core/snapshot.ts'
import { initialState, type SocketStatus, type State } from '../../src/core/state.ts'

const statuses: SocketStatus[] = [
  'idle',
  'connecting',
  'open',
  'backoff',
  'offline',
  'suspended',
  'closing',
  'closed',
  'failed',
]
const at = (status: SocketStatus, more: Partial<State> = {}): State => ({
  ...initialState,
  status,
  delayMs: 50,
  deadline: 150,
  ...more,
})

test('says what the state says', () => {
  const cause = unclean('refused')
  const state = at('backoff', { since: 100, attempt: 3, cause })
  expect(snapshotOf(state, 'wss://peer.test/', retryDefaults, undefined)).toEqual({
    status: 'backoff',
    since: 100,
    url: 'wss://peer.test/',
    attempt: 3,
    cause,
    delayMs: 50,
    nextAttemptAt: 150,
    unavailable: false,
    heartbeat: 'off',
    rtt: undefined,
  })
})

test.each(statuses)('%s: a wait is told only where one is planned', (status) => {
  const waits = status === 'backoff' || status === 'offline'
  expect(plannedWait(at(status))).toEqual(
    waits ? { delayMs: 50, nextAttemptAt: 150 } : { delayMs: undefined, nextAttemptAt: undefined },
  )
})

test('keeps credentials out of the address', () => {
  const { url } = snapshotOf(
    at('open'),
    'wss://user:hunter2@peer.test/path?token=abc',
    retryDefaults,
    undefined,
  )
  expect(url).toMatch(/^wss:\/\/peer\.test\/path/)
  expect(url).not.toMatch(/user|hunter2|token|abc/)
})

describe('unavailable', () => {
  test.each(statuses)('%s, after five failed attempts', (status) => {
    const { unavailable } = snapshotOf(at(status, { attempt: 5 }), '', retryDefaults, undefined)
    expect(unavailable).toBe(status === 'backoff' || status === 'offline')
  })

  test('while the sixth attempt is made', () => {
    expect(snapshotOf(at('connecting', { attempt: 6 }), '', retryDefaults, undefined).unavailable).toBe(true)
    expect(snapshotOf(at('connecting', { attempt: 5 }), '', retryDefaults, undefined).unavailable).toBe(false)
  })
})

test('the heartbeat: unverified until a ping was answered, then with its round trips', () => {
  const heartbeat = new Heartbeat(resolveHeartbeat(undefined), 'x')
  heartbeat.start('wss://peer.test/', true, 0)
  expect(snapshotOf(at('open'), '', retryDefaults, heartbeat)).toMatchObject({
    heartbeat: 'unverified',
    rtt: undefined,
  })
  heartbeat.answered(true, 30)
  expect(snapshotOf(at('open'), '', retryDefaults, heartbeat)).toMatchObject({
    heartbeat: 'verified',
    rtt: { lastMs: 30, smoothedMs: 30, p95Ms: 30 },
  })
})
