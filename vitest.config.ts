import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import type { BrowserProviderOption } from 'vitest/node'
import { chromiumLaunchOptions } from './tools/browsers/chromium.mjs'
import { firefoxLaunchOptions } from './tools/browsers/firefox.mjs'
import { webkitgtk } from './tools/browsers/webkitgtk-provider.mjs'
import { type Entry, entries, entryName, specifier } from './tools/entries.mjs'

/** The folder of an installed package that the contract suite is to run on, in the place of the sources. */
const installed = process.env['HOLDFAST_PACKAGE']

type Locate = (entry: Entry, platform: 'web' | 'node', source: string) => string

const inSources: Locate = (_entry, _platform, source) => fileURLToPath(new URL(source, import.meta.url))
const inPackage: Locate = (entry, platform) => `${installed}/dist/${platform}/${entryName(entry)}.js`

/** Tests import `holdfast` like any user; here that means the platform that they run on. */
function aliasesFor(platform: 'web' | 'node', locate: Locate) {
  return entries.flatMap((entry) => {
    const source = entry[platform]
    if (source === undefined) return []
    return [{ find: new RegExp(`^${specifier(entry)}$`), replacement: locate(entry, platform, source) }]
  })
}

const sourcesFor = (platform: 'web' | 'node') => aliasesFor(platform, inSources)
const holdfastFor = (platform: 'web' | 'node') => aliasesFor(platform, installed ? inPackage : inSources)

const node = { resolve: { alias: sourcesFor('node') } }
const contract = {
  include: ['test/contract/*.test.ts'],
  globalSetup: 'test/contract/global-setup.ts',
  // The tests mostly wait, so there is room for more of them than processors. Their number asks for a group of their own.
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
}

/** What only a page can do. */
const pages = 'test/contract/pages/*.test.ts'

/** A vitest project that runs the contract suite in a browser. */
function contractIn(browser: 'chromium' | 'firefox' | 'webkit', provider: BrowserProviderOption) {
  return {
    resolve: { alias: holdfastFor('web') },
    // Found late, a dependency would make Vite reload the page in the middle of a test.
    optimizeDeps: { include: ['eventemitter3'] },
    test: {
      name: `contract-${browser}`,
      ...contract,
      include: [...contract.include, pages],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider,
        instances: [{ browser }],
      },
    },
  }
}

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...node,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/contract/**', 'test/conversation/**', 'test/demo/**', 'test/package/**'],
        },
      },
      // Servers in other languages, 5 MB at a time: one after the other, or two processors are too few.
      {
        ...node,
        test: {
          name: 'conversation',
          include: ['test/conversation/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      // These three look at dist/: build first.
      { test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'demo', include: ['test/demo/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'demo-page', include: ['test/demo/page/*.test.ts'], testTimeout: 60_000 } },
      { resolve: { alias: holdfastFor('node') }, test: { name: 'contract-node', ...contract } },
      // The web build in Node 22 and later: over the WebSocket that Node itself has.
      {
        resolve: { alias: holdfastFor('web') },
        test: { name: 'contract-node-builtin', ...contract, env: { HOLDFAST_ENGINE: 'node' } },
      },
      contractIn('chromium', playwright({ launchOptions: chromiumLaunchOptions() })),
      contractIn('firefox', playwright({ launchOptions: firefoxLaunchOptions() })),
      contractIn('webkit', webkitgtk()),
    ],
  },
})
