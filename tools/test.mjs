/**
 * `npm test`: every part that this machine can run, then a table of all parts, then the total in the last line.
 * A failure never hides a later one: all parts are run. With HOLDFAST_CI=1 a part that could not run has failed.
 */
import { ensureInstalled } from './install.mjs'
import { parts } from './parts.mjs'
import { runPart } from './run-part.mjs'
import { printTable } from './table.mjs'

ensureInstalled()

const strict = process.env['HOLDFAST_CI'] === '1'
/** @type {Set<string>} */
const broken = new Set()
/** @type {import('./table.mjs').Row[]} */
const rows = []

for (const part of parts) {
  const on = part.on?.() ?? ''
  const needed = part.needs !== undefined && broken.has(part.needs) ? `needs: ${part.needs}` : undefined
  const notRun = needed ?? part.missing?.()
  if (notRun !== undefined) {
    // What needs this part has nothing to stand on either.
    if (needed !== undefined) broken.add(part.name)
    console.log(`- ${part.name}: not run, ${notRun}`)
    rows.push({
      name: part.name,
      on,
      passed: 0,
      failed: strict ? 1 : 0,
      skipped: strict ? 0 : 1,
      note: notRun,
    })
    continue
  }
  const started = performance.now()
  const { passed, failed, skipped, output } = await runPart(part.run)
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`
  const label = on === '' ? part.name : `${part.name} (${on})`
  if (failed > 0) {
    broken.add(part.name)
    console.log(`✗ ${label}: ${failed} failed, ${seconds}\n\n${output.trim()}\n`)
  } else {
    console.log(`✓ ${label}: ${passed} passed, ${seconds}`)
  }
  rows.push({ name: part.name, on, passed, failed, skipped, note: seconds })
}

printTable(rows)

const total = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
  rows.reduce((sum, row) => sum + row[key], 0)
process.exitCode = total('failed') === 0 ? 0 : 1
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
