import { describe, expect, test, vi } from 'vitest'
import { layers, shells } from '../../tools/layers.mjs'
import { plantSource } from './planted-source.ts'

// Each starts a compiler or a linter.
vi.setConfig({ testTimeout: 30_000 })

const names = Object.keys(layers)
const rules: Readonly<Record<string, readonly string[]>> = layers

/** A file in each layer for each other layer, which imports from it; and the shells, which import platform. */
function everyImport(): Record<string, string> {
  const files: Record<string, string> = { 'index.ts': `export { thing } from './core/thing.ts'\n` }
  for (const from of names) {
    files[`${from}/thing.ts`] = 'export const thing = 1\n'
    for (const to of names) {
      if (from !== to) files[`${from}/imports-${to}.ts`] = `export { thing } from '../${to}/thing.ts'\n`
    }
    files[`${from}/imports-entry.ts`] = `export { thing } from '../index.ts'\n`
  }
  for (const shell of shells) files[shell] = `export { thing } from '../platform/thing.ts'\n`
  return files
}

const forbidden = names
  .flatMap((from) => [
    `${from}/imports-entry.ts`,
    ...names
      .filter((to) => to !== from && !rules[from]?.includes(to))
      .map((to) => `${from}/imports-${to}.ts`),
  ])
  .sort()

describe('who may import whom', () => {
  using source = plantSource(everyImport())
  const byBiome = source.biomeFaults().filter((fault) => fault.endsWith(' noRestrictedImports'))
  const byChecker = source.layerFaults()

  test('the checker forbids what the table does not allow', () => {
    expect(byChecker.map((fault) => fault.split(':')[0]).sort()).toEqual(forbidden)
  })

  test('biome forbids the same', () => {
    expect(byBiome.map((fault) => fault.split(' ')[0]).sort()).toEqual(forbidden)
  })
})

const smuggled = {
  'import()': `const late = () => import('../platform/thing.ts')`,
  'import type': `import type { Thing } from '../platform/thing.ts'`,
  'an import type': `export type Late = import('../platform/thing.ts').Thing`,
  'a re-export': `export * from '../platform/thing.ts'`,
  'an import for its effects': `import '../platform/thing.ts'`,
  ws: `import WebSocket from 'ws'`,
  'isomorphic-ws': `import 'isomorphic-ws'`,
  'a Node module': `import net from 'node:net'`,
  'an unknown package': `import chalk from 'chalk'`,
  'what is outside src': `import { x } from '../../test/x.ts'`,
  'an unknown layer': `import { x } from '../unheard-of/x.ts'`,
}

test('core is kept from every way in', () => {
  const file = (index: number) => `core/way-${index}.ts`
  const ways = Object.values(smuggled)
  using source = plantSource({
    ...Object.fromEntries(ways.map((code, index) => [file(index), code])),
    'platform/thing.ts': '',
  })
  const found = new Set(source.layerFaults().map((fault) => fault.split(':')[0]))
  expect(Object.keys(smuggled).filter((_, index) => !found.has(file(index)))).toEqual([])
})

test('biome finds a circle', () => {
  using source = plantSource({
    'base/a.ts': `import { b } from './b.ts'\nexport const a = () => b\n`,
    'base/b.ts': `import { a } from './a.ts'\nexport const b = () => a\n`,
  })
  expect(source.biomeFaults()).toContain('base/a.ts noImportCycles')
})
