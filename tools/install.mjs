import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { root } from './root.mjs'

/** npm is a batch file on Windows, which only a shell can start. */
const shell = process.platform === 'win32'

/**
 * The packages that a lock file lists.
 *
 * @param {URL} file
 * @returns {Record<string, { version: string, optional?: boolean }>}
 */
function packagesOf(file) {
  const { '': _ourselves, ...packages } = JSON.parse(readFileSync(file, 'utf8')).packages
  return packages
}

/** Compares what npm says it installed with what the lock asks for. What is for other platforms may be missing. */
function isInstalled() {
  const hiddenLock = new URL('node_modules/.package-lock.json', root)
  if (!existsSync(hiddenLock)) return false
  const installed = packagesOf(hiddenLock)
  return Object.entries(packagesOf(new URL('package-lock.json', root))).every(
    ([path, { version, optional }]) =>
      installed[path]?.version === version || (optional && installed[path] === undefined),
  )
}

/** Installs the dependencies unless they are there. Uses nothing that would itself have to be installed. */
export function ensureInstalled() {
  if (isInstalled()) return
  console.log('Installing dependencies …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell,
  })
  if (status !== 0) throw new Error('npm ci failed; its output is above')
}
