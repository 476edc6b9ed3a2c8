import { execFileSync } from 'node:child_process'
import { inRoot } from './dist.ts'

export interface Probed {
  readonly exports: readonly string[]
  /** Globals that were read or called while the file was loaded, and Node modules that came with it. */
  readonly touched: readonly string[]
  /** Timers and handles that were still alive afterwards. */
  readonly resources: readonly string[]
}

/** Loads a file in a process of its own. Throws when that process doesn't end by itself in time. */
export function probe(format: 'esm' | 'cjs' | 'iife', path: string, timeoutMs = 10_000): Probed {
  const args = [inRoot('test/package/probe.mjs'), format, inRoot(path)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: timeoutMs }))
}
