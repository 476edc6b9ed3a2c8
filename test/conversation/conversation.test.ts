import {
  envelopeHeartbeat,
  fragments,
  type GapDetail,
  type HeartbeatSource,
  pingFrames,
  type Receipt,
  type Room,
} from 'holdfast'
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest'
import { startMs, titled } from '../servers/plain/fixtures.ts'
import type { PlainServer, RunningServer } from '../servers/plain/plain-server.ts'
import { plainServers } from '../servers/plain/plain-servers.ts'
import { behind, plainProxies } from '../servers/plain/proxies.ts'
import {
  enter,
  listen,
  longText,
  numbered,
  type Person,
  reaches,
  rejection,
  settled,
  waits,
} from './support/people.ts'
import { pingsAnswered } from './support/pings.ts'
import { refusedAsThePolicySays } from './support/refusals.ts'
import { startTurnstile, type Turnstile } from './support/turnstile.ts'

vi.setConfig({ testTimeout: 60_000 })

const idleMs = 3_000
const large = longText(5_000_000)
/** Two of the application's own, and the highest that it may use. */
const frameTypes = [1, 7, 0xfffffeff] as const

const proxied = plainProxies.flatMap((proxy) =>
  plainServers.filter(({ name }) => name !== 'aspnet').map((server) => behind(proxy, server, idleMs)),
)
const rows = [...plainServers, ...proxied].map((kind) => ({ kind, missing: kind.missing() }))
const isBehindProxy = (kind: PlainServer): boolean => proxied.includes(kind)

// One server serves a row from the first step to the last: the steps are in an order, and start it again in other ways.
describe.each(rows)('a conversation over $kind.name', ({ kind, missing }) => {
  describe.skipIf(missing !== undefined)(titled('on this machine', missing), () => {
    let server: RunningServer

    beforeAll(async () => {
      server = await kind.start()
    }, startMs)
    afterAll(() => server?.end())

    // Often enough for the proxies, and not so often that a busy machine looks dead.
    const heartbeat = envelopeHeartbeat(isBehindProxy(kind) ? { intervalMs: 2_000 } : {})
    const person = (options = {}): Person => enter(kind, { url: server.url(), heartbeat, ...options })

    it('a token lets in; two people in two rooms hear typed messages, each in its room', async () => {
      const [a, b] = [person(), person()]
      const [lobby, attic, own] = [listen(b, 'lobby'), listen(b, 'attic'), listen(a, 'lobby')]
      await settled(a, b)
      a.room('lobby').send('chat', { text: 'é 🌊 "hello"' })
      a.room('attic').send('chat', { text: 'up here' })
      await vi.waitFor(() => expect(attic.chat).toEqual(['up here']), waits)
      await settled(a)
      expect([lobby.chat, own.chat]).toEqual([['é 🌊 "hello"'], ['é 🌊 "hello"']])
    })

    it('what does not fit its schema, and what is no envelope, is told and reaches no handler', async () => {
      const [a, b] = [person(), person()]
      const heard = listen(b, 'odd')
      const told: unknown[] = []
      b.events.on('invalid', ({ paths }) => void told.push(paths))
      b.events.on('raw', ({ text }) => void told.push(JSON.parse(text)))
      b.events.on('unknown', ({ type, room }) => void told.push([type, room]))
      await settled(b)
      const room = a.room('odd')
      room.broadcast({ type: 'chat', room: 'odd', payload: { text: 7 } })
      room.broadcast({ bare: ['payload'] })
      room.broadcast({ type: 'stranger', room: 'odd' })
      room.send('chat', { text: 'fine' })
      await vi.waitFor(() => expect(heard.chat).toEqual(['fine']), waits)
      expect(told).toEqual([['text'], { bare: ['payload'] }, ['stranger', 'odd']])
    })

    it('a room that the server refuses is failed, with the reason of the server', async () => {
      const a = person()
      const room = a.room('forbidden')
      await vi.waitFor(() => expect(room.status).toBe('failed'), waits)
      expect(room.error).toMatchObject({ code: 'forbidden', message: 'Nobody may enter this room' })
      await settled(a)
    })

    it('a request gets its reply; one that the server does not know rejects with the code of the server', async () => {
      const a = person()
      const replies = await Promise.all([a.request('time.get'), a.request('time.get')])
      expect(replies.map(({ now }) => Math.abs(Date.parse(now) - Date.now()) < 60_000)).toEqual([true, true])
      expect(await rejection(a.request('no.such', { any: 1 }))).toMatchObject({
        code: 'HF_REMOTE',
        cause: { code: 'unknown_type', retryable: false },
      })
    })

    it('a text of 5 MB arrives exactly, each way, whole', async () => {
      await exchange(person(), person())
    })

    it('a text of 5 MB arrives exactly, each way, in pieces', async () => {
      const pieces = { fragments: fragments() }
      const [a, b] = [person(pieces), person(pieces)]
      let pieceCount = 0
      b.events.on('progress', () => void pieceCount++)
      await exchange(a, b)
      expect(pieceCount).toBeGreaterThan(600)
    })

    it('frames of three types arrive exactly and in order within each, large ones among them', async () => {
      const [a, b] = [person(), person()]
      b.room('binary-stream')
      const heard = frameTypes.map((type) => collect(b, type))
      await settled(a, b)
      const sent: Buffer[][] = [[], [], []]
      for (let n = 0; n < 900; n++) {
        const of = n % 3
        const frame = frameOf(n, n % 100 === 1 ? 200_000 : (n * 7) % 500)
        sent[of]?.push(frame)
        a.binary(frameTypes[of] as number).send(frame)
      }
      await vi.waitFor(() => expect(heard.map(({ length }) => length)).toEqual([300, 300, 300]), waits)
      for (const of of [0, 1, 2])
        expect(heard[of]?.every((frame, n) => sent[of]?.[n]?.equals(frame))).toBe(true)
    })

    if (isBehindProxy(kind)) {
      it('a heartbeat keeps a silent link; without one the proxy cuts it, which is told', async () => {
        // Those with a heartbeat come first: they are as old as the one that is cut, or older.
        const frames = await silentPerson(server, kind, pingFrames({ intervalMs: 1_000 }))
        const envelopes = await silentPerson(server, kind, envelopeHeartbeat({ intervalMs: 1_000 }))
        const none = await silentPerson(server, kind, false)
        await vi.waitFor(() => expect(none.closes.length).toBe(1), waits)
        expect(none.closes).toEqual([{ code: 1006, afterMs: expect.toSatisfy((ms) => ms > idleMs * 0.9) }])
        await settled(frames.client, envelopes.client)
        await vi.waitFor(() => expect([none.turnstile.count, none.client.status]).toEqual([2, 'open']), waits)
        for (const { client, closes, turnstile } of [frames, envelopes]) {
          expect([client.status, closes, turnstile.count]).toEqual(['open', [], 1])
        }
      })
    }

    it('a wrong token that is refused before the accept ends as the policy says, after few attempts', async () => {
      await refusedAsThePolicySays(server, kind, { kind: 'http', status: kind.refusalStatus })
    })

    it('the server is killed and started again: the rooms are joined again, all that waited arrives in order', async () => {
      onTestFailed(() => server.restart({ refuse: 'after' }))
      const pieces = { fragments: fragments() }
      const b = person(pieces)
      let gate = Promise.resolve()
      // Plain servers keep nothing for who is not there yet: so the one who sends comes back last.
      const a = person({ ...pieces, beforeFlush: () => gate })
      const [gapsOfA, gaps]: [GapDetail[], GapDetail[]] = [[], []]
      a.events.on('gap', (gap) => void gapsOfA.push(gap))
      b.events.on('gap', (gap) => void gaps.push(gap))
      const [heard, attic, own] = [listen(b, 'lobby'), listen(b, 'attic'), listen(a, 'lobby')]
      b.room('binary-stream')
      const frames = collect(b, 7)
      await settled(a, b)

      const drops: unknown[] = []
      a.events.on('drop', (drop) => void drops.push(drop))
      const [lobby, upstairs] = [a.room('lobby'), a.room('attic')]
      const upload = await uploadedPartly(lobby)
      await server.kill()
      await Promise.all([reaches(a, 'backoff'), reaches(b, 'backoff')])
      expect(upload.status).toBe('queued')
      gate = reaches(b, 'open').then(() => settled(b))
      expect([a, b].map(({ status }) => status)).not.toContain('open')
      for (const text of numbered(200, 'lobby')) lobby.send('chat', { text })
      for (const text of numbered(50, 'attic')) upstairs.send('chat', { text })
      for (let n = 0; n < 50; n++) a.binary(7).send(frameOf(n, 100))
      const asked = a.request('time.get', undefined, { timeoutMs: waits.timeout })
      const before = Date.now()
      await server.restart({ refuse: 'after' })

      await vi.waitFor(() => expect(heard.upload.length).toBe(1), waits)
      await settled(a, b)
      for (const { upload } of [heard, own]) expect(upload.map((text) => text === large)).toEqual([true])
      expect(heard.chat).toEqual(numbered(200, 'lobby'))
      expect(own.chat).toEqual(numbered(200, 'lobby'))
      expect(attic.chat).toEqual(numbered(50, 'attic'))
      expect(frames.map((frame, n) => frameOf(n, 100).equals(frame))).toEqual(Array(50).fill(true))
      expect(Date.parse((await asked).now)).toBeGreaterThanOrEqual(before)
      expect([upload.status, drops]).toEqual(['written', []])
      expect(gapsOfA.map(({ rooms }) => [...rooms].sort())).toEqual([['attic', 'lobby']])
      expect(gaps).toEqual([
        expect.objectContaining({
          rooms: ['lobby', 'attic', 'binary-stream'],
          fromMs: expect.toSatisfy((ms) => ms <= before),
          toMs: expect.toSatisfy((ms) => ms >= before),
        }),
      ])
    })

    it('a wrong token that is refused after the accept ends as the policy says, after few attempts', async () => {
      await refusedAsThePolicySays(server, kind, { kind: 'close', code: 1008, reason: 'unknown token' })
    })

    it('a server that shuts down in order is told by its code; the conversation goes on when it is back', async () => {
      onTestFailed(() => server.restart({ pingIntervalMs: 500 }))
      const [a, b] = [person(), person()]
      const heard = listen(b, 'lobby')
      const closes: unknown[] = []
      b.socket.on('close', ({ code, reason, wasClean }) => void closes.push({ code, reason, wasClean }), {
        once: true,
      })
      await settled(a, b)
      expect(await server.stop()).toBe(0)
      await vi.waitFor(() => expect(closes.length).toBe(1), waits)
      expect(closes).toEqual([{ code: 1001, reason: 'server is shutting down', wasClean: true }])
      await server.restart({ pingIntervalMs: 500 })
      await Promise.all([reaches(a, 'open'), reaches(b, 'open')])
      await settled(a, b)
      a.room('lobby').send('chat', { text: 'back' })
      await vi.waitFor(() => expect(heard.chat).toEqual(['back']), waits)
    })

    it('pings are answered both ways, whichever heartbeat the client has', async () => {
      const heartbeats = [envelopeHeartbeat({ intervalMs: 1_000 }), pingFrames({ intervalMs: 1_000 })]
      await Promise.all(heartbeats.map((heartbeat) => pingsAnswered(server, kind, heartbeat)))
    })
  })
})

/** Both send the large text to the other. */
async function exchange(a: Person, b: Person): Promise<void> {
  const [byA, byB] = [listen(a, 'from b'), listen(b, 'from a')]
  await settled(a, b)
  a.room('from a').send('upload', { text: large })
  b.room('from b').send('upload', { text: large })
  await vi.waitFor(() => expect([byA.upload.length, byB.upload.length]).toEqual([1, 1]), waits)
  expect([byA.upload[0] === large, byB.upload[0] === large]).toEqual([true, true])
}

/** A large message of which a quarter is written. */
function uploadedPartly(room: Room): Promise<Receipt> {
  return new Promise((resolve) => {
    const receipt = room.send(
      'upload',
      { text: large },
      { onProgress: (sentBytes, bytes) => void (sentBytes * 4 > bytes && resolve(receipt)) },
    )
  })
}

function collect(client: Person, type: number): Buffer[] {
  const heard: Buffer[] = []
  client.binary(type).on((bytes) => void heard.push(Buffer.from(bytes)))
  return heard
}

/** No two are alike. */
function frameOf(n: number, length: number): Buffer {
  const frame = Buffer.alloc(4 + length, n)
  frame.writeUInt32BE(n)
  return frame
}

/** Somebody who says nothing but what the heartbeat says. */
async function silentPerson(
  server: RunningServer,
  kind: PlainServer,
  heartbeat: HeartbeatSource | false,
): Promise<{ client: Person; closes: { code: number; afterMs: number }[]; turnstile: Turnstile }> {
  const turnstile = await startTurnstile(server.port)
  const client = enter(kind, { url: turnstile.by(server.url()), heartbeat })
  await settled(client)
  const from = performance.now()
  const closes: { code: number; afterMs: number }[] = []
  client.socket.on('close', ({ code }) => void closes.push({ code, afterMs: performance.now() - from }))
  return { client, closes, turnstile }
}
