import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { entries, entryName, iifeFile, platforms } from '../../tools/entries.mjs'
import { root } from '../../tools/root.mjs'

/** One built file that a user can load. */
export interface Built {
  readonly subpath: string
  readonly platform: 'web' | 'node'
  readonly format: 'esm' | 'cjs' | 'iife'
  readonly path: string
}

export const inRoot = (path: string): string => fileURLToPath(new URL(path, root))

/** Every built file of every entry. */
export const built: readonly Built[] = entries.flatMap((entry) => {
  const name = entryName(entry)
  const modules = platforms
    .filter((platform) => entry[platform] !== undefined)
    .flatMap((platform): Built[] => [
      { subpath: entry.subpath, platform, format: 'esm', path: `dist/${platform}/${name}.js` },
      { subpath: entry.subpath, platform, format: 'cjs', path: `dist/${platform}/${name}.cjs` },
    ])
  const script: Built = { subpath: entry.subpath, platform: 'web', format: 'iife', path: iifeFile }
  return entry.iife === undefined ? modules : [...modules, script]
})

/** All JavaScript that the web gets: the entries, what they share, and the script-tag build. */
export function webFiles(): { path: string; code: string }[] {
  const modules = readdirSync(inRoot('dist/web'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.c?js$/.test(name))
    .map((name) => `dist/web/${name}`)
  return [...modules, iifeFile].map((path) => ({ path, code: readFileSync(inRoot(path), 'utf8') }))
}
