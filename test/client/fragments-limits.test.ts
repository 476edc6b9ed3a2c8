/** What the peer takes decides how messages are cut, and what it sends in pieces is not trusted. */
import fc from 'fast-check'
import { envelopeDialect, fragments, type PeerLimits } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../src/wire/frame-codec.ts'
import { BINARY_PIECE, encodePiece } from '../../src/wire/pieces.ts'
import { type FakeClient, fakeClient, settle } from './support/fake-client.ts'
import { Peer } from './support/peer.ts'

/** Lets the link take what it takes, again and again. */
async function flow(fake: FakeClient, turns = 60): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    fake.link.drain()
    fake.clock.advance(20)
    await settle()
  }
}

const lengthOf = (data: unknown): number => Buffer.byteLength(data as string | ArrayBuffer)

describe('what the peer takes', () => {
  const limits = (maxMessageBytes: number): { readonly limits: PeerLimits } => ({
    limits: { maxMessageBytes },
  })

  test('at most, without fragments, is an error at `send` that names both sizes', async () => {
    const fake = fakeClient(limits(100))
    const tooLarge = expect.objectContaining({
      code: 'HF_TOO_LARGE',
      message: expect.stringMatching(/\d+ bytes are more than the 100/),
    })
    expect(() => fake.client.send('chat', 'x'.repeat(100))).toThrow(tooLarge)
    expect(() => fake.client.binary(7).send(new Uint8Array(97))).toThrow(tooLarge)
    expect(() => fake.client.binary(7).send(new Blob(['x'.repeat(97)]))).toThrow(tooLarge)
    fake.client.binary(7).send(new Uint8Array(96))
    fake.client.send('chat', '€'.repeat(20))
    expect(fake.client.socket.queued.count).toBe(2)
    expect(fake.told).toEqual([])
  })

  test('decides how it is cut: no message is larger', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 250, max: 1_000 }),
        fc.constantFrom('auto', 'text', 'binary'),
        async (maxMessageBytes, pieces) => {
          const fake = fakeClient({
            fragments: fragments(),
            ...limits(maxMessageBytes),
            dialect: envelopeDialect({ pieces: pieces as 'auto' }),
          })
          const room = fake.client.room('a room')
          room.send('chat', '\u0001"\\€'.repeat(500))
          fake.client.send('chat', 'x'.repeat(2_000))
          fake.client.binary(7).send(new Uint8Array(2_000))
          await fake.connect()
          await flow(fake, 3)
          for (const data of fake.link.sent) expect(lengthOf(data)).toBeLessThanOrEqual(maxMessageBytes)
          const whole = new Peer(fake.link, { pieces: pieces as 'auto' })
            .listen()
            .filter(({ is }) => is === 'message' || is === 'frame')
          expect(whole).toHaveLength(3)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('as it announces itself counts from then on', async () => {
    const fake = fakeClient({ fragments: fragments() })
    await fake.connect()
    fake.client.send('chat', 'x'.repeat(2_000))
    fake.link.receive({ type: '$welcome', payload: { limits: { maxMessageBytes: 500 } } })
    expect(fake.client.limits.maxMessageBytes).toBe(500)
    fake.client.send('chat', 'y'.repeat(2_000))
    await flow(fake, 3)
    expect(lengthOf(fake.link.sent[0])).toBeGreaterThan(2_000)
    for (const data of fake.link.sent.slice(1)) expect(lengthOf(data)).toBeLessThanOrEqual(500)
    expect(new Peer(fake.link).listen().at(-1)).toMatchObject({ is: 'message', payload: 'y'.repeat(2_000) })
  })

  test('as it announces itself counts for what waits, too', async () => {
    const fake = fakeClient({ fragments: fragments(), highWaterMarkBytes: 10 }, { copies: true })
    await fake.connect()
    fake.link.bufferedAmount = 10
    const contents = ['x'.repeat(2_000), 'small', 'y'.repeat(70_000), 'last']
    for (const content of contents) fake.client.send('chat', content)
    const bytes = fake.client.binary(7).send(new Uint8Array(1_000).fill(7))
    fake.link.receive({ type: '$welcome', payload: { limits: { maxMessageBytes: 500 } } })
    fake.link.bufferedAmount = 0
    await flow(fake, 5)
    for (const data of fake.link.sent) expect(lengthOf(data)).toBeLessThanOrEqual(500)
    const heard = new Peer(fake.link).listen()
    expect(heard.flatMap((one) => (one.is === 'message' ? one.payload : []))).toEqual(contents)
    expect(bytes.status).toBe('written')
    expect(fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('too little for any piece is an error at `send`', () => {
    const fake = fakeClient({ fragments: fragments(), ...limits(20) })
    expect(() => fake.client.binary(7).send(new Uint8Array(100))).toThrow(
      expect.objectContaining({ code: 'HF_TOO_LARGE' }),
    )
  })
})

describe('hostile pieces', () => {
  const arbitraryPiece = fc.record({
    id: fc.oneof(
      fc.constantFrom('0123456789abcdef', 'fedcba9876543210'),
      fc.string({ maxLength: 20 }),
      fc.integer(),
    ),
    index: fc.oneof(fc.nat(5), fc.constantFrom(-1, 1.5, 2 ** 32, '0', null)),
    total: fc.oneof(fc.nat(5), fc.constantFrom(0, -1, 2 ** 32, 2 ** 53, '1')),
    bytes: fc.oneof(fc.nat(20), fc.constantFrom(0, -1, 2 ** 32 - 1, 2 ** 40, '3')),
    data: fc.oneof(
      fc.constantFrom('', 'AAAA', 'AA==', '!!!!', 'AAA'),
      fc.string({ maxLength: 10 }),
      fc.constant(null),
    ),
    binary: fc.oneof(fc.boolean(), fc.constant('yes')),
  })
  const hostile = fc.oneof(
    arbitraryPiece.map((payload) => JSON.stringify({ type: '$fragment', payload })),
    arbitraryPiece.map((payload) =>
      JSON.stringify({ type: 'broadcast', room: 'a', payload: { type: '$fragment', payload } }),
    ),
    fc.anything().map((payload) => JSON.stringify({ type: '$fragment', payload }) ?? '{}'),
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 255), fc.uint8Array({ maxLength: 40 }))
      .map(([type, bytes]) => encodeFrame(0xffffff00 + type, bytes, false).buffer),
    fc.constant(JSON.stringify({ type: '$abort', payload: { id: 7 } })),
  )

  test('throw nothing, harm nothing, and hold no more than the bounds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 30 }), async (pieces) => {
        const fake = fakeClient({ fragments: fragments({ maxMessages: 3, maxBytes: 100 }) })
        const heard: unknown[] = []
        fake.client.on('chat', ({ payload }) => void heard.push(payload))
        await fake.connect()
        for (const piece of pieces) expect(() => fake.link.receive(piece)).not.toThrow()
        fake.link.receive({ type: 'chat', payload: 'still here' })
        expect(heard).toEqual(['still here'])
        expect(fake.reported).toEqual([])
        expect(fake.client.status).toBe('open')
        await fake.close()
        expect(fake.clock.pending).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('within pieces are told rather than followed without end', async () => {
    const fake = fakeClient({ fragments: fragments() })
    await fake.connect()
    let message: Uint8Array = encodeFrame(7, new Uint8Array(4), false)
    for (let depth = 0; depth < 3_000; depth++) {
      const id = depth.toString(16).padStart(16, '0')
      message = encodePiece({ id, index: 0, total: 1, bytes: message.length, isText: false, data: message })
    }
    expect(new DataView(message.buffer).getUint32(0)).toBe(BINARY_PIECE)
    expect(() => fake.link.receive(message.slice().buffer)).not.toThrow()
    expect(fake.events('malformed')).toHaveLength(1)
    expect(fake.events('unknownframe')).toEqual([])
  })

  test('without the option are told, not taken', async () => {
    const fake = fakeClient()
    await fake.connect()
    fake.link.receive({
      type: '$fragment',
      payload: { id: '0123456789abcdef', index: 0, total: 1, bytes: 3, data: 'AAAA' },
    })
    expect(fake.events('malformed')).toMatchObject([{ error: { code: 'HF_BAD_FRAGMENT' } }])
  })

  test('that make no UTF-8 are told', async () => {
    const fake = fakeClient({ fragments: fragments() })
    await fake.connect()
    fake.link.receive({
      type: '$fragment',
      payload: { id: '0123456789abcdef', index: 0, total: 1, bytes: 1, data: '/w==' },
    })
    expect(fake.events('malformed')).toMatchObject([{ error: { code: 'HF_BAD_FRAGMENT' } }])
  })
})
