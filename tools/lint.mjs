/** `npm run lint`: biome, whose warnings count too. What biome can't see, tools/check-layers.mjs does. */
import { spawnSync } from 'node:child_process'
import { root } from './root.mjs'

const args = [
  'node_modules/@biomejs/biome/bin/biome',
  'check',
  '--error-on-warnings',
  '--max-diagnostics=none',
  '.',
]
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
