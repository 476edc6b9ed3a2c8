import type { EnvironmentSignal, EnvironmentSignals } from '../base/signals.ts'
import type { LifecycleEvent } from './lifecycle.ts'
import { isLive, isWaiting, type State } from './state.ts'

/** The lifecycle that is told. */
export interface SurroundingsHost {
  readonly state: State
  dispatch(event: LifecycleEvent): void
}

/** Hears network and page while the socket is in use, and says what that means for its lifecycle. */
export class Surroundings {
  readonly #signals: EnvironmentSignals
  readonly #host: SurroundingsHost
  #unsubscribe: (() => void) | undefined
  #active = false
  /** When the page took the socket away, so that it is to come back with the page. */
  #hiddenSince: number | undefined

  constructor(signals: EnvironmentSignals, host: SurroundingsHost) {
    this.#signals = signals
    this.#host = host
  }

  /** Listens while there is something to listen for. */
  listen(active: boolean): void {
    if (active === this.#active) return
    // Set first: what is known already is told while subscribing, and comes back here.
    this.#active = active
    if (active) {
      const undo = this.#signals.subscribe((signal) => this.#heard(signal))
      if (this.#active) this.#unsubscribe = undo
      else undo?.()
    } else {
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
      this.#hiddenSince = undefined
    }
  }

  #heard(signal: EnvironmentSignal): void {
    const state = this.#host.state
    if (signal === 'online' || signal === 'offline') this.#host.dispatch({ type: signal })
    else if (signal === 'hide') {
      this.#host.dispatch({ type: 'suspend' })
      if (isLive(state) || isWaiting(state)) this.#hiddenSince = this.#host.state.since
    } else if (state.status !== 'suspended' || (signal === 'show' && state.since === this.#hiddenSince)) {
      this.#hiddenSince = undefined
      this.#host.dispatch({ type: 'wake' })
    }
  }
}
