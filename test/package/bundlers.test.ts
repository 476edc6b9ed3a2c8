/** The installed package in a browser: bundled by each bundler, and by a script tag. */
import { readFileSync, statSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumLaunchOptions, findChromium } from '../../tools/browsers/chromium.mjs'
import { packedPackage } from '../../tools/packed.mjs'
import { bundlers } from './bundlers.ts'
import { copyIntoProject, inProject, writeInProject } from './installed.ts'
import { livedThrough, useLiveServers } from './live-servers.ts'

const ofNode = /node_modules\/(ws|isomorphic-ws)\/|\/dist\/node\//
const hasChromium = findChromium() !== undefined
const server = useLiveServers()
let browser: Browser | undefined

beforeAll(async () => {
  if (hasChromium) browser = await chromium.launch(chromiumLaunchOptions())
  copyIntoProject('test/package/live.mjs', 'live.mjs')
}, 60_000)

afterAll(() => browser?.close())

/** What live.mjs saw in a page that runs these scripts, which leave it as the global `live`. */
async function livedIn(...scripts: readonly { path: string; type?: 'module' }[]): Promise<unknown> {
  const page = await browser?.newPage()
  if (!page) throw new Error('there is no browser')
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  for (const { path, type = '' } of scripts) await page.addScriptTag({ path, type })
  // A module runs a little after its tag was added.
  await page.waitForFunction(() => 'live' in globalThis)
  const seen = await page.evaluate((at) => (globalThis as unknown as Page).live(at), server())
  await page.close()
  expect(errors).toEqual([])
  return seen
}

interface Page {
  live(server: unknown): Promise<unknown>
}

describe.each(bundlers)('bundled by %s', (name, bundle) => {
  const folder = inProject(`bundled/${name}`)

  test('for a browser, nothing of Node comes along', async () => {
    const entry = writeInProject(
      'browser.js',
      `import * as holdfast from 'holdfast'
       import { live } from './live.mjs'
       globalThis.live = (server) => live(holdfast, server)`,
    )
    const { file, inputs } = await bundle(entry, folder)
    expect(inputs).toContain(`${packedPackage}/dist/web/index.js`)
    expect(inputs.filter((path) => ofNode.test(path))).toEqual([])
    expect(statSync(file).size).toBeGreaterThan(10_000)
  })

  test('which the check would see', async () => {
    const entry = writeInProject(
      'planted.js',
      `import WebSocket from 'isomorphic-ws'\nconsole.log(WebSocket)`,
    )
    const { inputs } = await bundle(entry, `${folder}-planted`)
    expect(inputs.filter((path) => ofNode.test(path))).not.toEqual([])
  })

  test.runIf(hasChromium)('it lives through a cut in Chromium', async () => {
    expect(await livedIn({ path: `${folder}/bundle.js`, type: 'module' })).toEqual(livedThrough)
  })
})

test.runIf(hasChromium)('by a script tag it lives through a cut in Chromium', async () => {
  const { unpkg } = JSON.parse(readFileSync(`${packedPackage}/package.json`, 'utf8'))
  const live = readFileSync(inProject('live.mjs'), 'utf8').replace('export async function', 'async function')
  const script = writeInProject('script.js', `${live}\nglobalThis.live = live.bind(undefined, Holdfast)`)
  expect(await livedIn({ path: `${packedPackage}/${unpkg}` }, { path: script })).toEqual(livedThrough)
})
