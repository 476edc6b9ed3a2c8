/**
 * What `npm test` runs, in this order: one entry each. A new engine, runtime or server is a vitest project and a line
 * here.
 *
 * `run` is a gate (a Node script that passes or fails, one test), a vitest project (as many tests as it reports), on
 * this Node or another, or the contract suite in a runtime where vitest does not run. With `packed` the tests import the
 * installed package in the place of the sources.
 * `needs` names an earlier part without which this one makes no sense. `missing` says why this machine can't run it.
 * `on` names what the part ran on, for the table.
 *
 * @typedef {import('./runtimes/installed.mjs').RuntimeName} RuntimeName
 * @typedef {{ vitest: string, packed?: boolean, runtime?: RuntimeName }} VitestRun
 * @typedef {{ gate: readonly string[] } | VitestRun | { harness: RuntimeName }} Run
 * @typedef {{ name: string, run: Run, needs?: string, missing?: () => string | undefined, on?: () => string }} Part
 */
import { browsers } from './browsers/browsers.mjs'
import { installedVersion } from './installed-version.mjs'
import { missingRuntime, runtimeTitle } from './runtimes/installed.mjs'

const node = () => `Node ${process.versions.node}`
const nodeAndWs = () => `${node()}, ws ${installedVersion('ws')}`

const bin = (/** @type {string} */ path) => `node_modules/${path}`
const compiler = (/** @type {string} */ name) => () => `TypeScript ${installedVersion(name)}`

const packed = 'packed package'

/** The contract suite in another Node, over `ws` and over its own WebSocket. @returns {Part[]} */
const contractInNode = (/** @type {'node-22' | 'node-24' | 'node-26'} */ runtime) =>
  [
    { project: 'contract-node', over: () => `ws ${installedVersion('ws')}` },
    { project: 'contract-node-builtin', over: () => 'its own WebSocket' },
  ].map(({ project, over }) => ({
    name: 'contract',
    run: { vitest: project, packed: true, runtime },
    needs: packed,
    missing: () => missingRuntime(runtime),
    on: () => `${runtimeTitle(runtime)}, ${over()}`,
  }))

/** @returns {Part} */
const contractIn = (/** @type {'bun' | 'deno' | 'workerd'} */ runtime) => ({
  name: 'contract',
  run: { harness: runtime },
  needs: packed,
  missing: () => missingRuntime(runtime),
  on: () => runtimeTitle(runtime),
})

/** @returns {Part} */
const contractInBrowser = (/** @type {keyof typeof browsers} */ browser) => ({
  name: 'contract',
  run: { vitest: `contract-${browser}`, packed: true },
  needs: packed,
  missing: browsers[browser].missing,
  on: browsers[browser].title,
})

/** @type {readonly Part[]} */
export const parts = [
  { name: 'lock file', run: { gate: ['tools/check-lock.mjs'] } },
  { name: 'lock file of the runtimes', run: { gate: ['tools/check-lock.mjs', 'tools/runtimes'] } },
  { name: 'types', run: { gate: ['tools/typecheck.mjs'] }, on: compiler('typescript') },
  {
    name: 'types, native compiler',
    run: { gate: ['tools/typecheck.mjs', '7'] },
    on: compiler('typescript7'),
  },
  { name: 'lint', run: { gate: ['tools/lint.mjs'] } },
  { name: 'layers and globals', run: { gate: ['tools/check-layers.mjs'] } },
  { name: 'build', run: { gate: ['tools/build.mjs'] } },
  { name: 'exports', run: { gate: ['tools/exports.mjs', '--check'] } },
  { name: 'publint', run: { gate: [bin('publint/src/cli.js'), '--strict'] }, needs: 'build' },
  {
    name: 'are the types wrong',
    run: { gate: [bin('@arethetypeswrong/cli/dist/index.js'), '--pack', '.', '--profile', 'node16'] },
    needs: 'build',
  },
  { name: 'API report', run: { gate: ['tools/api.mjs'] } },
  { name: 'types as published', run: { gate: ['tools/typecheck-published.mjs'] }, needs: 'build' },
  { name: 'size', run: { gate: ['tools/size.mjs'] }, needs: 'build' },
  { name: 'code in the docs', run: { gate: ['tools/check-docs.mjs'] }, needs: 'build' },
  { name: packed, run: { gate: ['tools/packed.mjs'] }, needs: 'build' },
  { name: 'package', run: { vitest: 'package' }, needs: packed, on: node },
  { name: 'unit and integration', run: { vitest: 'unit' }, needs: 'build', on: nodeAndWs },
  { name: 'conversation', run: { vitest: 'conversation' }, on: () => `${node()}, real servers` },
  { name: 'contract', run: { vitest: 'contract-node', packed: true }, needs: packed, on: nodeAndWs },
  ...contractInNode('node-22'),
  ...contractInNode('node-24'),
  ...contractInNode('node-26'),
  contractIn('bun'),
  contractIn('deno'),
  contractIn('workerd'),
  contractInBrowser('chromium'),
  contractInBrowser('firefox'),
  contractInBrowser('webkit'),
  { name: 'demo', run: { vitest: 'demo' }, needs: 'build', on: node },
  {
    name: 'demo page',
    run: { vitest: 'demo-page' },
    needs: 'build',
    missing: browsers.chromium.missing,
    on: browsers.chromium.title,
  },
]
