/**
 * The runtimes beside the Node that runs the tools: plain binaries that `npm ci` in this folder brings, where they
 * exist for the machine (Linux on x64).
 *
 * @typedef {'node-22' | 'node-24' | 'node-26' | 'bun' | 'deno' | 'workerd'} RuntimeName
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @type {Readonly<Record<RuntimeName, { title: string, folder: string, binary: string }>>} */
const runtimes = {
  'node-22': { title: 'Node', folder: 'node-22', binary: 'bin/node' },
  'node-24': { title: 'Node', folder: 'node-24', binary: 'bin/node' },
  'node-26': { title: 'Node', folder: 'node-26', binary: 'bin/node' },
  bun: { title: 'Bun', folder: '@oven/bun-linux-x64', binary: 'bin/bun' },
  deno: { title: 'Deno', folder: '@deno/linux-x64-glibc', binary: 'deno' },
  workerd: { title: 'workerd', folder: '@cloudflare/workerd-linux-64', binary: 'bin/workerd' },
}

const file = (/** @type {RuntimeName} */ name, /** @type {string} */ path) =>
  new URL(`node_modules/${runtimes[name].folder}/${path}`, import.meta.url)

/** @param {RuntimeName} name */
export const runtimeBinary = (name) => fileURLToPath(file(name, runtimes[name].binary))

/** Why the runtime can't be used here, if it can't. @param {RuntimeName} name */
export const missingRuntime = (name) =>
  existsSync(runtimeBinary(name)) ? undefined : 'not installed: npm ci in tools/runtimes'

/** `Bun 1.4.5`, or the bare name where it is not installed. @param {RuntimeName} name */
export function runtimeTitle(name) {
  const manifest = file(name, 'package.json')
  const { title } = runtimes[name]
  return existsSync(manifest) ? `${title} ${JSON.parse(readFileSync(manifest, 'utf8')).version}` : name
}
