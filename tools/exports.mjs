/** Writes the `exports` of package.json from the table of entries; with `--check` only says whether they agree. */
import { readFileSync, writeFileSync } from 'node:fs'
import { entries, entryName } from './entries.mjs'
import { root } from './root.mjs'

/** Runtimes that have the web's globals. They come first: Bun and Deno answer to `node` as well. */
const webConditions = ['bun', 'deno', 'workerd', 'browser']

/** @param {string} name @param {'web' | 'node'} platform */
const build = (name, platform) => ({
  import: { types: `./dist/${name}.d.ts`, default: `./dist/${platform}/${name}.js` },
  require: { types: `./dist/${name}.d.cts`, default: `./dist/${platform}/${name}.cjs` },
})

/** @param {import('./entries.mjs').Entry} entry */
function conditions(entry) {
  const name = entryName(entry)
  const web = entry.web ? build(name, 'web') : undefined
  return {
    ...(web && Object.fromEntries(webConditions.map((condition) => [condition, web]))),
    ...(entry.node && { node: build(name, 'node') }),
    default: web ?? build(name, 'node'),
  }
}

const expected = {
  ...Object.fromEntries(entries.map((entry) => [entry.subpath, conditions(entry)])),
  './package.json': './package.json',
}

const file = new URL('package.json', root)
const manifest = JSON.parse(readFileSync(file, 'utf8'))
const agrees = JSON.stringify(manifest.exports) === JSON.stringify(expected)

if (process.argv.includes('--check')) {
  if (!agrees) {
    console.error('exports in package.json differ from tools/entries.mjs: npm run exports')
    process.exitCode = 1
  }
} else if (!agrees) {
  writeFileSync(file, `${JSON.stringify({ ...manifest, exports: expected }, null, 2)}\n`)
}
