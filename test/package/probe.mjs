/**
 * Loads one built file and prints, as JSON, what it exports and everything that loading it touched.
 *
 *   node probe.mjs esm|cjs|iife <path>
 */
import { readFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { runInThisContext } from 'node:vm'

const [, , format, path] = process.argv
const require = createRequire(import.meta.url)
const touched = []

/** Global functions that start something: counted when they are called. */
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']) {
  const original = globalThis[name]
  globalThis[name] = (...args) => {
    touched.push(`${name}()`)
    return original(...args)
  }
}

const methods = [
  [Math, 'random'],
  [Date, 'now'],
  [performance, 'now'],
  [crypto, 'getRandomValues'],
  [crypto, 'randomUUID'],
  [globalThis, 'addEventListener'],
  [process, 'on'],
]
for (const [owner, name] of methods) {
  const original = owner[name]
  owner[name] = function (...args) {
    touched.push(`${name}()`)
    return original?.apply(this, args)
  }
}

/** Globals that differ between runtimes, or that tests replace: reading one at import would capture it. */
const captured = [
  'WebSocket',
  'navigator',
  'document',
  'window',
  'self',
  'location',
  'CloseEvent',
  'reportError',
]
for (const name of captured) {
  const value = globalThis[name]
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      touched.push(name)
      return value
    },
  })
}

const builtins = () =>
  process.moduleLoadList.filter((name) => /^NativeModule (net|tls|http|https|zlib)$/.test(name))
const builtinsBefore = builtins()
const resourcesBefore = process.getActiveResourcesInfo()
const load = {
  esm: () => import(pathToFileURL(path).href),
  cjs: () => require(path),
  // A script's `var` becomes a property of the global object only outside a function: let the script hand it out.
  iife: () => runInThisContext(`${readFileSync(path, 'utf8')}\n;Holdfast`),
}
const exported = await load[format]()

const resources = process.getActiveResourcesInfo()
for (const name of resourcesBefore) {
  const index = resources.indexOf(name)
  if (index >= 0) resources.splice(index, 1)
}
for (const name of builtins()) if (!builtinsBefore.includes(name)) touched.push(name)

// Written at once, and nothing stops the process: it has to end by itself.
writeSync(1, JSON.stringify({ exports: Object.keys(exported).sort(), touched, resources }))
