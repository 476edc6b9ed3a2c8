/** Holdfast as it is published: the builds in dist/. */
import { existsSync } from 'node:fs'
import { root } from '../../tools/root.mjs'

/** @param {'node' | 'web'} platform @returns {Promise<typeof import('../../src/index.ts')>} */
export async function importHoldfast(platform) {
  const file = new URL(`dist/${platform}/index.js`, root)
  if (!existsSync(file)) throw new Error('The benches measure the built package: npm run build')
  return import(file.href)
}
