import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const leash = fileURLToPath(new URL('../../demo/server/leash.mjs', import.meta.url))

/** Says that it is up, then stays until it is told to end; says so too. */
const program = `
  setInterval(() => {}, 1_000)
  process.on('SIGTERM', () => { console.log('goodbye'); process.exit(3) })
  console.log('up')
`

describe('the leash of a server that the demo started', () => {
  test('whoever holds it is gone: the program is told to end, and its exit code is handed on', async () => {
    const child = spawn(process.execPath, [leash, process.execPath, '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const said: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line)
      if (line === 'up') child.stdin.destroy()
    }
    expect(said).toEqual(['up', 'goodbye'])
    expect((await exited)[0]).toBe(3)
  })

  test('a program that is not there is an error, not a wait', async () => {
    const child = spawn(process.execPath, [leash, 'no-such-program'], { stdio: ['pipe', 'ignore', 'pipe'] })
    const said: string[] = []
    child.stderr.on('data', (data) => said.push(String(data)))
    const [code] = await once(child, 'close')
    expect(code).toBe(1)
    expect(said.join('')).toContain('no-such-program')
  })
})
