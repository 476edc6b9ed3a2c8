/** After each reconnect an application hears once, for each room and for the client, what it may have missed, and when. */
import fc from 'fast-check'
import { type GapDetail, tokenBucket } from 'holdfast'
import { expect, test } from 'vitest'
import type { ClientOptions } from '../../src/client/client-options.ts'
import { fakeClient } from './support/fake-client.ts'

/** A client whose rooms tell their gaps into one list. */
function gapClient(names: readonly string[], options: Partial<ClientOptions> = {}, ping = true) {
  const fake = fakeClient(options, { ping })
  const told: [string, GapDetail][] = []
  fake.client.events.on('gap', (gap) => void told.push(['client', gap]))
  const rooms = names.map((name) => {
    const room = fake.client.room(name)
    room.events.on('gap', (gap) => void told.push([name, gap]))
    return room
  })
  return { fake, told, rooms }
}

test('nothing was missed before the first link, nor in a room that is new after a reconnect', async () => {
  const { fake, told } = gapClient(['a'])
  await fake.connect()
  expect(told).toEqual([])
  fake.link.cut()
  const room = fake.client.room('new')
  room.events.on('gap', (gap) => void told.push(['new', gap]))
  await fake.connect()
  expect(told.map(([who, { rooms }]) => [who, rooms])).toEqual([
    ['a', ['a']],
    ['client', ['a']],
  ])
})

test('the times are those of the last proof of life and of the moment when all rooms are back', async () => {
  const { fake, told } = gapClient(['a', 'b'], {
    rooms: { joinRate: tokenBucket({ perSecond: 1, burst: 1 }) },
  })
  await fake.connect()
  fake.clock.advance(1_500)
  fake.link.pong()
  const provenAt = fake.clock.now()
  fake.clock.advance(3_000)
  fake.link.cut()
  const link = await fake.connect()
  const openedAt = fake.clock.now()
  fake.clock.advance(1_000)
  expect(link.envelopes.map(({ room }) => room)).toEqual(['a', 'b'])
  const detail = { fromMs: provenAt, reason: 'reconnected' }
  expect(told).toEqual([
    ['a', { ...detail, rooms: ['a'], toMs: openedAt }],
    ['b', { ...detail, rooms: ['b'], toMs: openedAt + 1_000 }],
    ['client', { ...detail, rooms: ['a', 'b'], toMs: openedAt + 1_000 }],
  ])
})

test('without a heartbeat nothing is proven but that the link opened', async () => {
  const { fake, told } = gapClient(['a'], {}, false)
  await fake.connect()
  const openedAt = fake.clock.now()
  fake.clock.advance(60_000)
  fake.link.cut()
  await fake.connect()
  expect(told.map(([, { fromMs }]) => fromMs)).toEqual([openedAt, openedAt])
})

test('an end in order, which delivered everything, is itself the last proof; but only of its own link', async () => {
  const { fake, told } = gapClient([], {}, false)
  await fake.connect()
  fake.clock.advance(5_000)
  fake.link.closedWith = { code: 1012, reason: '' }
  fake.link.answerClose()
  const endedAt = fake.clock.now()
  await fake.connect()
  const openedAt = fake.clock.now()
  fake.clock.advance(5_000)
  fake.client.close()
  fake.link.answerClose()
  fake.client.open()
  await fake.connect()
  expect(told.map(([, { fromMs }]) => fromMs)).toEqual([endedAt, openedAt])
})

test('a client without rooms hears it too, after those who hear of the new link', async () => {
  const { fake, told } = gapClient([])
  const order: string[] = []
  fake.client.socket.on('open', () => void order.push('open'))
  fake.client.events.on('gap', () => void order.push('gap'))
  await fake.connect()
  fake.link.cut()
  await fake.connect()
  expect(told.map(([, { rooms }]) => rooms)).toEqual([[]])
  expect(order).toEqual(['open', 'open', 'gap'])
})

test('a link that is lost before all rooms are back leaves one gap for the client, from the first loss on', async () => {
  const { fake, told } = gapClient(['a', 'b', 'c'], {
    rooms: { joinRate: tokenBucket({ perSecond: 1, burst: 1 }) },
  })
  await fake.connect()
  fake.clock.advance(3_000)
  fake.link.pong()
  const provenAt = fake.clock.now()
  fake.link.cut()
  await fake.connect()
  fake.link.cut()
  await fake.connect()
  fake.clock.advance(3_000)
  const clientGaps = told.filter(([who]) => who === 'client').map(([, gap]) => gap)
  expect(clientGaps.map(({ rooms, fromMs }) => [[...rooms].sort(), fromMs])).toEqual([
    [['a', 'b', 'c'], provenAt],
  ])
  // A room that was back for a while was away twice.
  expect(
    told
      .filter(([who]) => who !== 'client')
      .map(([who]) => who)
      .sort(),
  ).toEqual(['a', 'a', 'b', 'c'])
})

test.each(['left', 'failed'])('it is told too when the last room to wait for is %s', async (end) => {
  const { fake, told, rooms } = gapClient(['a', 'b'], {
    rooms: { joinRate: tokenBucket({ perSecond: 1, burst: 1 }) },
  })
  await fake.connect()
  fake.clock.advance(2_000)
  fake.link.cut()
  await fake.connect()
  expect(told.map(([who]) => who)).toEqual(['a'])
  if (end === 'left') rooms[1]?.leave()
  else fake.link.receive({ type: 'error', room: 'b', payload: { code: 'banned' } })
  expect(told.map(([who, { rooms: names }]) => [who, names])).toEqual([
    ['a', ['a']],
    ['client', ['a']],
  ])
})

test('it is not told before the last join is written, though that waits for the native buffer only', async () => {
  const { fake, told, rooms } = gapClient(['a', 'b'], { highWaterMarkBytes: 10 })
  await fake.connect()
  fake.link.cut()
  await fake.accept()
  fake.link.slow = true
  fake.clock.advance(0)
  expect(fake.link.envelopes.map(({ room }) => room)).toEqual(['a'])
  fake.clock.advance(10)
  rooms[0]?.leave()
  expect(told.map(([who]) => who)).toEqual(['a'])
  fake.link.drain()
  fake.clock.advance(20)
  expect(told.map(([who, gap]) => [who, gap.rooms])).toEqual([
    ['a', ['a']],
    ['b', ['b']],
    ['client', ['a', 'b']],
  ])
})

test('whatever happens to the links, each outage lies inside the one gap that is told for it', async () => {
  const act = fc.record({
    upMs: fc.nat(4_000),
    pongs: fc.boolean(),
    downMs: fc.nat(3_000),
    how: fc.constantFrom('cut', 'reconnect', 'suspend'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 6 }), fc.nat(5), async (acts, count) => {
      const names = Array.from({ length: count }, (_, n) => `r${n}`)
      const { fake, told } = gapClient(names)
      await fake.connect()
      for (const { upMs, pongs, downMs, how } of acts) {
        fake.clock.advance(Math.floor(upMs / 2))
        if (pongs) fake.link.pong()
        const alive = fake.clock.now()
        fake.clock.advance(Math.ceil(upMs / 2))
        const lostAt = fake.clock.now()
        const before = told.length
        if (how === 'cut') fake.link.cut()
        else if (how === 'reconnect') fake.client.socket.reconnect()
        else fake.client.socket.suspend()
        if (how === 'suspend') {
          fake.clock.advance(downMs)
          fake.client.socket.wake()
        }
        await fake.connect()
        const news = told.slice(before)
        expect(news.map(([who]) => who)).toEqual([...names, 'client'])
        for (const [, { fromMs, toMs }] of news) {
          expect(fromMs).toBeLessThanOrEqual(lostAt)
          if (pongs) expect(fromMs).toBeGreaterThanOrEqual(Math.min(alive, lostAt))
          expect(toMs).toBe(fake.clock.now())
        }
      }
      await fake.close()
      expect(fake.clock.pending).toBe(0)
    }),
    { numRuns: 60 },
  )
})
