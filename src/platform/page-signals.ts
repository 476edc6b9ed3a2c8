import type { EnvironmentSignal, EnvironmentSignals } from '../base/signals.ts'

/** The events of a page or worker, and what each says. `freeze` closes links, as the page lifecycle asks for. */
const signals: Record<string, EnvironmentSignal> = {
  online: 'online',
  offline: 'offline',
  pagehide: 'hide',
  pageshow: 'show',
  visibilitychange: 'wake',
  freeze: 'hide',
  resume: 'show',
}

/** Network and page signals of a browser: for where there is a window or a worker's scope to listen to. */
export const pageSignals: EnvironmentSignals = {
  subscribe(tell) {
    const hear = ({ type, target }: Event) => {
      const signal = signals[type] as EnvironmentSignal
      // Who captures hears the elements of the page too, which may have events of these names.
      const isElement = (target as Partial<Node> | null)?.nodeType === 1
      if (!isElement && (signal !== 'wake' || !document.hidden)) tell(signal)
    }
    each('addEventListener', hear)
    if ((globalThis.navigator as Navigator | undefined)?.onLine === false) tell('offline')
    return () => each('removeEventListener', hear)
  },
}

/** The window sees the events of its document too, as long as it captures. Without one, workerd refuses to capture. */
function each(method: 'addEventListener' | 'removeEventListener', hear: (event: Event) => void): void {
  const capture = 'document' in globalThis
  for (const type of Object.keys(signals)) globalThis[method](type, hear, { capture })
}
