/** `npm run build`: dist/ with the JavaScript of all builds (rollup) and the types (API Extractor). */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { root } from './root.mjs'
import { emitDeclarations, rollUpTypes } from './types.mjs'

rmSync(new URL('dist', root), { recursive: true, force: true })

const args = ['node_modules/rollup/dist/bin/rollup', '--config', '--failAfterWarnings']
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(1)

emitDeclarations()
rollUpTypes()
