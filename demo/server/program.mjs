import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const leash = fileURLToPath(new URL('leash.mjs', import.meta.url))
const ADDRESS = /^ws:\/\/\S+:(\d+)\/ws$/
/** .NET and Python take a second or two; a busy machine takes some more. */
const START_MS = 30_000

/** The port that a program prints when it listens. @param {import('node:child_process').ChildProcess} child */
function printedPort(child) {
  return new Promise((resolve) => {
    if (!child.stdout) return
    // Nothing else that it says is of interest; a full pipe would stop it.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = ADDRESS.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
}

/**
 * Runs a server as a process of its own and waits until it listens.
 *
 * @param {readonly [string, ...string[]]} command
 * @param {Record<string, string>} environment
 */
export async function startProgram(command, environment) {
  const child = spawn(process.execPath, [leash, ...command], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const ended = exited.then(() => {
    throw new Error(`${command[0]} ended before it listened`)
  })
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(reject, START_MS, new Error(`${command[0]} did not listen within ${START_MS} ms`))
  })
  const stop = async () => {
    child.stdin?.destroy()
    await exited
  }
  try {
    const port = /** @type {number} */ (await Promise.race([printedPort(child), ended, late]))
    return { port, exited, stop }
  } catch (error) {
    child.stdin?.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    ended.catch(() => {})
  }
}
