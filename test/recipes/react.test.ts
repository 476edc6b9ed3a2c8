// @vitest-environment happy-dom
import { type Client, constantBackoff, createClient } from 'holdfast'
import { createElement, Fragment, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { useClient, useMessages, useRoom } from './react-hooks.ts'
import { createRoomServer, type RoomServer } from './room-server.ts'
import { until } from './until.ts'

const BURST = 50
const messages = { chat: z.object({ text: z.string() }) }

// A wait that is long enough to be seen.
const backoff = constantBackoff(500)
const make = (url: string | (() => string)) => createClient({ url, messages, backoff, autoConnect: false })
type ChatClient = ReturnType<typeof make>

function Status({ client }: { client: ChatClient }) {
  return createElement('p', null, useClient(client).status)
}

function Chat({ client }: { client: ChatClient }) {
  const room = useRoom(client, 'lobby')
  const items = useMessages(client, 'lobby', 'chat').map(({ text }, index) =>
    createElement('li', { key: index }, text),
  )
  const say = () => room?.send('chat', { text: 'said' })
  return createElement(
    Fragment,
    null,
    createElement('button', { type: 'button', onClick: say }, 'Say'),
    createElement('ol', null, items),
  )
}

const page = (client: ChatClient) =>
  createElement(
    StrictMode,
    null,
    createElement(Status, { client }),
    createElement(Status, { client }),
    createElement(Chat, { client }),
  )

const lines = () => [...document.querySelectorAll('li')].map((item) => item.textContent)
const statuses = () => [...document.querySelectorAll('p')].map((item) => item.textContent)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)

describe('React, in StrictMode', () => {
  let server: RoomServer
  let client: ChatClient
  /** How often it began to connect. */
  let asked: number
  let root: ReturnType<typeof createRoot>

  beforeEach(async () => {
    server = await createRoomServer({ count: BURST })
    asked = 0
    client = make(() => {
      asked++
      return server.url
    })
    document.body.innerHTML = '<div></div>'
    root = createRoot(document.body.firstElementChild as Element)
    root.render(page(client))
  })

  afterEach(async () => {
    root.unmount()
    client.close()
    await server.close()
  })

  it('opens one socket for three components, each mounted twice', async () => {
    await until(() => expect(statuses()).toEqual(['open', 'open']))
    await until(() => expect(lines()).toHaveLength(BURST))
    expect(server.opened).toBe(1)
    expect(asked).toBe(1)
  })

  it('renders all of 50 messages of one turn, once and in order', async () => {
    await until(() => expect(lines()).toHaveLength(BURST))
    expect(lines()).toEqual(upTo(BURST))
    document.querySelector('button')?.click()
    await until(() => expect(lines()).toEqual([...upTo(BURST), 'said']))
  })

  it('joins a room once, however many components hold it', async () => {
    await until(() => expect(lines()).toHaveLength(BURST))
    expect(server.heard.filter(({ type }) => type === 'join')).toHaveLength(1)
  })

  it('shows that a link was lost, and that it is back', async () => {
    await until(() => expect(statuses()).toEqual(['open', 'open']))
    server.cut()
    await until(() => expect(statuses()).toEqual(['backoff', 'backoff']))
    await until(() => expect(statuses()).toEqual(['open', 'open']))
    expect(server.opened).toBe(2)
  })

  it('keeps the link when another component takes over in the same turn, and closes it after the last', async () => {
    await until(() => expect(statuses()).toEqual(['open', 'open']))
    root.render(createElement(Status, { client, key: 'another' }))
    await until(() => expect(statuses()).toEqual(['open']))
    expect(server.opened).toBe(1)
    root.unmount()
    await until(() => expect(client.status).toBe('closed'))
    await until(() => expect(server.open).toBe(0))
    expect(server.opened).toBe(1)
  })
})

it('renders on a server, where nothing connects', () => {
  const client = make('ws://127.0.0.1:1')
  expect(renderToString(createElement(Status, { client }))).toBe('<p>idle</p>')
  expect(client.status).toBe('idle')
})

it('keeps one snapshot until something changes, as useSyncExternalStore asks', () => {
  const client: Client = createClient({ url: 'ws://127.0.0.1:1', autoConnect: false })
  const { getSnapshot, subscribe } = client
  expect(getSnapshot()).toBe(getSnapshot())
  const before = getSnapshot()
  let told = 0
  const stop = subscribe(() => told++)
  client.room('lobby')
  expect(told).toBe(1)
  expect(getSnapshot()).not.toBe(before)
  expect([...getSnapshot().rooms]).toEqual([['lobby', 'joining']])
  stop()
  client.room('other')
  expect(told).toBe(1)
})
