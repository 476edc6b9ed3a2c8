/**
 * The layering rule and the ban on globals, as far as biome can't see them: what an import resolves to, members such
 * as Date.now, and names that are global only where nothing shadows them.
 *
 *   node tools/check-layers.mjs [folder = src]
 */
import { readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { findGlobals } from './find-globals.mjs'
import { layers, packageUsers, shells } from './layers.mjs'
import { root } from './root.mjs'

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('src', root)))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(folder, name))

const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  types: [],
  allowImportingTsExtensions: true,
  noEmit: true,
})

const inSource = (/** @type {string} */ file) => relative(folder, file).split(sep).join('/')
const layerOf = (/** @type {string} */ file) => (file.includes('/') ? (file.split('/')[0] ?? '') : 'entry')
/** @type {Record<string, readonly string[]>} */
const allowedLayers = layers

/** Says why `from` may not import `specifier`, or nothing when it may. */
function importFault(/** @type {string} */ from, /** @type {string} */ specifier) {
  const layer = layerOf(from)
  if (!specifier.startsWith('.')) {
    const users = packageUsers[specifier.startsWith('node:') ? 'node:' : specifier]
    if (users?.includes(layer)) return undefined
    return users
      ? `only ${users.join(' and ')} may import ${specifier}`
      : `${specifier} is not a known package`
  }
  const to = inSource(resolve(folder, from, '..', specifier))
  if (to.startsWith('..')) return 'imports leave the source folder'
  const target = layerOf(to)
  if (target === layer) return undefined
  if (target === 'entry') return 'nothing imports an entry'
  if (target === 'testing') return 'only tests import testing'
  if (layer === 'entry') return undefined
  if (target === 'platform' && shells.includes(from)) return undefined
  if (allowedLayers[layer] === undefined) return `${layer} is not a known layer`
  return allowedLayers[layer].includes(target) ? undefined : `${layer} may not import ${target}`
}

/** All module specifiers of a file, with import() and import types. */
function* specifiers(/** @type {ts.Node} */ node) {
  /** @type {ts.Node[]} */
  const open = [node]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ts.isImportDeclaration(next) || ts.isExportDeclaration(next)) {
      if (next.moduleSpecifier && ts.isStringLiteral(next.moduleSpecifier)) yield next.moduleSpecifier
    } else if (ts.isImportTypeNode(next) && ts.isLiteralTypeNode(next.argument)) {
      if (ts.isStringLiteral(next.argument.literal)) yield next.argument.literal
    } else if (ts.isCallExpression(next) && next.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [target] = next.arguments
      if (target && ts.isStringLiteralLike(target)) yield target
    }
    ts.forEachChild(next, (child) => void open.push(child))
  }
}

let faults = 0
function report(
  /** @type {ts.SourceFile} */ source,
  /** @type {ts.Node} */ node,
  /** @type {string} */ message,
) {
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
  console.error(`${relative(process.cwd(), source.fileName)}:${line + 1}:${character + 1} ${message}`)
  faults += 1
}

const checker = program.getTypeChecker()
for (const file of files) {
  const source = program.getSourceFile(file)
  if (!source) throw new Error(`${file} could not be read`)
  const from = inSource(file)
  for (const specifier of specifiers(source)) {
    const fault = importFault(from, specifier.text)
    if (fault) report(source, specifier, fault)
  }
  if (layerOf(from) === 'platform') continue
  for (const { node, name } of findGlobals(source, checker)) {
    report(source, node, `${name} is for platform/ alone: take it through a port`)
  }
}

if (files.length === 0) {
  console.error(`${folder} has no source files`)
  faults += 1
}
process.exitCode = faults === 0 ? 0 : 1
