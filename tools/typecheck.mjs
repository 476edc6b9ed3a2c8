/**
 * Type-checks the library, its tests, the tools, the benches and the demo: each with its own tsconfig, because each may use
 * different globals. tsconfig.web.json is the library without Node's types: whatever the web build reaches. `node tools/typecheck.mjs 7` does it with the native compiler, which has no JS API yet and
 * therefore can't replace the other one in the build.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { root } from './root.mjs'

const compiler = process.argv[2] === '7' ? 'typescript7' : 'typescript'
const projects = [
  'tsconfig.json',
  'tsconfig.web.json',
  'test/tsconfig.json',
  'tools/tsconfig.json',
  'bench/tsconfig.json',
]
if (existsSync(new URL('demo', root))) projects.push('tsconfig.demo.json')

for (const project of projects) {
  const args = [`node_modules/${compiler}/bin/tsc`, '--project', project, '--noEmit', '--pretty', 'false']
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
