import type { EnvironmentSignal, EnvironmentSignals } from 'holdfast'

/** The port of the environment, told by hand. */
export interface FakeSignals extends EnvironmentSignals {
  readonly listenerCount: number
  tell(signal: EnvironmentSignal): void
}

/** `atOnce` is told to each one that subscribes, as a page that is offline does. */
export function createFakeSignals(atOnce?: EnvironmentSignal): FakeSignals {
  const listeners = new Set<(signal: EnvironmentSignal) => void>()
  return {
    get listenerCount() {
      return listeners.size
    },
    subscribe(listener) {
      listeners.add(listener)
      if (atOnce) listener(atOnce)
      return () => void listeners.delete(listener)
    },
    tell: (signal) => {
      for (const listener of [...listeners]) listener(signal)
    },
  }
}
