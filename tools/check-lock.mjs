/**
 * A fresh clone can install: package-lock.json has everything that `npm ci` asks for, and no registry's address.
 *
 * A registry mirror that holds packages for some platforms only makes `npm install` leave the others out, without a
 * word, and `npm ci` then refuses the lock on every machine. `--fix` adds them: no machine fetches what is for
 * another platform, so name, version and platform are enough. `node tools/check-lock.mjs tools/runtimes` looks at the
 * lock of that folder.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { root } from './root.mjs'

/**
 * @typedef {{ version?: string, resolved?: string, dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>, dev?: boolean }} Locked
 */

const folder = process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? '.'
const file = new URL(`${folder}/package-lock.json`, root)
const lock = JSON.parse(readFileSync(file, 'utf8'))
/** @type {Record<string, Locked>} */
const packages = lock.packages

/** Whether Node would find the package from there, as npm laid it out. */
function isLocked(/** @type {string} */ from, /** @type {string} */ name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true
    if (folder === '') return false
  }
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']

/** The platform that a package is for, by the words of its name: `cli-linux-x64-musl`. */
function platformOf(/** @type {string} */ name) {
  const words = name.split(/[-/]/)
  const os = systems.filter((word) => words.includes(word))
  const cpu = processors.filter((word) => words.includes(word))
  const libc =
    os[0] !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'
  return os.length === 1 && cpu.length === 1 ? { cpu, ...(libc && { libc: [libc] }), os } : undefined
}

/** @type {string[]} */
const faults = []
/** @type {Record<string, Locked>} */
const added = {}
for (const [path, { resolved, dependencies, optionalDependencies, dev }] of Object.entries(packages)) {
  if (resolved?.startsWith('http')) faults.push(`${path} is tied to a registry: ${resolved}`)
  for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    if (isLocked(path, name)) continue
    const platform = platformOf(name)
    if (platform && /^\d/.test(version)) {
      added[`node_modules/${name}`] = { version, ...platform, ...(dev && { dev }), ...{ optional: true } }
    }
    faults.push(`${name}@${version}, which ${path} wants, is missing`)
  }
}

if (process.argv.includes('--fix')) {
  const sorted = Object.entries({ ...packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  console.log(`${Object.keys(added).length} packages added`)
} else if (faults.length > 0) {
  console.error(`${folder}/package-lock.json:\n  ${faults.join('\n  ')}\nnpm run lock`)
  process.exitCode = 1
}
