/**
 * The size budgets of .size-limit.mjs, and the README's word on them: each budget is claimed there as
 * `<!-- size:NAME -->5.4 KB<!-- /size -->`, rounded up to 0.1 KB. `--update` writes the claims.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { root } from './root.mjs'

const readme = new URL('README.md', root)
const claims = /(<!-- size:([\w-]+) -->)(.*?)(<!-- \/size -->)/g

const { stdout, stderr } = spawnSync(process.execPath, ['node_modules/size-limit/bin.js', '--json'], {
  cwd: root,
  encoding: 'utf8',
})
/** @type {{ name: string, passed: boolean, size: number, sizeLimit: number }[]} */
let measured = []
try {
  measured = JSON.parse(stdout)
} catch {
  fail(`size-limit did not answer:\n${stdout}${stderr}`)
}

function fail(/** @type {string} */ message) {
  console.error(message)
  process.exitCode = 1
}

/** 1 KB is 1000 bytes, as in size-limit. */
const inKb = (/** @type {number} */ bytes) => `${(Math.ceil(bytes / 100) / 10).toFixed(1)} KB`
const sizes = new Map(measured.map(({ name, size }) => [name, inKb(size)]))

for (const { name, passed, size, sizeLimit } of measured) {
  console.log(`${name}: ${size} of ${sizeLimit} bytes, ${sizeLimit - size} left`)
  if (!passed) fail(`${name} is over its budget`)
}

const text = readFileSync(readme, 'utf8')
if (process.argv.includes('--update')) {
  writeFileSync(
    readme,
    text.replace(claims, (_, open, name, old, close) => `${open}${sizes.get(name) ?? old}${close}`),
  )
} else {
  const claimed = [...text.matchAll(claims)].map(([, , name = '', size = '']) => ({ name, size }))
  for (const { name, size } of claimed) {
    const actual = sizes.get(name) ?? 'not measured'
    if (size !== actual)
      fail(`README.md says ${size} for ${name}, which is ${actual}: npm run size -- --update`)
  }
  for (const name of sizes.keys()) {
    if (!claimed.some((claim) => claim.name === name)) fail(`README.md does not tell the size of ${name}`)
  }
}
