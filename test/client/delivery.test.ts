import { describe, expect, test } from 'vitest'
import { Delivery, resolveDelivery } from '../../src/client/delivery.ts'
import { VirtualClock } from '../core/virtual-clock.ts'
import { fakeClient } from './support/fake-client.ts'

async function open(delivery: NonNullable<Parameters<typeof fakeClient>[0]>['delivery'] & {}) {
  const fake = fakeClient({ delivery })
  await fake.connect()
  const heard: unknown[] = []
  fake.client.on('n', ({ payload }) => heard.push(payload))
  fake.client.binary(7).on((bytes) => heard.push(bytes[0]))
  const send = (...payloads: unknown[]) => {
    for (const payload of payloads) fake.link.receive({ type: 'n', payload })
  }
  const sendByte = (byte: number) => fake.link.receive(new Uint8Array([0, 0, 0, 7, byte]).buffer)
  return { ...fake, heard, send, sendByte }
}

describe('delivery', () => {
  test('immediate: a message is handled as it arrives', async () => {
    const { heard, send } = await open('immediate')
    send(1)
    expect(heard).toEqual([1])
  })

  test('tick: all that came together is handled in one later macrotask, in order, text and bytes alike', async () => {
    const { clock, settle, heard, send, sendByte } = await open('tick')
    send(1)
    sendByte(2)
    send(3)
    await settle()
    expect(heard).toEqual([])
    clock.advance(0)
    expect(heard).toEqual([1, 2, 3])
    send(4)
    clock.advance(0)
    expect(heard).toEqual([1, 2, 3, 4])
  })

  test('manual: nothing is handled until poll, which takes as many as it is told and answers how many', async () => {
    const { client, clock, heard, send } = await open('manual')
    send(1, 2, 3, 4)
    clock.advance(60_000)
    expect(heard).toEqual([])
    expect([client.poll(0), client.poll(1), [...heard]]).toEqual([0, 1, [1]])
    expect([client.poll(2), client.poll(), client.poll()]).toEqual([2, 1, 0])
    expect(heard).toEqual([1, 2, 3, 4])
  })

  test('poll leaves what comes meanwhile for the next one', async () => {
    const { client, heard, send } = await open('manual')
    client.on('n', ({ payload }) => payload === 1 && send('meanwhile'))
    send(1, 2)
    expect([client.poll(), [...heard]]).toEqual([2, [1, 2]])
    expect([client.poll(), heard.at(-1)]).toEqual([1, 'meanwhile'])
  })

  test('a handler may poll: each message is handled once, and counted once', async () => {
    const { client, heard, send } = await open('manual')
    const polled: number[] = []
    client.on('n', ({ payload }) => {
      if (payload === 1) send('meanwhile')
      if (payload === 2) polled.push(client.poll())
    })
    send(1, 2, 3)
    expect(client.poll()).toBe(2)
    expect(polled).toEqual([2])
    expect(heard).toEqual([1, 2, 3, 'meanwhile'])
  })

  test('a handler that throws leaves the others their messages', async () => {
    const { client, heard, send, reported } = await open('manual')
    client.on('n', () => {
      throw new Error('no')
    })
    send(1, 2)
    expect(client.poll()).toBe(2)
    expect(heard).toEqual([1, 2])
    expect(reported).toHaveLength(2)
  })

  test.each([
    ['drop-oldest', [3, 4]],
    ['drop-newest', [1, 2]],
  ] as const)('holds no more than maxCount, and tells what it dropped: %s', async (overflow, kept) => {
    const { client, heard, send, events } = await open({ mode: 'manual', maxCount: 2, overflow })
    send(1, 2, 3, 4)
    client.poll()
    expect(heard).toEqual(kept)
    expect(events('overrun')).toEqual(Array(2).fill({ where: 'delivery' }))
  })

  test('replies do not wait for it: a request is answered though nobody polls', async () => {
    const { client, link } = await open('manual')
    const reply = client.request('ask')
    link.receive({ type: 'x', id: link.written().id, payload: 1 })
    expect(await reply).toBe(1)
  })

  test('without frames, frame delivers all that came within 250 ms', async () => {
    const { clock, heard, send } = await open('frame')
    send(1, 2)
    clock.advance(249)
    expect(heard).toEqual([])
    clock.advance(1)
    expect(heard).toEqual([1, 2])
  })
})

describe('delivery by frames', () => {
  /** A page that paints when the test says so. */
  function page() {
    const clock = new VirtualClock()
    const frames: (() => void)[] = []
    const host = {
      defer: (callback: () => void, ms: number) => void clock.setTimer(callback, ms),
      nextFrame: (callback: () => void) => void frames.push(callback),
      overrun() {},
    }
    const delivery = new Delivery(resolveDelivery({ mode: 'frame' }), host)
    const heard: number[] = []
    const add = (n: number) => delivery.add(() => heard.push(n))
    const paint = () => {
      for (const frame of frames.splice(0)) frame()
    }
    return { clock, frames, heard, add, paint }
  }

  test('delivers all that came once before the next frame is painted', () => {
    const { frames, heard, add, paint } = page()
    add(1)
    add(2)
    expect(frames).toHaveLength(1)
    expect(heard).toEqual([])
    paint()
    expect(heard).toEqual([1, 2])
    paint()
    add(3)
    paint()
    expect(heard).toEqual([1, 2, 3])
  })

  test('in a hidden page, which paints nothing, delivers every 250 ms; the late frame delivers nothing twice', () => {
    const { clock, frames, heard, add } = page()
    add(1)
    clock.advance(250)
    expect(heard).toEqual([1])
    add(2)
    // The frame that the first one asked for: its turn is over.
    frames[0]?.()
    expect(heard).toEqual([1])
    frames[1]?.()
    expect(heard).toEqual([1, 2])
    clock.advance(250)
    expect(heard).toEqual([1, 2])
    expect(clock.pending).toBe(0)
  })
})
