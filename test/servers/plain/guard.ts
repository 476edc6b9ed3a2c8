import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

let guard: ChildProcess | undefined

/** Sees to it that a child ends with this process, however this process ends: also by SIGKILL. */
export function guardChild(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  tell(`+${pid}\n`)
  child.once('exit', () => tell(`-${pid}\n`))
}

function tell(line: string): void {
  guard ??= startGuard()
  guard.stdin?.write(line)
}

function startGuard(): ChildProcess {
  const script = fileURLToPath(new URL('guard.mjs', import.meta.url))
  const started = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'] })
  // Neither keeps this process from ending.
  started.unref()
  const input = started.stdin as typeof started.stdin & { unref?: () => void }
  input.unref?.()
  input.on('error', () => undefined)
  return started
}
