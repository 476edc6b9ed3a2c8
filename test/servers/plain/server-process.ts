import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { guardChild } from './guard.ts'

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Resolves as soon as the server answers. Without it, that is when the server prints its address. */
  readonly ready?: (signal: AbortSignal) => Promise<void>
}

export interface ServerProcess {
  readonly log: string
  stop(): Promise<number | null>
  kill(): Promise<void>
}

const maxLogLines = 200
const addressLine = /^ws:\/\/\S+\/ws$/
/** .NET and Python take a second or two; a busy machine takes some more. */
const startTimeoutMs = 30_000
/** The servers give their clients one second. */
const stopTimeoutMs = 10_000

/** Runs a server as a process of its own and waits until it answers. */
export async function startProcess({ command, args, env, ready }: Command): Promise<ServerProcess> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  guardChild(child)
  const lines: string[] = []
  const printed = collectLines(child, lines)
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
    child.once('error', (error) => {
      lines.push(String(error))
      resolve(null)
    })
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  try {
    await firstOf(exited, (signal) => (ready ? ready(signal) : printed))
  } catch (cause) {
    await kill()
    throw new Error(`${command} ${args.join(' ')} did not start\n${lines.join('\n')}`, { cause })
  }
  return {
    get log() {
      return lines.join('\n')
    },
    kill,
    async stop() {
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      const code = await exited
      clearTimeout(patience)
      return code
    },
  }
}

/** Keeps the latest lines; resolves when one of them is the address. */
function collectLines(child: ChildProcess, lines: string[]): Promise<void> {
  return new Promise((resolve) => {
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue
      createInterface({ input }).on('line', (line) => {
        lines.push(line)
        if (lines.length > maxLogLines) lines.shift()
        if (addressLine.test(line)) resolve()
      })
    }
  })
}

async function firstOf(
  exited: Promise<number | null>,
  ready: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController()
  const patience = AbortSignal.timeout(startTimeoutMs)
  try {
    await Promise.race([
      ready(over.signal),
      exited.then((code) => Promise.reject(new Error(`It ended with ${code}`))),
      once(patience, 'abort').then(() =>
        Promise.reject(new Error(`It was not ready in ${startTimeoutMs} ms`)),
      ),
    ])
  } finally {
    over.abort()
  }
}
