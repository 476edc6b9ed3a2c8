import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'

const guard = fileURLToPath(new URL('plain/guard.mjs', import.meta.url))

/** Starts two servers that would run for ever, tells the guard of both and of the end of the first, and waits. */
const owner = `
  import { spawn } from 'node:child_process'
  const guard = spawn(process.execPath, [${JSON.stringify(guard)}], { stdio: ['pipe', 'ignore', 'ignore'] })
  const [released, guarded] = [1, 2].map(() => spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e6)']))
  guard.stdin.write('+' + released.pid + '\\n+' + guarded.pid + '\\n-' + released.pid + '\\n', () => {
    console.log(JSON.stringify({ guard: guard.pid, released: released.pid, guarded: guarded.pid }))
  })
`

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // Where nobody asks how an orphan ended, as in some containers, it stays on the list of processes as a zombie.
  const status = `/proc/${pid}/stat`
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'))
}

it('servers end with the process that started them, even where that one is killed', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner])
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const pids = JSON.parse(line) as { guard: number; released: number; guarded: number }
  onTestFinished(() => void (runs(pids.released) && process.kill(pids.released, 'SIGKILL')))
  expect(Object.values(pids).map(runs)).toEqual([true, true, true])

  child.kill('SIGKILL')
  await vi.waitFor(() => expect([pids.guard, pids.guarded].map(runs)).toEqual([false, false]), 10_000)
  expect(runs(pids.released)).toBe(true)
})
