/** A large message leaves room for small ones: it is paced by what the peer proves to have received. */
import { fragments } from 'holdfast'
import { describe, expect, test } from 'vitest'
import type { SocketData } from '../../src/base/data.ts'
import { Pace } from '../../src/client/pace.ts'
import { type FakeClient, fakeClient } from './support/fake-client.ts'

/**
 * Puts a way of so many bits a second before the peer, with a kernel that takes all at once: `bufferedAmount` tells
 * nothing. Answers how long the way takes for what is on it now.
 */
function slowWay(fake: FakeClient, bitsPerSecond: number, roundTripMs: number) {
  const { link, clock } = fake
  const bytesPerMs = bitsPerSecond / 8_000
  let freeAt = clock.now()
  const arrivals: { readonly at: number; readonly data: SocketData }[] = []
  const send = link.send.bind(link)
  link.send = (data) => {
    send(data)
    freeAt = Math.max(freeAt, clock.now()) + Buffer.byteLength(data as string) / bytesPerMs
    arrivals.push({ at: freeAt + roundTripMs / 2, data })
  }
  link.ping = (id) => {
    const at = Math.max(freeAt, clock.now()) + roundTripMs
    clock.setTimer(() => link.events.ponged(id), at - clock.now())
  }
  return { arrivals, queueMs: () => Math.max(freeAt - clock.now(), 0) }
}

describe('a chat message behind an upload', () => {
  // A slow way needs 66 ms for one piece of 16 KiB, and a long one holds two round trips.
  const ways = [
    [10_000_000, 20, 150],
    [100_000_000, 10, 150],
    [10_000_000, 100, 250],
    [2_000_000, 40, 500],
  ] as const
  const starts = [
    ['at once', 0],
    ['later', 1_000],
  ] as const
  const rows = ways.flatMap((way) => starts.map((start) => [...way, ...start] as const))

  test.each(rows)(
    'on a way of %i bit/s and %i ms waits %i ms at most, and the way is used well (begun %s)',
    async (bitsPerSecond, roundTripMs, mostMs, _start, afterMs) => {
      const fake = fakeClient({ fragments: fragments() }, { ping: true })
      await fake.accept()
      const way = slowWay(fake, bitsPerSecond, roundTripMs)
      fake.clock.advance(afterMs)
      const bytes = Math.min(bitsPerSecond / 2, 10_000_000)
      const startedAt = fake.clock.now()
      const upload = fake.client.send('file', 'x'.repeat(bytes))
      const waits: number[] = []
      while (upload.status === 'queued') {
        fake.clock.advance(10)
        if (fake.clock.now() - startedAt > 40_000) throw new Error('The upload stands still')
        const before = way.queueMs()
        expect(fake.client.send('chat', { at: fake.clock.now() }).status).toBe('written')
        waits.push(before)
      }
      const seconds = (fake.clock.now() + way.queueMs() - startedAt) / 1_000
      const worst = Math.max(...waits)
      expect(worst).toBeLessThanOrEqual(mostMs)
      // Base64 adds a third, and the envelopes of the pieces one percent.
      const ideal = (bytes * 8 * 1.36) / bitsPerSecond
      expect(seconds).toBeLessThan(1.3 * ideal + 0.6)
    },
  )
})

describe('without a heartbeat', () => {
  test('a large message goes as long as the native buffer holds little, and looks again soon', async () => {
    const fake = fakeClient({ fragments: fragments() })
    await fake.connect()
    fake.link.slow = true
    const upload = fake.client.send('file', 'x'.repeat(1_000_000))
    for (let step = 0; step < 200 && upload.status === 'queued'; step++) {
      fake.clock.advance(10)
      expect(fake.link.bufferedAmount).toBeLessThanOrEqual(65_536 + 2 * 16_384)
      expect(fake.client.send('chat', step).status).toBe('written')
      fake.link.drain(30_000)
    }
    expect(upload.status).toBe('written')
    fake.link.drain()
    await fake.close()
    expect(fake.clock.pending).toBe(0)
  })
})

describe('a peer whose pongs stay away', () => {
  test('gets no more than the window, and all of it again after the link is given up', async () => {
    const fake = fakeClient({ fragments: fragments() }, { ping: true })
    await fake.connect()
    fake.link.pong()
    const upload = fake.client.send('file', 'x'.repeat(1_000_000))
    fake.clock.advance(5_000)
    const written = fake.link.sent.length
    expect(written * 16_384).toBeLessThan(150_000)
    expect(upload.status).toBe('queued')
    const first = fake.link
    await fake.connect()
    expect(fake.link).not.toBe(first)
    fake.client.close()
    expect(upload.status).toBe('written')
  })
})

describe('the window', () => {
  test('never leaves its bounds and never jumps, whatever the round trips are', () => {
    for (const rtts of [
      [0, 0, 0, 0],
      [1, 1_000, 1, 60_000],
      [5, 5, 5, 5, 5, 5, 5, 5],
      Array.from({ length: 100 }, (_, n) => n * 10),
    ]) {
      const pace = new Pace()
      let now = 0
      let last = pace.windowBytes
      for (const rtt of rtts) {
        for (const bytes of [0, 1, 50_000, 10 ** 9]) {
          now += rtt
          pace.sample(rtt, bytes, now)
          expect(pace.windowBytes).toBeGreaterThanOrEqual(16_384)
          expect(pace.windowBytes).toBeLessThanOrEqual(4_194_304)
          expect(pace.windowBytes / last).toBeLessThanOrEqual(2)
          expect(pace.windowBytes / last).toBeGreaterThanOrEqual(0.5)
          last = pace.windowBytes
        }
      }
      pace.reset()
      expect(pace.windowBytes).toBe(32_768)
    }
  })

  test('grows on a fast way and shrinks when a queue builds up', () => {
    const pace = new Pace()
    for (let n = 0; n < 20; n++) pace.sample(10, pace.windowBytes, n * 10)
    const wide = pace.windowBytes
    expect(wide).toBeGreaterThan(200_000)
    for (let n = 0; n < 20; n++) pace.sample(500, 50_000, 200 + n * 500)
    expect(pace.windowBytes).toBeLessThan(wide / 4)
  })
})
