/**
 * The types as a user gets them: through the `exports` of package.json, from dist. The type tests in test/types run
 * under both ways of resolving modules; the plain consumers also with loose options, and in Node without the DOM.
 */
import { spawnSync } from 'node:child_process'
import { root } from './root.mjs'

const nodeNext = ['--module', 'nodenext', '--moduleResolution', 'nodenext']
const runs = [
  ['test/types/tsconfig.json'],
  ['test/types/tsconfig.json', ...nodeNext],
  ['test/types/consumer/tsconfig.json', ...nodeNext],
  [
    'test/types/consumer/tsconfig.json',
    ...nodeNext,
    '--strict',
    'false',
    '--exactOptionalPropertyTypes',
    'false',
  ],
  ['test/types/consumer/tsconfig.json', ...nodeNext, '--lib', 'es2022', '--types', 'node', '--skipLibCheck'],
]

for (const compiler of ['typescript', 'typescript7']) {
  for (const run of runs) {
    const args = [`node_modules/${compiler}/bin/tsc`, '--pretty', 'false', '--project', ...run]
    if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0) continue
    console.error(`(${compiler} --project ${run.join(' ')})`)
    process.exitCode = 1
  }
}
