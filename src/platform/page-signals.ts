import type { EnvironmentSignal, EnvironmentSignals } from '../base/signals.ts'

/** The events of a page or worker, and what each says. `freeze` closes links, as the page lifecycle asks for. */
const windowEvents: Record<string, EnvironmentSignal> = {
  online: 'online',
  offline: 'offline',
  pagehide: 'hide',
  pageshow: 'show',
}
const documentEvents: Record<string, EnvironmentSignal> = {
  visibilitychange: 'wake',
  freeze: 'hide',
  resume: 'show',
}

/** Network and page signals of a browser. Where there is no page or window, there is nothing to listen to. */
export const pageSignals: EnvironmentSignals = {
  subscribe(tell) {
    if (!globalThis.addEventListener) return nothing
    const hear = ({ type }: Event) => {
      const signal = windowEvents[type] ?? documentEvents[type]
      if (signal && !(type === 'visibilitychange' && document.hidden)) tell(signal)
    }
    each('addEventListener', hear)
    if ((globalThis.navigator as Navigator | undefined)?.onLine === false) tell('offline')
    return () => each('removeEventListener', hear)
  },
}

function each(method: 'addEventListener' | 'removeEventListener', hear: (event: Event) => void): void {
  for (const type of Object.keys(windowEvents)) globalThis[method](type, hear)
  const page = globalThis.document as Document | undefined
  for (const type of Object.keys(documentEvents)) page?.[method](type, hear)
}

function nothing(): void {}
