import { once } from 'node:events'
import { startChild } from './child.mjs'

const readyTimeoutMs = 10_000

/**
 * An X server without a screen. It chooses a display that is free, and tells which as soon as it is ready.
 *
 * @param {string} program
 * @returns {Promise<import('./child.mjs').Child & { readonly display: string }>}
 */
export async function startXvfb(program) {
  const screen = ['-screen', '0', '1280x800x24', '-nolisten', 'tcp']
  const child = startChild(program, ['-displayfd', '3', ...screen], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const told = /** @type {import('node:stream').Readable} */ (child.process.stdio[3])
  let late = false
  const timer = setTimeout(() => {
    late = true
    // Which ends the wait as well.
    void child.stop()
  }, readyTimeoutMs)
  const number = await Promise.race([once(told, 'data').then(String), child.ended])
  clearTimeout(timer)
  if (late) throw new Error(`${program} was not ready in time`)
  if (number === undefined) throw new Error(`${program} ended before it had a display`)
  return { ...child, display: `:${number.trim()}` }
}
