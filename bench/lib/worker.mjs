/** Own processes: the parent's side (`startWorker`) and the child's (`serve`). One command is under way at a time. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a command may take before the run is given up: far more than any of them needs. */
const PATIENCE_MS = 120_000

/**
 * @typedef {{ ask(command: string, args?: object): Promise<any>, stop(): Promise<void> }} Worker
 * @typedef {{ env?: Record<string, string>, execArgv?: string[] }} WorkerOptions
 */

/**
 * @param {string} file a file in bench/workers/ or bench/servers/, relative to bench/
 * @param {WorkerOptions} [options]
 * @returns {Worker}
 */
export function startWorker(file, { env = {}, execArgv = [] } = {}) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = fork(path, [], { execArgv, env: { ...process.env, ...env } })
  const exited = once(child, 'exit')
  return {
    ask(command, args = {}) {
      return new Promise((resolve, reject) => {
        const done = (/** @type {() => void} */ settle) => {
          clearTimeout(patience)
          child.off('message', answered)
          child.off('exit', died)
          settle()
        }
        const answered = (/** @type {any} */ { result, error }) =>
          done(() =>
            error === undefined ? resolve(result) : reject(new Error(`${file} ${command}: ${error}`)),
          )
        const died = (/** @type {number | null} */ code) =>
          done(() => reject(new Error(`${file} ended with ${code} in ${command}`)))
        const patience = setTimeout(() => {
          child.kill('SIGKILL')
          done(() => reject(new Error(`${file} did not answer ${command} in ${PATIENCE_MS} ms`)))
        }, PATIENCE_MS)
        child.on('message', answered)
        child.on('exit', died)
        child.send({ command, args })
      })
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

/**
 * Answers the parent's commands until the parent lets go, which ends the process, whatever is still open in it.
 *
 * @param {Record<string, (args: any) => unknown>} commands
 */
export function serve(commands) {
  process.on('message', (/** @type {{ command: string, args: object }} */ { command, args }) => {
    const answer = (/** @type {object} */ message) => process.send?.(message)
    void Promise.resolve()
      .then(() => commands[command]?.(args))
      .then(
        (result) => answer({ result }),
        (error) => answer({ error: error instanceof Error ? String(error.stack) : String(error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}
