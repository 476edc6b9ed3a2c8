/** Every message comes to exactly one end, and its receipt tells it: once, late or early, and never as a rejection. */
import { describe, expect, test } from 'vitest'
import { fakeClient, settle } from './support/fake-client.ts'

describe('written', () => {
  test('resolves when it is written, or at once where that is so already', async () => {
    const fake = fakeClient()
    const receipt = fake.client.send('chat', 1)
    let told = ''
    void receipt.written.then((status) => {
      told = status
    })
    await settle()
    expect([receipt.status, told]).toEqual(['queued', ''])
    await fake.connect()
    expect([receipt.status, told, await receipt.written]).toEqual(['written', 'written', 'written'])
    expect(await fake.client.send('chat', 2).written).toBe('written')
  })

  test.each([
    ['expired', { ttlMs: 5 }, 'expired'],
    ['dropped', { volatile: true }, 'volatile'],
  ] as const)('resolves to %s too', async (status, options, reason) => {
    const fake = fakeClient()
    const receipt = fake.client.send('chat', 1, options)
    fake.clock.advance(5)
    expect([await receipt.written, await receipt.settled, receipt.reason]).toEqual([status, status, reason])
  })
})

describe('settled', () => {
  test('waits for the answer to a ping that was sent after the message', async () => {
    const fake = fakeClient({}, { ping: true })
    await fake.connect()
    const receipt = fake.client.send('chat', 1)
    let told = ''
    void receipt.settled.then((status) => {
      told = status
    })
    // The first ping went out before it.
    fake.link.pong()
    await settle()
    expect(told).toBe('')
    fake.clock.advance(15_000)
    expect(fake.link.pings).toHaveLength(2)
    fake.link.pong()
    await settle()
    expect(told).toBe('written')
    fake.link.cut()
    expect([receipt.status, await receipt.settled]).toEqual(['written', 'written'])
  })

  test('is in doubt for exactly those after the last proof, whether somebody asked before the loss or after', async () => {
    const fake = fakeClient({}, { ping: true })
    await fake.connect()
    fake.link.pong()
    const before = Array.from({ length: 3 }, (_, n) => fake.client.send('chat', n))
    fake.clock.advance(15_000)
    fake.link.pong()
    const after = Array.from({ length: 3 }, (_, n) => fake.client.send('chat', n))
    const asked = after[0]?.settled
    fake.link.cut()
    expect(await asked).toBe('in-doubt')
    expect(await Promise.all([...before, ...after].map(({ settled }) => settled))).toEqual([
      ...Array(3).fill('written'),
      ...Array(3).fill('in-doubt'),
    ])
    expect([...before, ...after].map(({ status }) => status)).toEqual([
      ...Array(3).fill('written'),
      ...Array(3).fill('in-doubt'),
    ])
    expect(fake.events('indoubt').map(({ count }) => count)).toEqual([3])
    // The next link says nothing of the messages of this one.
    await fake.connect()
    fake.link.pong()
    expect(after.map(({ status }) => status)).toEqual(Array(3).fill('in-doubt'))
  })

  test('of a message in the queue follows it over the links', async () => {
    const fake = fakeClient({}, { ping: true })
    const receipt = fake.client.send('chat', 1)
    const settled = receipt.settled
    await fake.connect()
    fake.link.cut()
    expect(await settled).toBe('in-doubt')
  })

  test('without a heartbeat all of a lost link is in doubt', async () => {
    const fake = fakeClient()
    await fake.connect()
    const receipt = fake.client.send('chat', 1)
    fake.clock.advance(100_000)
    fake.link.cut()
    expect(await receipt.settled).toBe('in-doubt')
  })

  test('a close that the peer answers in kind proves all that was written', async () => {
    const fake = fakeClient()
    await fake.connect()
    const receipt = fake.client.send('chat', 1)
    fake.client.close(4000, 'done')
    expect(receipt.status).toBe('written')
    fake.link.answerClose()
    expect(await receipt.settled).toBe('written')
  })

  test('a close that the peer answers with another code proves nothing', async () => {
    const fake = fakeClient()
    await fake.connect()
    const receipt = fake.client.send('chat', 1)
    fake.client.close(4000)
    fake.link.answerClose(4001)
    expect(await receipt.settled).toBe('in-doubt')
  })
})

describe('progress', () => {
  test('is nothing as long as a message waits, and all when it is written', async () => {
    const fake = fakeClient()
    const receipt = fake.client.send('chat', 'abc')
    const bytes = JSON.stringify({ type: 'chat', payload: 'abc' }).length
    expect(receipt.progress).toEqual({ sentBytes: 0, bytes })
    await fake.connect()
    expect(receipt.progress).toEqual({ sentBytes: bytes, bytes })
  })
})
