import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packedPackage } from './packed.mjs'
import { root } from './root.mjs'
import { runtimeBinary } from './runtimes/installed.mjs'

/** No part may hang the run: the longest takes a small fraction of this. */
const partTimeoutMs = 6 * 60_000

const endingSignals = /** @type {const} */ (['SIGINT', 'SIGTERM'])

/**
 * @typedef {{ passed: number, failed: number, skipped: number, output: string }} Outcome
 * @typedef {{ ok: boolean, output: string }} Ended
 */

/** Colours only where a person reads them: the output of the parts is printed through us. */
const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : { ...process.env, NO_COLOR: '1' }

/**
 * Runs a Node script to its end, by this Node or another `binary`. It gets a process group of its own, so that what it
 * started ends with it. Such a group hears nothing of Ctrl-C: a signal that ends us is to end the group too.
 *
 * @param {readonly string[]} args
 * @param {{ binary?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<Ended>}
 */
async function runNode(args, options = {}) {
  const grouped = process.platform !== 'win32'
  /** @type {number | undefined} */
  let pid
  const killGroup = () => {
    try {
      if (pid) process.kill(grouped ? -pid : pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
    }
  }
  const endBySignal = (/** @type {string} */ _name, /** @type {number} */ number) => {
    killGroup()
    process.exit(128 + number)
  }
  let output = ''
  const timer = setTimeout(() => {
    output += `\nstopped after ${partTimeoutMs / 1000} s`
    killGroup()
  }, partTimeoutMs)
  for (const signal of endingSignals) process.on(signal, endBySignal)
  try {
    const child = spawn(options.binary ?? process.execPath, args, {
      cwd: root,
      env: { ...env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: grouped,
    })
    pid = child.pid
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const [code] = await once(child, 'close')
    return { ok: code === 0, output }
  } catch (error) {
    // It could not be started: that fails this part, not the run.
    return { ok: false, output: `${output}\n${error}` }
  } finally {
    clearTimeout(timer)
    killGroup()
    for (const signal of endingSignals) process.off(signal, endBySignal)
  }
}

/**
 * The counts of a run that writes them to `report`. A file that doesn't load has no tests that failed, and an unhandled
 * error fails none either: whatever else is wrong counts as one more failure.
 *
 * @param {string} name what ran, for the report's file name and the message
 * @param {(report: string) => Promise<Ended>} run
 * @returns {Promise<Outcome>}
 */
async function counted(name, run) {
  const report = fileURLToPath(new URL(`temp/vitest/${name}.json`, root))
  mkdirSync(new URL('temp/vitest', root), { recursive: true })
  rmSync(report, { force: true })
  const { ok, output } = await run(report)
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8'))
    const passed = counts.numPassedTests
    const failed = counts.numFailedTests
    const ranNothing = passed + failed === 0
    return {
      passed,
      failed: failed === 0 && (!ok || ranNothing) ? 1 : failed,
      skipped: counts.numPendingTests + counts.numTodoTests,
      output: ranNothing ? `${output}\nNo test ran: ${name}.` : output,
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0, output }
  }
}

/**
 * @param {import('./parts.mjs').VitestRun} run
 * @returns {Promise<Outcome>}
 */
function runVitest({ vitest, packed, runtime }) {
  const options = {
    ...(runtime && { binary: runtimeBinary(runtime) }),
    ...(packed && { env: { HOLDFAST_PACKAGE: packedPackage } }),
  }
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', vitest]
  return counted(vitest, (report) =>
    runNode([...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], options),
  )
}

/**
 * @param {import('./parts.mjs').Run} run
 * @returns {Promise<Outcome>}
 */
export async function runPart(run) {
  if ('vitest' in run) return runVitest(run)
  if ('harness' in run) {
    const args = ['tools/harness/run.mjs', run.harness, '--report']
    return counted(run.harness, (report) => runNode([...args, report]))
  }
  const { ok, output } = await runNode(run.gate)
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, output }
}
