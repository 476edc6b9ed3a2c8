/** `npm start`: installs and builds what is missing, then runs the demo until it is interrupted. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { iifeFile } from './entries.mjs'
import { ensureInstalled } from './install.mjs'
import { root } from './root.mjs'

/** The page loads the script-tag build, which is written last but for the types. */
function isBuilt() {
  const bundle = new URL(iifeFile, root)
  if (!existsSync(bundle)) return false
  const built = statSync(bundle).mtimeMs
  const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
  return sources.every((name) => statSync(new URL(`src/${name}`, root)).mtimeMs <= built)
}

ensureInstalled()
if (!isBuilt()) {
  console.log('Building …')
  const { status } = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

const server = spawn(process.execPath, ['demo/server.mjs', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.on(signal, () => server.kill(signal))
server.on('exit', (code) => {
  process.exitCode = code ?? 0
})
