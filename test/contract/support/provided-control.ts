import { inject } from 'vitest'
import type { Control } from './control.ts'
import { createControl } from './control.ts'

/** The control of the servers that the global setup started; works in Node and in vitest's browser mode. */
export function providedControl(): Control {
  return createControl({ controlUrl: inject('controlUrl'), wsUrl: inject('wsUrl'), wssUrl: inject('wssUrl') })
}
