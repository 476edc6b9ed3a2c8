import { spawn } from 'node:child_process'

/**
 * @typedef {{
 *   readonly process: import('node:child_process').ChildProcess,
 *   readonly ended: Promise<void>,
 *   stop(): Promise<void>,
 * }} Child
 */

/** They end a process without its `exit` handlers, unless it handles them. */
const endingSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** Runs the `exit` handlers, of which each child has one: with the first call all of them end. */
const exitBySignal = (/** @type {string} */ _name, /** @type {number} */ number) => process.exit(128 + number)

/**
 * A program that ends when it is stopped, or at the latest with this process. It stays in our process group, so that
 * whoever kills the group kills it too.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Child}
 */
export function startChild(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'ignore', ...options })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  for (const signal of endingSignals) process.on(signal, exitBySignal)
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    const done = () => {
      process.off('exit', kill)
      for (const signal of endingSignals) process.off(signal, exitBySignal)
      resolve()
    }
    child.once('exit', done)
    child.once('error', done)
  })
  return {
    process: child,
    ended,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(kill, 2_000)
      await ended
      clearTimeout(timer)
    },
  }
}
