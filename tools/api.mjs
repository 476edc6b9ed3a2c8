/** The API report gate: fails when the public API is not the one in test/api. `--update` rewrites the reports. */
import { spawnSync } from 'node:child_process'
import { reportName } from './entries.mjs'
import { root } from './root.mjs'
import { checkReports, emitDeclarations } from './types.mjs'

const update = process.argv.includes('--update')
emitDeclarations()

for (const { entry, succeeded, changed } of checkReports(update)) {
  if (!succeeded) process.exitCode = 1
  if (!changed) continue
  const name = `${reportName(entry)}.api.md`
  console.error(
    `\nThe public API of ${entry.subpath} changed. If that is meant: npm run api, and commit ${name}\n`,
  )
  const diff = ['diff', '--no-index', '--no-color', `test/api/${name}`, `temp/api/${name}`]
  spawnSync('git', diff, { cwd: root, stdio: 'inherit' })
}
