import { describe, expect, test } from 'vitest'
import type { EnvironmentSignal } from '../../src/base/signals.ts'
import type { LifecycleEvent } from '../../src/core/lifecycle.ts'
import { initialState, type SocketStatus, type State } from '../../src/core/state.ts'
import { Surroundings, type SurroundingsHost } from '../../src/core/surroundings.ts'

/** An environment that the test speaks for, and a lifecycle that only notes what it is told. */
class Rig implements SurroundingsHost {
  state: State = { ...initialState, status: 'open' }
  readonly told: LifecycleEvent['type'][] = []
  readonly listeners = new Set<(signal: EnvironmentSignal) => void>()
  subscriptions = 0
  known: EnvironmentSignal | undefined
  onDispatch: () => void = () => {}
  readonly surroundings = new Surroundings(
    {
      subscribe: (listener) => {
        this.subscriptions++
        this.listeners.add(listener)
        if (this.known) listener(this.known)
        return () => this.listeners.delete(listener)
      },
    },
    this,
  )

  dispatch({ type }: LifecycleEvent): void {
    this.told.push(type)
    if (type === 'suspend') this.state = { ...this.state, status: 'suspended' }
    if (type === 'wake') this.state = { ...this.state, status: 'connecting' }
    this.onDispatch()
  }

  tell(...signals: EnvironmentSignal[]): void {
    for (const signal of signals) for (const listener of this.listeners) listener(signal)
  }
}

function listening(status: SocketStatus = 'open'): Rig {
  const rig = new Rig()
  rig.state = { ...initialState, status }
  rig.surroundings.listen(true)
  return rig
}

describe('listening', () => {
  test('is done once while the socket is in use, and not after', () => {
    const rig = listening()
    rig.surroundings.listen(true)
    expect(rig.subscriptions).toBe(1)
    rig.surroundings.listen(false)
    rig.surroundings.listen(false)
    expect(rig.listeners.size).toBe(0)
    rig.surroundings.listen(true)
    expect([rig.subscriptions, rig.listeners.size]).toEqual([2, 1])
  })

  test('leaves nothing behind when what is known at once makes the user close', () => {
    const rig = new Rig()
    rig.known = 'offline'
    rig.onDispatch = () => rig.surroundings.listen(false)
    rig.surroundings.listen(true)
    expect(rig.listeners.size).toBe(0)
  })
})

describe('what a signal means', () => {
  test('the network is a hint to the lifecycle', () => {
    const rig = listening()
    rig.tell('offline', 'online')
    expect(rig.told).toEqual(['offline', 'online'])
  })

  test.each<SocketStatus>(['connecting', 'open', 'backoff', 'offline'])(
    'a page that goes takes a socket that is %s, and brings it back',
    (status) => {
      const rig = listening(status)
      rig.tell('hide', 'show')
      expect(rig.told).toEqual(['suspend', 'wake'])
    },
  )

  test('hidden and frozen, it comes back once', () => {
    const rig = listening()
    rig.tell('hide', 'hide', 'show')
    rig.state = { ...rig.state, status: 'open' }
    rig.tell('show')
    // The second is only a hint: a link that is there is asked for a sign of life.
    expect(rig.told).toEqual(['suspend', 'suspend', 'wake', 'wake'])
  })

  test('a socket that the application suspended stays so, whatever the page does', () => {
    const rig = listening('suspended')
    rig.tell('wake', 'hide', 'show', 'wake')
    expect(rig.told.filter((type) => type === 'wake')).toEqual([])
  })

  test('a page that only becomes visible does not bring back what the page took: show does', () => {
    const rig = listening()
    rig.tell('hide', 'wake')
    expect(rig.told).toEqual(['suspend'])
    rig.tell('show')
    expect(rig.told).toEqual(['suspend', 'wake'])
  })

  test('a visible page is a hint that a try may succeed', () => {
    for (const status of ['open', 'backoff', 'connecting'] as const) {
      const rig = listening(status)
      rig.tell('wake')
      expect(rig.told).toEqual(['wake'])
    }
  })
})
