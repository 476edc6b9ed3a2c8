/**
 * The public entries: one line each. Rollup, API Extractor, the `exports` of package.json, the test aliases and the
 * package tests all read this table.
 *
 * An entry with a `web` and a `node` source is built for both platforms (they may be the same file); one with only
 * `node` exists only in Node. `iife` names the global of the script-tag build.
 *
 * @typedef {{ subpath: string, web?: string, node?: string, iife?: string }} Entry
 * @type {readonly Entry[]}
 */
export const entries = [
  { subpath: '.', web: 'src/index.ts', node: 'src/index.node.ts', iife: 'Holdfast' },
  { subpath: './schema', web: 'src/schema/index.ts', node: 'src/schema/index.ts' },
]

/** The two builds. Everything that is not Node gets `web`. */
export const platforms = /** @type {const} */ (['web', 'node'])

/** Packages that consumers install, and that are therefore never bundled (except in the script-tag build). */
export const external = ['eventemitter3', 'isomorphic-ws', 'ws', 'zod']

export const iifeFile = 'dist/holdfast.min.js'

/** `.` → `index`, `./schema` → `schema`: the base name of the entry's files in dist/. */
export const entryName = (/** @type {Entry} */ { subpath }) => (subpath === '.' ? 'index' : subpath.slice(2))

/** `.` → `holdfast`, `./schema` → `holdfast/schema`: what users import. */
export const specifier = (/** @type {Entry} */ { subpath }) => `holdfast${subpath.slice(1)}`

/** `.` → `holdfast`, `./schema` → `holdfast-schema`: the base name of the API report. */
export const reportName = (/** @type {Entry} */ entry) => specifier(entry).replaceAll('/', '-')

/** The source that stands for the entry's types: both platforms have the same ones. */
export const typeSource = (/** @type {Entry} */ entry) => {
  const source = entry.web ?? entry.node
  if (source === undefined) throw new Error(`entry ${entry.subpath} has no source`)
  return source
}
