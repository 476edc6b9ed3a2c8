import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { entries, entryName } from '../../tools/entries.mjs'
import { built, inRoot } from './dist.ts'
import { probe } from './probe.ts'

/** What a declaration file exports: all names, and those that exist at run time. */
function declared(file: string): { all: string[]; values: string[] } {
  const program = ts.createProgram([file], { target: ts.ScriptTarget.ES2022, types: [], noEmit: true })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${file} is no module`)
  const symbols = checker.getExportsOfModule(module)
  const isValue = (symbol: ts.Symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return (target.flags & ts.SymbolFlags.Value) !== 0
  }
  const names = (list: readonly ts.Symbol[]) => list.map(({ name }) => name).sort()
  return { all: names(symbols), values: names(symbols.filter(isValue)) }
}

describe.each(entries)('the entry $subpath', (entry) => {
  const types = `dist/${entryName(entry)}.d.ts`

  test.each(built.filter(({ subpath }) => subpath === entry.subpath))(
    '$path exports what the types say',
    ({ format, path }) => {
      expect(probe(format, path).exports).toEqual(declared(inRoot(types)).values)
    },
  )

  test('has the same types for import and require', () => {
    expect(readFileSync(inRoot(types.replace('.d.ts', '.d.cts')), 'utf8')).toBe(
      readFileSync(inRoot(types), 'utf8'),
    )
  })

  test.runIf(entry.web !== undefined && entry.node !== undefined)(
    'has the same types on both platforms',
    () => {
      const emitted = (source = '') =>
        inRoot(source.replace(/^src\//, 'temp/types/').replace(/\.ts$/, '.d.ts'))
      expect(declared(emitted(entry.node)).all).toEqual(declared(emitted(entry.web)).all)
    },
  )
})
