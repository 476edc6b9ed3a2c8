/**
 * The package as a user gets it: `npm pack` of what is built, installed into a fresh folder, with `ws` and `zod` beside it.
 * Run as a script it makes that folder anew; the parts that need it come later in the same run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installedVersion } from './installed-version.mjs'
import { root } from './root.mjs'

/** A project that uses the package, as a path. */
export const packedProject = fileURLToPath(new URL('temp/packed', root))

/** The installed package itself: what HOLDFAST_PACKAGE is set to. */
export const packedPackage = fileURLToPath(new URL('temp/packed/node_modules/holdfast', root))

/**
 * @param {string} folder
 * @param {readonly string[]} args
 */
function npm(folder, ...args) {
  // npm is a batch file on Windows, which only a shell can start.
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error })
}

function pack() {
  rmSync(packedProject, { recursive: true, force: true })
  mkdirSync(packedProject, { recursive: true })
  writeFileSync(new URL('temp/packed/package.json', root), '{ "private": true }\n')
  npm(fileURLToPath(root), 'pack', '--ignore-scripts', '--pack-destination', packedProject)
  const [archive] = readdirSync(packedProject).filter((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack left no archive')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  npm(
    packedProject,
    'install',
    ...quiet,
    `./${archive}`,
    ...['ws', 'zod'].map((name) => `${name}@${installedVersion(name)}`),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) pack()
