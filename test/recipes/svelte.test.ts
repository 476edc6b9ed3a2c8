// @vitest-environment happy-dom
import { createClient } from 'holdfast'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRoomServer, type RoomServer } from './room-server.ts'
import { bundleSvelte, type SvelteBundle } from './svelte-bundle.ts'
import { until } from './until.ts'

const BURST = 50

const lines = () => [...document.querySelectorAll('li')].map((item) => item.textContent)
const status = () => document.querySelector('p')?.textContent
const upTo = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)

describe('Svelte', () => {
  let svelte: SvelteBundle
  let server: RoomServer
  let client: ReturnType<typeof createClient>
  let mounted: object[]
  const mountChat = () =>
    svelte.mount(svelte.Chat, { target: document.body.firstElementChild as Element, props: { client } })

  beforeAll(async () => {
    svelte = await bundleSvelte()
  }, 30_000)

  beforeEach(async () => {
    server = await createRoomServer({ count: BURST })
    client = createClient({ url: server.url, autoConnect: false })
    document.body.innerHTML = '<div></div>'
    mounted = [mountChat()]
  })

  afterEach(async () => {
    client.close()
    await server.close()
  })

  it('opens one socket for two components, and shows its state', async () => {
    mounted.push(mountChat())
    await until(() => expect(status()).toBe('open'))
    await until(() => expect(lines()).toHaveLength(2 * BURST))
    expect(server.opened).toBe(1)
  })

  it('renders all of 50 messages of one turn, once and in order', async () => {
    await until(() => expect(lines()).toHaveLength(BURST))
    expect(lines()).toEqual(upTo(BURST))
  })

  it('closes the link after the last component that used it', async () => {
    await until(() => expect(status()).toBe('open'))
    await svelte.unmount(mounted[0] as object)
    await until(() => expect(client.status).toBe('closed'))
    await until(() => expect(server.open).toBe(0))
    expect(server.heard.map(({ type }) => type)).toContain('join')
  })
})
