import { fileURLToPath } from 'node:url'
import { fragments } from 'holdfast'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { chromiumLaunchOptions, findChromium } from '../../tools/browsers/chromium.mjs'
import { startExtra, startMs, titled } from '../servers/plain/fixtures.ts'
import type { PlainServer, RunningServer } from '../servers/plain/plain-server.ts'
import { plainServers } from '../servers/plain/plain-servers.ts'
import type { InPage } from './support/in-page.ts'
import { enter, listen, longText, settled, waits } from './support/people.ts'

vi.setConfig({ testTimeout: 60_000 })

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const noBrowser = findChromium() === undefined ? 'Chromium is not installed' : undefined
const rows = plainServers.map((kind) => ({ kind, missing: noBrowser ?? kind.missing() }))
const large = longText(5_000_000)

let browser: Browser
let script: string

beforeAll(async () => {
  if (noBrowser !== undefined) return
  browser = await chromium.launch(chromiumLaunchOptions())
  script = await bundled()
}, 60_000)
afterAll(() => browser?.close())

describe.each(rows)('Chromium and $kind.name', ({ kind, missing }) => {
  describe.skipIf(missing !== undefined)(titled('on this machine', missing), () => {
    let server: RunningServer

    beforeAll(async () => {
      server = await kind.start()
    }, startMs)
    afterAll(() => server?.end())

    it.each(['whole', 'in pieces'])('5 MB go into a page and back %s, exactly', async (form) => {
      const inPieces = form === 'in pieces'
      const page = await openPage()
      await page.evaluate(
        ([url, dialect, pieces]) =>
          (globalThis as never as { inPage: InPage }).inPage.answerAll(url, dialect, pieces),
        [server.url(), kind.dialectOptions, inPieces] as const,
      )
      const client = enter(kind, { url: server.url(), ...(inPieces && { fragments: fragments() }) })
      const heard = listen(client, 'from the page')
      client.room('binary-stream')
      const frames: Buffer[] = []
      client.binary(8).on((bytes) => void frames.push(Buffer.from(bytes)))
      await settled(client)
      client.room('to the page').send('upload', { text: large })
      client.binary(7).send(Buffer.from(large))
      await vi.waitFor(() => expect([heard.upload.length, frames.length]).toEqual([1, 1]), waits)
      expect([heard.upload[0] === large, frames[0]?.equals(Buffer.from(large))]).toEqual([true, true])
    })

    it('a wrong token that is refused after the accept is understood: it is not tried again', async () => {
      const page = await openPage()
      expect(await failedAt(page, kind)).toEqual({ code: 'HF_STOPPED', closeCode: 1008 })
    })
  })
})

async function failedAt(page: Page, kind: PlainServer): Promise<unknown> {
  const strict = await startExtra(kind, { refuse: 'after' })
  const url = strict.url('wrong')
  return page.evaluate((at) => (globalThis as never as { inPage: InPage }).inPage.failedAt(at), url)
}

/** A page of the running test's. */
async function openPage(): Promise<Page> {
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  await page.addScriptTag({ content: script })
  return page
}

/** The page's side in one script, with what a bundler for browsers takes of the library. */
async function bundled(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: { holdfast: pathOf('../../src/index.ts') } },
    build: {
      write: false,
      minify: false,
      lib: { entry: pathOf('support/in-page.ts'), formats: ['iife'], name: 'unused' },
    },
  })
  const [{ output }] = [result].flat() as [Rolldown.RolldownOutput]
  return output[0].code
}
