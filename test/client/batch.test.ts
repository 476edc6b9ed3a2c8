/** Small messages of one turn go together, where the server reads that, and nothing is changed by it. */
import fc from 'fast-check'
import { envelopeDialect } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { fakeClient } from './support/fake-client.ts'

const batches = (sent: readonly unknown[]): unknown[] => sent.map((text) => JSON.parse(String(text)))

describe('a batch', () => {
  test('takes what was sent in one turn; one message alone goes as it is', async () => {
    const fake = fakeClient({ batch: true })
    await fake.connect()
    fake.client.send('chat', 1)
    fake.clock.advance(0)
    fake.client.send('chat', 2)
    fake.client.send('note', 3)
    expect(fake.link.sent).toHaveLength(1)
    fake.clock.advance(0)
    expect(batches(fake.link.sent)).toEqual([
      { type: 'chat', payload: 1 },
      [
        { type: 'chat', payload: 2 },
        { type: 'note', payload: 3 },
      ],
    ])
  })

  test('keeps to its bounds, with its brackets and commas, and to the order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 20, max: 200 }),
        async (texts, maxCount, maxBytes) => {
          const fake = fakeClient({ batch: { maxCount, maxBytes } })
          const receipts = texts.map((text) => fake.client.send('chat', text))
          await fake.connect()
          const heard: unknown[] = []
          for (const text of fake.link.sent) {
            const read = JSON.parse(String(text)) as { payload: string } | { payload: string }[]
            const list = Array.isArray(read) ? read : [read]
            expect(list.length).toBeLessThanOrEqual(maxCount)
            if (Array.isArray(read)) expect(Buffer.byteLength(String(text))).toBeLessThanOrEqual(maxBytes)
            heard.push(...list.map(({ payload }) => payload))
          }
          expect(heard).toEqual(texts)
          expect(receipts.map(({ status }) => status)).toEqual(texts.map(() => 'written'))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('is as large as it can be: another message would not have fitted', async () => {
    const one = JSON.stringify({ type: 'chat', payload: 1 }).length
    const fake = fakeClient({ batch: { maxBytes: 3 * one + 4 } })
    for (let n = 0; n < 4; n++) fake.client.send('chat', 1)
    await fake.connect()
    expect(fake.link.sent.map((text) => String(text).length)).toEqual([3 * one + 4, one])
  })

  test('is no larger than the peer takes', async () => {
    const fake = fakeClient({ batch: true, limits: { maxMessageBytes: 100 } })
    for (let n = 0; n < 20; n++) fake.client.send('chat', n)
    await fake.connect()
    for (const text of fake.link.sent) expect(String(text).length).toBeLessThanOrEqual(100)
    expect(fake.link.sent.length).toBeGreaterThan(1)
  })

  test('holds up neither what is volatile nor frames', async () => {
    const fake = fakeClient({ batch: true })
    await fake.connect()
    expect(fake.client.send('move', 1, { volatile: true }).status).toBe('written')
    fake.client.send('chat', 1)
    fake.client.binary(7).send(new Uint8Array([1]))
    fake.client.send('chat', 2)
    fake.clock.advance(0)
    expect(
      fake.link.sent.map((data) => (typeof data === 'string' ? JSON.parse(data).payload : 'bytes')),
    ).toEqual([1, 1, 'bytes', 2])
  })

  test('has no text in it that was sent past the client', async () => {
    const fake = fakeClient({ batch: true })
    fake.client.send('chat', 1)
    fake.client.socket.send('hello')
    fake.client.send('chat', 2)
    await fake.connect()
    expect(fake.link.sent).toEqual(['{"type":"chat","payload":1}', 'hello', '{"type":"chat","payload":2}'])
  })

  test('that is lost as the link goes comes again, whole and in order, on the next one', async () => {
    const fake = fakeClient({ batch: true })
    await fake.connect()
    const receipts = [1, 2, 3].map((n) => fake.client.send('chat', n))
    const { link } = fake
    link.send = () => {
      link.readyState = 3
      throw new Error('going')
    }
    fake.clock.advance(0)
    expect(receipts.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued'])
    link.cut()
    await fake.connect()
    expect(batches(fake.link.sent)).toEqual([[1, 2, 3].map((payload) => ({ type: 'chat', payload }))])
  })

  test('needs a dialect that has batches', () => {
    const { encodeBatch: _none, ...dialect } = envelopeDialect()
    expect(() => fakeClient({ batch: true, dialect })).toThrow(/batch/)
  })
})
