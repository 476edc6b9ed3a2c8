/** The package as npm packs it, installed into a project of its own, in Node. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { packedPackage, packedProject } from '../../tools/packed.mjs'
import { inRoot } from './dist.ts'
import { copyIntoProject, runInProject, writeInProject } from './installed.ts'
import { livedThrough, useLiveServers } from './live-servers.ts'

const server = useLiveServers()

/** The same program for both kinds of modules: `load` is how each gets at the package. */
const program = (load: string) => `${load}
const { live } = await import('./live.mjs')
console.log(JSON.stringify(await live(holdfast, JSON.parse(process.argv[2]))))
`

describe('installed from its archive', () => {
  test('it has what package.json names, and nothing of tests and sources', () => {
    const manifest = JSON.parse(readFileSync(`${packedPackage}/package.json`, 'utf8'))
    const files = readdirSync(packedPackage, { recursive: true, encoding: 'utf8' })
    const named = JSON.stringify([manifest.main, manifest.module, manifest.unpkg, manifest.exports])
    const paths = [...named.matchAll(/"\.\/((?:dist\/|package)[^"]+)"/g)].map(([, path]) => path)
    expect(files).toEqual(expect.arrayContaining(paths))
    expect(files.filter((name) => /^(src|test|tools|demo|bench|temp|node_modules)\b/.test(name))).toEqual([])
  })

  test('what it imports came with it', async () => {
    const names = Object.keys(JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).dependencies)
    const code = `for (const name of ${JSON.stringify(names)}) console.log(import.meta.resolve(name, 'file://${packedPackage}/'))`
    const resolved = await runInProject(['--input-type=module', '--eval', code])
    for (const url of resolved.trim().split('\n')) expect(url).toContain(`${packedProject}/node_modules/`)
  })

  test('holdfast/schema works where zod is installed', async () => {
    const code = `
      import { envelopeOf } from 'holdfast/schema'
      import * as z from 'zod'
      const say = envelopeOf('say', z.object({ text: z.string() }))
      const good = say.safeParse({ type: 'say', payload: { text: 'hi' } }).success
      console.log(good, say.safeParse({ type: 'say', payload: {} }).success)`
    expect(await runInProject(['--input-type=module', '--eval', code])).toBe('true false\n')
  })

  test.each([
    ['import', 'esm.mjs', `import * as holdfast from 'holdfast'`],
    [
      'require',
      'cjs.mjs',
      `import { createRequire } from 'node:module'
       const holdfast = createRequire(import.meta.url)('holdfast')`,
    ],
  ])('%s: a socket lives through a cut, over ws', async (_how, file, load) => {
    copyIntoProject('test/package/live.mjs', 'live.mjs')
    const path = writeInProject(file, program(load))
    expect(JSON.parse(await runInProject([path, JSON.stringify(server())]))).toEqual(livedThrough)
  })

  test('import and require in one program are two packages that do not disturb each other', async () => {
    const path = writeInProject(
      'both.mjs',
      `import { createRequire } from 'node:module'
       import * as imported from 'holdfast'
       const required = createRequire(import.meta.url)('holdfast')
       const { live } = await import('./live.mjs')
       const [one, two] = JSON.parse(process.argv[2])
       console.log(JSON.stringify([
         Object.keys(required).sort().join() === Object.keys(imported).sort().join(),
         ...(await Promise.all([live(imported, one), live(required, two)])),
       ]))`,
    )
    copyIntoProject('test/package/live.mjs', 'live.mjs')
    const printed = await runInProject([path, JSON.stringify([server(), server()])])
    expect(JSON.parse(printed)).toEqual([true, livedThrough, livedThrough])
  })

  test('its types serve an ES module and a CommonJS module', { timeout: 90_000 }, async () => {
    copyIntoProject('test/types/consumer/esm.mts', 'esm.mts')
    copyIntoProject('test/types/consumer/cjs.cts', 'cjs.cts')
    const flags = ['--ignoreConfig', '--module', 'nodenext', '--strict', '--noEmit', '--lib', 'es2022,dom']
    const tsc = inRoot('node_modules/typescript/bin/tsc')
    const files = await runInProject([tsc, ...flags, '--listFiles', 'esm.mts', 'cjs.cts'])
    expect(files).toContain(`${packedPackage}/dist/index.d.ts`)
    expect(files).toContain(`${packedPackage}/dist/index.d.cts`)
  })
})
