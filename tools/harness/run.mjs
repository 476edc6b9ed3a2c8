/**
 * Runs the contract suite on a runtime where vitest does not run: `node tools/harness/run.mjs bun`, or, with
 * `--only heartbeat`, the files with that in their names. Prints what failed; with `--report <file>` it writes the
 * counts in the form of vitest's JSON report.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { packedProject } from '../packed.mjs'
import { runtimeBinary } from '../runtimes/installed.mjs'
import { bundleForNode, bundleSuite, contractFiles } from './bundle.mjs'
import { commands } from './commands.mjs'
import { listenForResults } from './results.mjs'
import { summarize } from './summary.mjs'

const fileLimitMs = 120_000
/** Files mostly wait, so there is room for more of them than processors. */
const filesAtOnce = 4

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, report: { type: 'string' } },
})
const name = /** @type {keyof typeof commands} */ (positionals[0])
if (!(name in commands)) throw new Error(`one of ${Object.keys(commands).join(', ')} is wanted, not ${name}`)
const { args, conditions } = commands[name]
const files = contractFiles.filter((file) => file.includes(values.only))

/** @type {Record<string, unknown>} */
const provided = {}
const { setup } = await import(pathToFileURL(await bundleForNode('test/contract/global-setup.ts')).href)
const stopServers = await setup({
  provide: (/** @type {string} */ key, /** @type {unknown} */ value) => {
    provided[key] = value
  },
})
const results = await listenForResults()
provided['resultsUrl'] = results.url
const suite = await bundleSuite({ name, files, provided, ...(conditions && { conditions }) })

/** Each file gets a process of its own. @param {string} file */
async function runFile(file) {
  const runtime = spawn(runtimeBinary(name), args(suite, file), {
    cwd: packedProject,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const limit = setTimeout(() => runtime.kill('SIGKILL'), fileLimitMs)
  const exited = once(runtime, 'exit')
  // It may fail without a word, or be kept up by a socket that a test left.
  await Promise.race([results.doneWith(file), exited])
  runtime.kill()
  await exited
  clearTimeout(limit)
}

const waiting = [...files]
async function runFiles() {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runFile(file)
}
await Promise.all(Array.from({ length: filesAtOnce }, runFiles))
results.close()
await stopServers()

const { counts, text } = summarize(results.told, files)
console.log(text)
if (values.report) writeFileSync(values.report, JSON.stringify(counts))
process.exitCode = counts.numFailedTests === 0 ? 0 : 1
