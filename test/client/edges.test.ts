/** Odd options, sizes and moments: each has an outcome that is told, and none stalls what comes after. */
import { envelopeDialect, fragments } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { type FakeClient, fakeClient, settle } from './support/fake-client.ts'

const isHoldfast = (code: string) => expect.objectContaining({ code })
const circle: unknown[] = []
circle.push(circle)

/** What a client does with a link that refuses to write as it is going. */
function going({ link }: FakeClient): void {
  link.send = () => {
    link.readyState = 2
    throw new Error('This link is going')
  }
}

/** What the timers of Node and browsers do with a wait that is too long for them: call back at once. */
function shortTimers({ clock }: FakeClient): number[] {
  const waits: number[] = []
  const setTimer = clock.setTimer.bind(clock)
  clock.setTimer = (callback, ms) => {
    waits.push(ms)
    return setTimer(callback, ms > 2 ** 31 - 1 ? 1 : ms)
  }
  return waits
}

describe('a room whose join cannot be written', () => {
  test.each([
    ['a BigInt', { n: 1n }],
    ['a circle', circle],
    ['a function', () => 1],
  ])('for params that are %s is refused at once, and nothing else stalls', async (_title, params) => {
    const fake = fakeClient()
    const { client } = fake
    expect(() => client.room('a', { params })).toThrow(isHoldfast('HF_INVALID'))
    const other = client.room('b')
    const receipts = [client.send('note', 1), other.send('chat', 1)]
    const link = await fake.connect()
    expect(link.envelopes.map(({ type, room }) => [type, room])).toEqual([
      ['join', 'b'],
      ['note', undefined],
      ['broadcast', 'b'],
    ])
    expect(receipts.map(({ status }) => status)).toEqual(['written', 'written'])
    await fake.close()
    expect([client.status, fake.reported]).toEqual(['closed', []])
  })

  test('because the codec throws is refused at once too', async () => {
    const encode = (envelope: object): string => {
      if ((envelope as { type?: string }).type === 'join') throw new Error('No joins here')
      return JSON.stringify(envelope)
    }
    const fake = fakeClient({ dialect: envelopeDialect({ codec: { encode, decode: JSON.parse } }) })
    expect(() => fake.client.room('a')).toThrow(isHoldfast('HF_INVALID'))
    const receipt = fake.client.send('note', 1)
    await fake.connect()
    expect(receipt.status).toBe('written')
  })

  test('because it is over the peer’s limit is refused at once, and may be asked for with less', async () => {
    const fake = fakeClient({ limits: { maxMessageBytes: 100 } })
    const { client } = fake
    expect(() => client.room('a', { params: 'x'.repeat(500) })).toThrow(isHoldfast('HF_TOO_LARGE'))
    const room = client.room('a', { params: 'x' })
    const link = await fake.connect()
    expect(link.envelopes).toEqual([{ type: 'join', room: 'a', payload: 'x' }])
    expect([room.status, room.counts.holders]).toEqual(['joined', 1])
  })

  test('leaves the one that was left as it is: the leave that waits still goes', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 100 })
    const room = fake.client.room('a')
    const link = await fake.connect()
    link.bufferedAmount = 100
    room.leave()
    expect(() => fake.client.room('a', { params: 1n })).toThrow(isHoldfast('HF_INVALID'))
    link.drain()
    fake.clock.advance(20)
    expect(link.envelopes.map(({ type }) => type)).toEqual(['join', 'leave'])
  })

  test('because the platform refuses it has failed as `write-failed`, and nothing else stalls', async () => {
    const fake = fakeClient()
    const { client } = fake
    const link = await fake.connect()
    link.failure = new Error('This cannot be written')
    const room = client.room('a')
    fake.clock.advance(10)
    expect([room.status, room.error?.code]).toEqual(['failed', 'write-failed'])
    link.failure = undefined
    expect(client.send('note', 1).status).toBe('written')
    room.retry()
    room.send('chat', 1)
    fake.clock.advance(10)
    expect(room.status).toBe('joined')
    expect(link.envelopes.map(({ type }) => type)).toEqual(['note', 'join', 'broadcast'])
  })
})

describe('a room that failed for good', () => {
  test('is tried again for whoever asks for it anew', async () => {
    const fake = fakeClient()
    const first = fake.client.room('a')
    const link = await fake.connect()
    link.receive({ type: 'error', room: 'a', payload: { code: 'forbidden', message: '' } })
    fake.clock.advance(60_000)
    expect([first.status, link.sent.length]).toEqual(['failed', 1])
    const second = fake.client.room('a')
    const receipt = second.send('chat', 1)
    fake.clock.advance(10)
    expect([first.status, second.status, receipt.status]).toEqual(['joined', 'joined', 'written'])
    expect(link.envelopes.map(({ type }) => type)).toEqual(['join', 'join', 'broadcast'])
  })
})

describe('a volatile message', () => {
  test.each([100, 100_000, 2_000_000])('of %i bytes goes where the link takes it now', async (bytes) => {
    const fake = fakeClient()
    const link = await fake.connect()
    const receipt = fake.client.send('frame', 'x'.repeat(bytes), { volatile: true })
    expect([receipt.status, link.written(0).payload.length]).toEqual(['written', bytes])
  })

  test('that would go in pieces is dropped: it cannot go at once', async () => {
    const fake = fakeClient({ fragments: fragments({ aboveBytes: 1_000, maxPieceBytes: 1_000 }) })
    const link = await fake.connect()
    const small = fake.client.send('frame', 'x'.repeat(500), { volatile: true })
    const large = fake.client.send('frame', 'x'.repeat(5_000), { volatile: true })
    fake.clock.advance(100)
    expect([small.status, large.reason]).toEqual(['written', 'volatile'])
    expect(link.sent).toHaveLength(1)
    expect(fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('of any size is dropped where it would have to wait', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 100 })
    const link = await fake.connect()
    link.bufferedAmount = 100
    for (const bytes of [1, 100_000]) {
      const { reason } = fake.client.send('frame', 'x'.repeat(bytes), { volatile: true })
      expect(reason).toBe('volatile')
    }
    link.drain()
    fake.clock.advance(100)
    expect(link.sent).toEqual([])
  })
})

describe('an asynchronous schema for what we send', () => {
  test('that is slow holds up what was sent after it, so that the order stays', async () => {
    let pass = (_result: { readonly value: unknown }): void => {}
    const slow = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => new Promise<{ readonly value: unknown }>((resolve) => (pass = resolve)),
      },
    }
    const fast = {
      '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) },
    }
    const fake = fakeClient({ validateSends: true, messages: { slow, fast } })
    const link = await fake.connect()
    fake.client.send('slow', 1)
    fake.client.send('fast', 2)
    const later = fake.client.send('fast', 3)
    fake.clock.advance(1_000)
    await settle()
    expect([link.sent.length, later.status]).toEqual([0, 'queued'])
    pass({ value: 1 })
    await settle()
    fake.clock.advance(0)
    expect(link.envelopes.map(({ payload }) => payload)).toEqual([1, 2, 3])
  })
})

describe('a wait that is longer than timers take', () => {
  test('for a server’s `retryAfterMs` is waited for, and not over at once', async () => {
    const fake = fakeClient()
    const waits = shortTimers(fake)
    const link = await fake.connect()
    const asked = fake.client.request('get', 1, { timeoutMs: Infinity, retry: 1 })
    const payload = { code: 'busy', message: '', retryable: true, retryAfterMs: 3e9 }
    link.receive({ type: 'error', id: link.written(0).id, payload })
    fake.clock.advance(10_000)
    expect(link.sent).toHaveLength(1)
    fake.clock.advance(3e9 - 20_000)
    expect(link.sent).toHaveLength(1)
    fake.clock.advance(10_000)
    expect(link.sent).toHaveLength(2)
    expect(Math.max(...waits)).toBeLessThan(2 ** 31)
    link.receive({ type: '$reply', id: link.written(1).id, payload: 'there' })
    expect(await asked).toBe('there')
  })

  test('for a reply is over when it is, and leaves no timer', async () => {
    const fake = fakeClient()
    shortTimers(fake)
    await fake.connect()
    fake.clock.advance(60_000)
    const before = fake.clock.pending
    const failed = vi.fn()
    void fake.client.request('get', 1, { timeoutMs: 3e9 }).catch(failed)
    fake.clock.advance(3e9 - 1)
    await settle()
    expect(failed).not.toHaveBeenCalled()
    fake.clock.advance(1)
    await settle()
    expect(failed).toHaveBeenCalledWith(isHoldfast('HF_TIMEOUT'))
    expect(fake.clock.pending).toBe(before)
  })

  test('for the rest of a message in pieces is waited for, too', async () => {
    const fake = fakeClient({ fragments: fragments({ maxAgeMs: 2 ** 32 }) })
    const waits = shortTimers(fake)
    const link = await fake.connect()
    const heard = vi.fn()
    fake.client.on('note', heard)
    const text = Buffer.from('{"type":"note","payload":"in two pieces"}')
    const size = Math.ceil(text.length / 2)
    const piece = (index: number) => {
      const data = text.subarray(index * size, (index + 1) * size).toString('base64')
      const id = '00000000000000ff'
      link.receive({ type: '$fragment', payload: { id, index, total: 2, bytes: text.length, data } })
    }
    piece(0)
    fake.clock.advance(3e9)
    expect(fake.events('incomplete')).toEqual([])
    piece(1)
    expect(heard).toHaveBeenCalledOnce()
    expect(Math.max(0, ...waits)).toBeLessThan(2 ** 31)
  })
})

describe('a message that is put back because its link is just going', () => {
  test.each([
    ['`queue.maxAgeMs`', { queue: { maxAgeMs: 1_000 } }, {}],
    ['its own `ttlMs`', {}, { ttlMs: 1_000 }],
  ])('expires as any that waits, by %s', async (_title, options, sendOptions) => {
    const fake = fakeClient(options)
    await fake.connect()
    going(fake)
    const receipt = fake.client.send('note', 1, sendOptions)
    expect(receipt.status).toBe('queued')
    fake.link.cut()
    fake.client.socket.suspend()
    fake.clock.advance(900)
    expect(receipt.status).toBe('queued')
    fake.clock.advance(200)
    expect(receipt.status).toBe('expired')
  })

  test('is replaced by a newer one of its `conflate` key', async () => {
    const fake = fakeClient()
    await fake.connect()
    going(fake)
    const old = fake.client.send('price', 'old', { conflate: true })
    expect(old.status).toBe('queued')
    fake.link.cut()
    const fresh = fake.client.send('price', 'new', { conflate: true })
    const link = await fake.connect()
    expect([old.reason, fresh.status]).toEqual(['conflated', 'written'])
    expect(link.envelopes).toEqual([{ type: 'price', payload: 'new' }])
  })
})

describe('a Blob that waits', () => {
  const welcome = { limits: { maxMessageBytes: 2_000 }, features: ['fragments'] }

  test('goes in pieces where the peer announces that it takes less', async () => {
    const fake = fakeClient({ fragments: fragments() })
    const receipt = fake.client.binary(1).send(new Blob([new Uint8Array(5_000).fill(7)]))
    const link = await fake.accept()
    link.receive({ type: '$welcome', payload: welcome })
    fake.clock.advance(0)
    for (let round = 0; round < 50 && receipt.status === 'queued'; round++) {
      await new Promise((resolve) => setImmediate(resolve))
      fake.clock.advance(20)
    }
    expect([receipt.status, receipt.reason]).toEqual(['written', undefined])
    expect(link.sent.length).toBeGreaterThan(2)
    for (const data of link.sent) expect((data as Uint8Array).length).toBeLessThanOrEqual(2_000)

    const peer = fakeClient({ fragments: fragments() })
    const heard: Uint8Array[] = []
    peer.client.binary(1).on((payload) => heard.push(payload))
    const there = await peer.connect()
    for (const data of link.sent) there.receive((data as Uint8Array<ArrayBuffer>).slice().buffer)
    expect(heard.map((payload) => [...payload])).toEqual([Array(5_000).fill(7)])
  })

  test('is dropped as `too-large` where nothing is cut', async () => {
    const fake = fakeClient()
    const receipt = fake.client.binary(1).send(new Blob([new Uint8Array(5_000)]))
    const link = await fake.accept()
    link.receive({ type: '$welcome', payload: welcome })
    fake.clock.advance(0)
    await receipt.written
    expect([receipt.reason, link.sent]).toEqual(['too-large', []])
    expect(fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
  })
})

describe('what cannot be meant is refused, and named', () => {
  test('a signal that is none, before anything is sent', async () => {
    const fake = fakeClient()
    const { client } = fake
    const room = client.room('a')
    const signal = {} as AbortSignal
    const uses: readonly (() => unknown)[] = [
      () => client.send('note', 1, { signal }),
      () => room.send('chat', 1, { signal }),
      () => client.binary(1).send(new Uint8Array(1), { signal }),
      () => client.on('note', () => {}, { signal }),
    ]
    for (const use of uses) expect(use).toThrow(/signal/)
    for (const use of uses) expect(use).toThrow(TypeError)
    await expect(client.request('get', 1, { signal })).rejects.toThrow(/signal/)
    await expect(client.stream('all', 1, { signal }).next()).rejects.toThrow(/signal/)
    await expect(client.once('note', { signal })).rejects.toThrow(/signal/)
    expect(client.socket.queued.count).toBe(0)
    const link = await fake.connect()
    expect(link.envelopes.map(({ type }) => type)).toEqual(['join'])
  })

  test.each([-1, NaN])('to retry %d times', async (retry) => {
    const fake = fakeClient()
    const link = await fake.connect()
    const outcome = fake.client.request('get', 1, { retry }).catch(String)
    await fake.close()
    expect(await outcome).toMatch(/(Type|Range)Error: Option retry must be a/)
    expect(link.sent).toEqual([])
  })
})
