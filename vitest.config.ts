import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumLaunchOptions } from './tools/chromium.mjs'
import { entries, specifier } from './tools/entries.mjs'

/** Tests import `holdfast` like any user; here that means the sources of the platform that they run on. */
function sourcesFor(platform: 'web' | 'node') {
  return entries.flatMap((entry) => {
    const source = entry[platform]
    if (source === undefined) return []
    return [
      {
        find: new RegExp(`^${specifier(entry)}$`),
        replacement: fileURLToPath(new URL(source, import.meta.url)),
      },
    ]
  })
}

const node = { resolve: { alias: sourcesFor('node') } }
const contract = { include: ['test/contract/**/*.test.ts'], globalSetup: 'test/contract/global-setup.ts' }

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...node,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/contract/**', 'test/demo/**', 'test/package/**'],
        },
      },
      // These two look at dist/: build first.
      { test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'demo', include: ['test/demo/**/*.test.ts'], testTimeout: 60_000 } },
      { ...node, test: { name: 'contract-node', ...contract } },
      {
        resolve: { alias: sourcesFor('web') },
        // Found late, a dependency would make Vite reload the page in the middle of a test.
        optimizeDeps: { include: ['eventemitter3'] },
        test: {
          name: 'contract-chromium',
          ...contract,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumLaunchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
