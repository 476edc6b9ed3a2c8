/**
 * What `npm test` runs, in this order: one entry each. A new engine, runtime or server is a vitest project and a line
 * here.
 *
 * `run` is a gate (a Node script that passes or fails, one test) or a vitest project (as many tests as it reports).
 * `needs` names an earlier part without which this one makes no sense. `missing` says why this machine can't run it.
 * `on` names what the part ran on, for the table.
 *
 * @typedef {{ gate: readonly string[] } | { vitest: string }} Run
 * @typedef {{ name: string, run: Run, needs?: string, missing?: () => string | undefined, on?: () => string }} Part
 */
import { chromiumVersion, findChromium } from './chromium.mjs'
import { installedVersion } from './installed-version.mjs'

const node = () => `Node ${process.versions.node}`
const nodeAndWs = () => `${node()}, ws ${installedVersion('ws')}`
const chromium = () => `Chromium ${chromiumVersion() ?? ''}`.trim()
const noChromium = () =>
  findChromium() === undefined ? 'no Chromium found: set CHROMIUM to its path' : undefined

const bin = (/** @type {string} */ path) => `node_modules/${path}`
const compiler = (/** @type {string} */ name) => () => `TypeScript ${installedVersion(name)}`

/** @type {readonly Part[]} */
export const parts = [
  { name: 'lock file', run: { gate: ['tools/check-lock.mjs'] } },
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
  { name: 'package', run: { vitest: 'package' }, needs: 'build', on: node },
  { name: 'unit and integration', run: { vitest: 'unit' }, on: nodeAndWs },
  { name: 'contract', run: { vitest: 'contract-node' }, on: nodeAndWs },
  { name: 'contract', run: { vitest: 'contract-chromium' }, missing: noChromium, on: chromium },
  { name: 'demo', run: { vitest: 'demo' }, needs: 'build', missing: noChromium, on: chromium },
]
