// @vitest-environment happy-dom
import { createClient } from 'holdfast'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type App, createApp, defineComponent, effectScope, h } from 'vue'
import * as z from 'zod'
import { createRoomServer, type RoomServer } from './room-server.ts'
import { until } from './until.ts'
import { useClient, useMessages, useRoom } from './vue-composables.ts'

const BURST = 50
const messages = { chat: z.object({ text: z.string() }) }
const make = (url: string) => createClient({ url, messages, autoConnect: false })

const lines = () => [...document.querySelectorAll('li')].map((item) => item.textContent)
const status = () => document.querySelector('p')?.textContent
const upTo = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)

describe('Vue', () => {
  let server: RoomServer
  let client: ReturnType<typeof make>
  let app: App

  beforeEach(async () => {
    server = await createRoomServer({ count: BURST })
    client = make(server.url)
    const Status = defineComponent(() => {
      const snapshot = useClient(client)
      return () => h('p', snapshot.value.status)
    })
    const Chat = defineComponent(() => {
      const room = useRoom(client, 'lobby')
      const chats = useMessages(room, 'chat')
      const say = () => room.send('chat', { text: 'said' })
      return () => [
        h('button', { onClick: say }, 'Say'),
        h(
          'ol',
          chats.value.map(({ text }) => h('li', text)),
        ),
      ]
    })
    document.body.innerHTML = '<div></div>'
    app = createApp({ render: () => [h(Status), h(Status), h(Chat)] })
    app.mount(document.body.firstElementChild as Element)
  })

  afterEach(async () => {
    client.close()
    await server.close()
  })

  it('opens one socket for three components, and shows its state', async () => {
    await until(() => expect(status()).toBe('open'))
    await until(() => expect(lines()).toHaveLength(BURST))
    expect(server.opened).toBe(1)
    app.unmount()
  })

  it('renders all of 50 messages of one turn, once and in order', async () => {
    await until(() => expect(lines()).toHaveLength(BURST))
    expect(lines()).toEqual(upTo(BURST))
    document.querySelector('button')?.click()
    await until(() => expect(lines()).toEqual([...upTo(BURST), 'said']))
    app.unmount()
  })

  it('closes the link after the last component that used it', async () => {
    await until(() => expect(status()).toBe('open'))
    app.unmount()
    expect(client.status).toBe('open')
    await until(() => expect(client.status).toBe('closed'))
    await until(() => expect(server.open).toBe(0))
  })

  it('keeps the link when the next scope begins as the last one ends', async () => {
    await until(() => expect(status()).toBe('open'))
    app.unmount()
    const scope = effectScope()
    const snapshot = scope.run(() => useClient(client))
    client.send('chat', { text: 'still here' })
    await until(() =>
      expect(server.heard.some(({ payload }) => JSON.stringify(payload) === '{"text":"still here"}')).toBe(
        true,
      ),
    )
    expect(snapshot?.value.status).toBe('open')
    expect(server.opened).toBe(1)
    scope.stop()
    await until(() => expect(client.status).toBe('closed'))
  })
})
