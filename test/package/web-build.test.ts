import { execFileSync } from 'node:child_process'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { entries, iifeFile, specifier } from '../../tools/entries.mjs'
import { inRoot, webFiles } from './dist.ts'

/** What a file imports or requires, also while it runs. */
const importsOf = (code: string) =>
  ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName)

describe('the web build has nothing of Node', () => {
  test.each(webFiles())('$path', ({ path, code }) => {
    const foreign = importsOf(code).filter((name) => !name.startsWith('./') && !name.startsWith('../'))
    const allowed = path === iifeFile ? [] : /\/schema\./.test(path) ? ['zod/mini'] : ['eventemitter3']
    expect(allowed).toEqual(expect.arrayContaining(foreign))
    // What needs nothing of its own finds it in what it shares with others.
    expect(foreign.length > 0 || path === iifeFile || path.includes('/shared/')).toBe(true)
  })

  test('which the check would see', () => {
    expect(importsOf(`const late = () => import('isomorphic-ws')`)).toEqual(['isomorphic-ws'])
    expect(importsOf(`const net=require("node:net")`)).toEqual(['node:net'])
  })
})

test('only the script-tag build brings eventemitter3 along', () => {
  const brings = webFiles().filter(({ code }) => code.includes('eventNames'))
  expect(brings.map(({ path }) => path)).toEqual([iifeFile])
})

test.each(webFiles())('$path has a source map', ({ code }) => {
  expect(code).toMatch(/\/\/# sourceMappingURL=.+\.map\s*$/)
})

describe.each(entries.filter(({ web, node }) => web && node))('the package resolves $subpath', (entry) => {
  const code = `console.log(import.meta.resolve('${specifier(entry)}'))`
  const resolve = (...conditions: string[]) => {
    const flags = conditions.map((condition) => `--conditions=${condition}`)
    const args = [...flags, '--input-type=module', '--eval', code]
    return execFileSync(process.execPath, args, { cwd: inRoot('.'), encoding: 'utf8', timeout: 10_000 })
  }

  test('to the node build in Node', () => {
    expect(resolve()).toContain('/dist/node/')
  })

  // Bun and Deno answer to `node` as well, so theirs have to come first.
  test.each(['bun', 'deno', 'workerd', 'browser'])('to the web build under %s', (condition) => {
    expect(resolve(condition)).toContain('/dist/web/')
  })
})
