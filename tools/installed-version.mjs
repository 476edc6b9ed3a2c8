import { readFileSync } from 'node:fs'
import { root } from './root.mjs'

/** @param {string} name @returns {string} */
export function installedVersion(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, root), 'utf8')).version
}
