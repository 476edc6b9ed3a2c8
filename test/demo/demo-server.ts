import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** demo/server.mjs as its own process, as `npm start` runs it. */
export interface DemoServer {
  /** `http://127.0.0.1:<port>/` */
  readonly address: string
  /** Ends it by a signal. Answers its exit code. */
  stop(): Promise<number | null>
}

/** The address stands on a line of its own. */
async function readAddress(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The demo has no output')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (/^http:\/\/\S+\/$/.test(line)) return line
  }
  throw new Error(`The demo ended before it listened: ${lines.join('\n')}`)
}

export async function startDemo(environment: Record<string, string> = {}): Promise<DemoServer> {
  const child = spawn(process.execPath, ['demo/server.mjs'], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const address = await readAddress(child)
  // Nobody reads on; a full pipe would stop it.
  child.stdout.resume()
  return {
    address,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await exited
      return code
    },
  }
}
