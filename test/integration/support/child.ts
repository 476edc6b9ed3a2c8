import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const distFile = fileURLToPath(new URL('../../../dist/node/index.js', import.meta.url))

export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a module in a Node of its own, which has the built library as `holdfast` (everything that it exports),
 * `url` and `tell(value)`. A child that does not end by itself is killed, which its end shows.
 */
export function runChild(code: string, url: string, timeoutMs = 7_000): Promise<ChildEnd> {
  const source = `
    import * as holdfast from ${JSON.stringify(`file://${distFile}`)}
    const url = process.argv[1]
    const tell = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
    const { ReconnectingWebSocket, constantBackoff } = holdfast
    ${code}
  `
  const args = ['--unhandled-rejections=strict', '--input-type=module', '-e', source, url]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => resolve({ code: exitCode, signal, stdout, stderr }))
  })
}

/** What the child told, in order. */
export function toldBy({ stdout }: ChildEnd): unknown[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}
