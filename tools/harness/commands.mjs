/** How each runtime runs one file of the bundled suite. */
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { workerdConfig } from './workerd.mjs'

/**
 * @typedef {{ args: (suite: string, file: string) => string[], conditions?: string[] }} Command
 */

/**
 * A module beside the suite that runs one of its files: as soon as it is loaded, or by what it exports.
 *
 * @param {string} suite
 * @param {string} file
 * @param {(call: string) => string} statement
 */
function script(suite, file, statement) {
  const path = `${suite.replace(/\.mjs$/, '')}.${basename(file, '.test.ts')}.mjs`
  writeFileSync(path, `import { run } from './${basename(suite)}'\n${statement(`run('${file}')`)}\n`)
  return path
}

const atOnce = (/** @type {string} */ call) => `await ${call}`
const inHandler = (/** @type {string} */ call) => `export default { test: () => ${call} }`

// From the cache only: what is not installed is missing, and not fetched. The matchers ask whether to print in colour.
const denoFlags = [
  '--cached-only',
  '--no-prompt',
  '--allow-net=127.0.0.1',
  '--allow-env=CI,FORCE_COLOR,FORCE_TTY,NO_COLOR,TERM',
]

/** @type {Readonly<Record<'bun' | 'deno' | 'workerd', Command>>} */
export const commands = {
  bun: { args: (suite, file) => [script(suite, file, atOnce)] },
  deno: { args: (suite, file) => ['run', ...denoFlags, script(suite, file, atOnce)] },
  // The conditions by which the bundler of its users resolves packages.
  workerd: {
    args: (suite, file) => ['test', workerdConfig(suite, script(suite, file, inHandler))],
    conditions: ['workerd', 'worker', 'browser'],
  },
}
