/** Random lives on a real network: whatever is done in whatever order, the books must balance at the end. */
import type { ReconnectingWebSocket } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, macrotask, until } from './support/sockets.ts'

const control = providedControl()
const steps = 60

/** Mulberry32: the same numbers for the same seed, in every engine. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick<T>(random: () => number, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T
}

const seeds = [1, 2, 3, 4, 5, Math.floor(Math.random() * 2 ** 31)]

describe('a random life', () => {
  test.each(seeds)('of the seed %d', { timeout: 20_000 }, async (seed) => {
    const random = randomOf(seed)
    const name = uniqueCase('random-life')
    const { socket, told } = createRecorded(control.urlFor('/sink', name), {
      keepInDoubt: 10_000,
      backoff: () => random() * 20,
    })
    let sent = 0
    const send = () => socket.send(`${sent++}`)
    const acts: readonly ((socket: ReconnectingWebSocket) => unknown)[] = [
      send,
      send,
      send,
      (it) => it.open(),
      (it) => it.close(),
      (it) => it.reconnect(),
      (it) => it.suspend(),
      (it) => it.wake(),
      () => control.serverTerminate(name),
      () => control.serverClose(name, 1012),
      () => macrotask(),
      () => new Promise((resolve) => setTimeout(resolve, random() * 30)),
      () => until(() => socket.readyState !== 0),
    ]
    for (let step = 0; step < steps; step++) await pick(random, acts)(socket)

    socket.open()
    socket.wake()
    await until(() => socket.status === 'open', 'the link at the end')
    send()
    const unaccounted = async () => {
      const known = new Set<unknown>([
        ...(await control.received(name)).map(({ data }) => data),
        ...told.of('drop').map(({ data }) => data),
        ...told.of('indoubt').flatMap(({ messages }) => messages),
      ])
      return Array.from({ length: sent }, (_, number) => `${number}`).filter((text) => !known.has(text))
    }
    await until(async () => (await unaccounted()).length === 0).catch(() => undefined)
    expect(await unaccounted(), 'messages of which nothing was told').toEqual([])

    const received = (await control.received(name)).map(({ data }) => Number(data))
    expect(new Set(received).size, 'no message twice').toBe(received.length)
    const perLink = new Map<number, number[]>()
    for (const { connection, data } of await control.received(name)) {
      perLink.set(connection, [...(perLink.get(connection) ?? []), Number(data)])
    }
    for (const numbers of perLink.values()) {
      // On a new link, what is sent before the flush goes ahead of what waited: so the order may start anew once.
      const restarts = numbers.filter((number, index) => number < (numbers[index - 1] ?? -1))
      expect(restarts.length, `restarts of the order in ${numbers}`).toBeLessThanOrEqual(1)
    }

    const life = told.order('open', 'close')
    life.forEach((type, index) => {
      if (type === 'open' && index > 0) expect(life[index - 1], `before event ${index}`).toBe('close')
    })
    await until(async () => {
      const open = (await control.connections(name)).filter(({ state }) => state === 'open')
      return open.length === 1
    }, 'one link and no other at the server')
  })
})
