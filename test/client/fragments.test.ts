/** Large messages go in pieces, between everything else, and arrive whole or are told to be lost. */
import fc from 'fast-check'
import { fragments } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { cutMessage, encodePiece, pieceOf } from '../../src/wire/pieces.ts'
import { type FakeClient, fakeClient, settle } from './support/fake-client.ts'
import { Peer } from './support/peer.ts'

const small = fragments({ aboveBytes: 300, maxPieceBytes: 300 })

/** Lets the link take what it takes, again and again. */
async function flow(fake: FakeClient, turns = 60): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    fake.link.drain()
    fake.clock.advance(20)
    await settle()
  }
}

const indexes = (peer: Peer): number[] =>
  peer.listen().flatMap((heard) => (heard.is === 'piece' ? heard.index : []))
const lengthOf = (data: unknown): number => Buffer.byteLength(data as string | ArrayBuffer)

/** What one client wrote is what the other one gets. */
function relay(from: FakeClient, to: FakeClient): void {
  for (const data of from.link.sent) {
    const bytes = data instanceof Uint8Array ? data.slice().buffer : data
    to.link.receive(bytes)
  }
}

describe('a large message', () => {
  test('of text or bytes, of any size and cut anywhere, comes back exact', async () => {
    const text = fc.string({ unit: 'binary', minLength: 100, maxLength: 2_000 })
    const anything = fc.oneof(
      text,
      fc.uint8Array({ minLength: 297, maxLength: 3_000 }),
      fc.constant(`${'a'.repeat(400)}\ud800\udc00\ud800`),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(anything, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 256, max: 700 }),
        fc.boolean(),
        async (contents, maxPieceBytes, isCopied) => {
          const options = { fragments: fragments({ aboveBytes: 300, maxPieceBytes }) }
          const from = fakeClient(options, { copies: isCopied })
          const to = fakeClient(options)
          const got: unknown[] = []
          to.client.on('text', ({ payload }) => void got.push(payload))
          to.client.binary(7).on((bytes) => void got.push(bytes.slice()))
          await to.connect()
          await from.connect()
          for (const content of contents) {
            if (typeof content === 'string') from.client.send('text', content)
            else from.client.binary(7).send(content)
          }
          await flow(from, 5)
          for (const data of from.link.sent)
            if (lengthOf(data) > 300) expect(lengthOf(data)).toBeLessThanOrEqual(maxPieceBytes)
          relay(from, to)
          const key = (content: unknown) =>
            JSON.stringify(typeof content === 'string' ? content : [...(content as Uint8Array)])
          expect(got.map(key).sort()).toEqual(contents.map(key).sort())
          expect(to.told.filter(([name]) => name !== 'progress')).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  test('lets small ones pass between its pieces', async () => {
    const fake = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    await fake.accept()
    fake.link.slow = true
    fake.client.send('file', 'x'.repeat(3_000))
    fake.clock.advance(0)
    const before = fake.link.sent.length
    fake.client.send('chat', 1)
    fake.client.binary(7).send(new Uint8Array(3))
    await flow(fake, 2)
    expect(before).toBeLessThan(4)
    expect(
      fake.link.sent
        .slice(before, before + 2)
        .map((data) => (typeof data === 'string' ? JSON.parse(data).type : 'frame')),
    ).toEqual(['chat', 'frame'])
  })

  test('keeps its place among those of its room and type, small ones too', async () => {
    const fake = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    await fake.connect()
    fake.link.slow = true
    const sizes = [400, 3, 400, 3, 3]
    for (const [n, size] of sizes.entries()) fake.client.send('file', { n, text: 'x'.repeat(size) })
    await flow(fake)
    const numbers = new Peer(fake.link)
      .listen()
      .flatMap((heard) => (heard.is === 'message' ? (heard.payload as { n: number }).n : []))
    expect(numbers).toEqual([0, 1, 2, 3, 4])
  })

  test('tells how far it is, on both sides', async () => {
    const from = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    const to = fakeClient({ fragments: small })
    await to.connect()
    await from.connect()
    from.link.slow = true
    const steps: [number, number][] = []
    const receipt = from.client.send('file', 'x'.repeat(2_000), {
      onProgress: (sent, all) => void steps.push([sent, all]),
    })
    const { bytes } = receipt.progress
    expect(bytes).toBe(JSON.stringify({ type: 'file', payload: 'x'.repeat(2_000) }).length)
    await flow(from)
    expect(steps.length).toBeGreaterThan(10)
    expect(steps.map(([sent]) => sent)).toEqual(steps.map(([sent]) => sent).sort((a, b) => a - b))
    expect(steps.at(-1)).toEqual([bytes, bytes])
    expect(receipt.progress).toEqual({ sentBytes: bytes, bytes })
    relay(from, to)
    const heard = to.events('progress')
    expect(heard.map(({ receivedBytes }) => receivedBytes)).toEqual(steps.map(([sent]) => sent))
    expect(new Set(heard.map(({ id, bytes: all }) => `${id} ${all}`)).size).toBe(1)
  })

  test('starts over after a lost link, under the same name, and is delivered once', async () => {
    const from = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    const to = fakeClient({ fragments: small })
    const got: unknown[] = []
    to.client.on('file', ({ payload }) => void got.push(payload))
    await to.connect()
    await from.connect()
    from.link.slow = true
    const receipt = from.client.send('file', 'x'.repeat(2_000))
    await flow(from, 4)
    const ids = new Set<string>()
    const cutAt = indexes(new Peer(from.link)).length
    expect(cutAt).toBeGreaterThan(1)
    relay(from, to)
    from.link.cut()
    expect(receipt.progress.sentBytes).toBe(0)
    await from.connect()
    await flow(from)
    expect(receipt.status).toBe('written')
    const peer = new Peer(from.link)
    expect(indexes(peer)).toEqual(indexes(peer).map((_, index) => index))
    relay(from, to)
    for (const { id } of to.events('progress')) ids.add(id)
    expect(ids.size).toBe(1)
    // Once more, as a server may that was itself cut off.
    relay(from, to)
    expect(got).toEqual(['x'.repeat(2_000)])
    expect(to.events('malformed')).toEqual([])
  })

  test('waits for its room with all its pieces', async () => {
    const fake = fakeClient({ fragments: small })
    const room = fake.client.room('a')
    room.send('file', 'x'.repeat(1_000))
    await fake.connect()
    await flow(fake, 3)
    const [first, ...rest] = new Peer(fake.link).listen()
    expect(first).toMatchObject({ is: 'join', room: 'a' })
    expect(rest.at(-1)).toMatchObject({ is: 'message', type: 'file', room: 'a' })
    for (const envelope of fake.link.envelopes.slice(1))
      expect(envelope).toMatchObject({ type: 'broadcast', room: 'a', payload: { type: '$fragment' } })
  })

  test('that is blob goes in pieces too', async () => {
    const fake = fakeClient({ fragments: small })
    await fake.connect()
    const receipt = fake.client.binary(7).send(new Blob([new Uint8Array(1_000).fill(5)]))
    await vi.waitFor(() => {
      fake.clock.advance(10)
      expect(receipt.status).toBe('written')
    })
    const frame = new Peer(fake.link).listen().at(-1)
    expect(frame).toMatchObject({ is: 'frame', type: 7 })
    expect(frame?.is === 'frame' && [...frame.bytes]).toEqual(Array(1_000).fill(5))
  })
})

describe('a large message that is given up', () => {
  test('by its sender ends at once, frees the peer, and lets the next one go', async () => {
    const from = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    const to = fakeClient({ fragments: small })
    await to.connect()
    await from.connect()
    from.link.slow = true
    const receipt = from.client.send('file', 'x'.repeat(2_000))
    from.client.send('file', 'next')
    await flow(from, 4)
    expect(receipt.abort()).toBe(true)
    expect(receipt.reason).toBe('aborted')
    await flow(from)
    relay(from, to)
    const heard = new Peer(from.link).listen()
    expect(heard.filter(({ is }) => is === 'abort')).toHaveLength(1)
    expect(heard.at(-1)).toMatchObject({ is: 'message', payload: 'next' })
    expect(to.events('incomplete')).toMatchObject([{ reason: 'aborted' }])
    expect(from.client.socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('before its first piece leaves nothing on the wire', async () => {
    const fake = fakeClient({ fragments: small })
    fake.client.send('file', 'x'.repeat(2_000)).abort()
    await fake.connect()
    await flow(fake, 2)
    expect(fake.link.sent).toEqual([])
  })

  test('by its receiver is not sent any further', async () => {
    const from = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    const to = fakeClient({ fragments: small })
    await to.connect()
    await from.connect()
    from.link.slow = true
    const receipt = from.client.send('file', 'x'.repeat(5_000))
    await flow(from, 4)
    to.client.events.on('progress', ({ abort }) => abort(), { once: true })
    relay(from, to)
    to.clock.advance(10)
    relay(to, from)
    await flow(from)
    expect([receipt.status, receipt.reason]).toEqual(['dropped', 'aborted'])
    expect(indexes(new Peer(from.link)).length).toBeLessThan(10)
    expect(from.events('drop')).toEqual([{ type: 'file', room: undefined, reason: 'aborted' }])
  })

  test('by its age, half sent, is told on both sides', async () => {
    const from = fakeClient({ fragments: small, highWaterMarkBytes: 250 })
    await from.connect()
    from.link.slow = true
    const receipt = from.client.send('file', 'x'.repeat(5_000), { ttlMs: 50 })
    await flow(from, 10)
    expect(receipt.status).toBe('expired')
    expect(new Peer(from.link).listen().at(-1)).toMatchObject({ is: 'abort' })
  })

  test('by pieces that stay away is told, and leaves no timer', async () => {
    const fake = fakeClient({ fragments: fragments({ maxAgeMs: 1_000 }) })
    await fake.connect()
    const cut = cutMessage('0123456789abcdef', new Uint8Array(100), false, 50)
    fake.link.receive(encodePiece(pieceOf(cut, 0)).slice().buffer)
    fake.clock.advance(999)
    expect(fake.events('incomplete')).toEqual([])
    fake.clock.advance(1)
    expect(fake.events('incomplete')).toEqual([
      expect.objectContaining({ id: '0123456789abcdef', receivedBytes: 50, bytes: 100, reason: 'expired' }),
    ])
    await fake.close()
    expect(fake.clock.pending).toBe(0)
  })

  test('because the client is closed leaves no timer either', async () => {
    const fake = fakeClient({ fragments: small })
    await fake.connect()
    const cut = cutMessage('0123456789abcdef', new Uint8Array(100), false, 50)
    fake.link.receive(encodePiece(pieceOf(cut, 0)).slice().buffer)
    await fake.close()
    expect(fake.clock.pending).toBe(0)
  })
})
