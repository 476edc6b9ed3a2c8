/**
 * What an environment can tell: `online` and `offline` from the network (hints, both can lie), `wake` when the
 * page became visible or the machine woke, `hide` when the page goes away or is frozen (its links should close),
 * `show` when it is back.
 *
 * @public
 */
export type EnvironmentSignal = 'online' | 'offline' | 'wake' | 'hide' | 'show'

/**
 * The port through which network and page signals reach the socket. Replace it where the platform's own events
 * are wrong or missing, for example in React Native or Electron.
 *
 * @public
 */
export interface EnvironmentSignals {
  /** Starts to tell signals. Tells `offline` at once when that is known. Returns the undo. */
  subscribe(listener: (signal: EnvironmentSignal) => void): () => void
}
