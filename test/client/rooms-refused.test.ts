/** A room that the server refuses is told, left alone or tried again as the policy says, and never disturbs the others. */
import type { RejoinPolicy } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type FakeClient, fakeClient } from './support/fake-client.ts'

const joins = (fake: FakeClient): readonly string[] =>
  fake.link.envelopes.flatMap(({ type, room }) => (type === 'join' && room !== undefined ? room : []))
const words = (fake: FakeClient): string[] =>
  fake.link.envelopes.map(({ type, room, payload }) =>
    [type, room, payload?.payload].filter((word) => word !== undefined).join(' '),
  )
const isHoldfast = (code: string) => expect.objectContaining({ code })

describe('a room that the server refuses', () => {
  const refuse = (fake: FakeClient, payload: object, room = 'a') =>
    fake.link.receive({ type: 'error', room, payload })

  test('for good says why, drops what waits, and lets nothing be sent', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.readyState = 2
    const receipt = room.send('chat', 1)
    refuse(fake, { code: 'banned', message: 'No more' })
    expect(room.status).toBe('failed')
    expect(room.error).toMatchObject({ code: 'banned', message: 'No more', retryable: false })
    expect(receipt.reason).toBe('room-failed')
    expect(fake.events('drop')).toEqual([{ type: 'chat', room: 'a', reason: 'room-failed' }])
    expect(() => room.send('chat', 2)).toThrow(isHoldfast('HF_ROOM'))
    expect(() => fake.client.send('chat', 2, { room: 'a' })).toThrow(/banned No more/)
    fake.link.cut()
    await fake.connect()
    fake.clock.advance(100_000)
    expect(joins(fake)).toEqual([])
    expect(room.status).toBe('failed')
  })

  test('for now is joined again after the waits of the default, and what was sent meanwhile goes then', async () => {
    const fake = fakeClient({}, { random: () => 0.5 })
    const room = fake.client.room('a')
    await fake.connect()
    const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    for (const [index, wait] of waits.entries()) {
      refuse(fake, { code: 'busy', message: '', retryable: true })
      expect(room.send('chat', index).status).toBe('queued')
      fake.clock.advance(wait - 1)
      expect([room.status, joins(fake).length]).toEqual(['failed', index + 1])
      fake.clock.advance(1)
      expect([room.status, joins(fake).length]).toEqual(['joined', index + 2])
    }
    expect(words(fake).filter((word) => word.startsWith('broadcast'))).toEqual(
      waits.map((_, n) => `broadcast a ${n}`),
    )
  })

  test('and then works counts its failures anew', async () => {
    const failures: number[] = []
    const rejoin: RejoinPolicy = (failure) => {
      failures.push(failure.failures)
      return 10
    }
    const fake = fakeClient({ rooms: { rejoin } })
    fake.client.room('a')
    await fake.connect()
    for (const word of ['no', 'no', 'yes', 'no']) {
      if (word === 'no') refuse(fake, { code: 'busy' })
      else fake.link.receive({ type: 'chat', room: 'a' })
      fake.clock.advance(10)
    }
    expect(failures).toEqual([1, 2, 1])
  })

  test.each([
    ['what the server asks for', 5_000, 5_000],
    ['an hour at most, whatever it asks for', 10 ** 13, 3_600_000],
    ['its own wait, where the server asks for none', 0, 1_000],
  ])('is joined again after %s', async (_name, retryAfterMs, wait) => {
    const fake = fakeClient({}, { random: () => 0.5 })
    fake.client.room('a')
    await fake.connect()
    refuse(fake, { code: 'busy', retryable: true, retryAfterMs })
    fake.clock.advance(wait - 1)
    expect(joins(fake)).toHaveLength(1)
    fake.clock.advance(1)
    expect(joins(fake)).toHaveLength(2)
  })

  test.each<[string, RejoinPolicy]>([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['answers no number', () => Number.NaN],
    ['answers nothing', () => undefined as never],
  ])('stays failed where the policy %s, and that is reported', async (_name, rejoin) => {
    const fake = fakeClient({ rooms: { rejoin } })
    const room = fake.client.room('a')
    await fake.connect()
    refuse(fake, { code: 'busy' })
    expect(fake.reported).toHaveLength(1)
    expect(() => room.send('chat')).toThrow(isHoldfast('HF_ROOM'))
  })

  test('waits as long as an own policy says, longer than a timer can', async () => {
    const wait = 2 ** 31 + 5_000
    const fake = fakeClient({ rooms: { rejoin: () => wait } })
    fake.client.room('a')
    await fake.connect()
    refuse(fake, { code: 'busy' })
    fake.clock.advance(wait - 1)
    expect(joins(fake)).toHaveLength(1)
    fake.clock.advance(1)
    expect(joins(fake)).toHaveLength(2)
  })

  test('is tried again by hand', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    await fake.connect()
    refuse(fake, { code: 'banned' })
    room.retry()
    expect(room.status).toBe('rejoining')
    fake.clock.advance(0)
    expect([room.status, room.error]).toEqual(['joined', undefined])
    expect(room.send('chat').status).toBe('written')
  })

  test('leaves no timer behind a close, and is tried on the next link when its time is over', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    await fake.connect()
    refuse(fake, { code: 'busy', retryable: true, retryAfterMs: 60_000 })
    await fake.close()
    expect(fake.clock.pending).toBe(0)
    fake.client.open()
    await fake.connect()
    expect([room.status, joins(fake).length]).toEqual(['failed', 0])
    fake.clock.advance(60_000)
    expect([room.status, joins(fake).length]).toEqual(['joined', 1])
  })

  test('and is not one of ours is told as an error', async () => {
    const fake = fakeClient()
    await fake.connect()
    refuse(fake, { code: 'banned', message: 'who?' }, 'elsewhere')
    expect(fake.events('error')).toMatchObject([{ code: 'banned', room: 'elsewhere' }])
  })

  test('keeps what waits in the lines for the time when it is joined again, in order', async () => {
    const fake = fakeClient({ highWaterMarkBytes: 10 })
    const room = fake.client.room('a')
    await fake.connect()
    fake.link.bufferedAmount = 10
    for (let n = 0; n < 3; n++) room.send('chat', n)
    refuse(fake, { code: 'busy', retryable: true })
    room.send('chat', 3)
    fake.link.drain()
    fake.clock.advance(500)
    expect(words(fake)).toEqual(['join a'])
    fake.clock.advance(1_000)
    expect(words(fake)).toEqual(['join a', 'join a', ...[0, 1, 2, 3].map((n) => `broadcast a ${n}`)])
  })
})
