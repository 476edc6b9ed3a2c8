/**
 * An application that does anything at any moment, also from within its listeners, on links that come and go: what is
 * said in a room comes after its join and in order, and nothing is left over in the end.
 */
import fc from 'fast-check'
import { fragments, tokenBucket } from 'holdfast'
import { test } from 'vitest'
import type { Receipt } from '../../src/client/receipt.ts'
import type { Room } from '../../src/client/room.ts'
import type { Piece } from '../../src/wire/piece.ts'
import { seededRandom } from '../core/seeded-random.ts'
import { type FakeClient, type FakeLink, fakeClient, settle } from './support/fake-client.ts'
import { Peer } from './support/peer.ts'

const NAMES = ['a', 'b', 'c'] as const
const ACTS = 120
/** Listeners act, and their listeners too; somewhere it must end. */
const MOST_NESTED = 2
/** The rounds, of 100 ms each, after which all must have gone. */
const MOST_ROUNDS = 1_500

type Sent = { readonly n: number; readonly pad: string }

/** A message in pieces begins anew after its room was refused; on a link without refusals no piece comes twice. */
class ForgivingPeer extends Peer {
  override piece(piece: Piece): void {
    try {
      super.piece(piece)
    } catch (error) {
      const isRefused = this.heard.some(({ is }) => is === 'refused')
      if (!isRefused || !/written twice/.test(String(error))) throw error
    }
  }
}

/** One conversation, drawn from a seed. */
class RandomTalk {
  readonly #random: () => number
  readonly #batch: boolean
  readonly #fake: FakeClient
  readonly #rooms = new Map<string, Room>()
  readonly #peers = new Map<FakeLink, Peer>()
  readonly #receipts: Receipt[] = []
  /** Messages of which only the latest counts keep no order among the others. */
  readonly #conflated = new Set<number>()
  #depth = 0
  #count = 0
  /** Nobody joins or cuts any more. */
  #isOver = false

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    this.#batch = this.#random() < 0.3
    const overflow = this.#pick(['reject', 'drop-oldest', 'drop-newest'] as const)
    this.#fake = fakeClient(
      {
        batch: this.#batch,
        fragments: fragments({ aboveBytes: 3_000, maxPieceBytes: 1_000 }),
        queue: { overflow, maxCount: 40 },
        highWaterMarkBytes: 5_000,
        ...(this.#chance(0.3) && { rooms: { joinRate: tokenBucket({ perSecond: 20, burst: 1 }) } }),
      },
      { ping: this.#random() < 0.5, random: seededRandom(seed + 1) },
    ) as unknown as FakeClient
    this.#listen()
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  /** Every listener of an application may do what the application may. */
  #listen(): void {
    const { client } = this.#fake
    const sometimes = (share: number) => () => {
      if (this.#chance(share)) this.#act(true)
    }
    client.on('poke', () => this.#act(true))
    client.events.on('gap', sometimes(0.3))
    client.events.on('drop', sometimes(0.3))
    client.events.on('room', sometimes(0.3))
    client.socket.on('open', sometimes(0.5))
  }

  #send(): void {
    const draw = this.#random()
    const pad = 'x'.repeat(draw < 0.2 ? 5_000 : draw < 0.3 ? 2_000 : 5)
    const type = this.#pick(['chat', 'note'])
    const room = this.#rooms.get(this.#pick([...NAMES, '']))
    const n = this.#count++
    const isConflated = this.#chance(0.1)
    if (isConflated) this.#conflated.add(n)
    const options = {
      ...(isConflated && { conflate: `key ${type}` }),
      ...(this.#chance(0.1) && { volatile: true }),
      ...(this.#chance(0.1) && { ttlMs: 50 }),
      ...(this.#chance(0.1) && { onProgress: () => this.#act(true) }),
    }
    const payload: Sent = { n, pad }
    try {
      const receipt = (room ?? this.#fake.client).send(type, payload, options)
      this.#receipts.push(receipt)
      if (this.#chance(0.05)) receipt.abort()
    } catch (error) {
      // A full queue, a room that failed and a client that is closed say so. Anything else is a bug.
      if (!(error as { code?: string }).code?.startsWith('HF_')) throw error
    }
  }

  #act(isNested: boolean): void {
    if (this.#depth > MOST_NESTED) return
    this.#depth++
    try {
      if (this.#isOver || this.#chance(0.5)) this.#send()
      else this.#disturb(isNested)
    } finally {
      this.#depth--
    }
  }

  #disturb(isNested: boolean): void {
    const { client, clock, links } = this.#fake
    const link = links.at(-1)
    const draw = this.#random()
    if (draw < 0.2) this.#enterOrLeave(this.#pick(NAMES))
    else if (draw < 0.25) this.#fake.client.room(this.#pick(NAMES)).leave()
    else if (draw < 0.42 && link) this.#disturbLink(link)
    else if (draw < 0.48) client.socket.reconnect()
    else if (draw < 0.52) {
      client.socket.suspend()
      client.socket.wake()
    } else if (draw < 0.56) for (const room of this.#rooms.values()) room.retry()
    else if (draw < 0.6 && link) link.drain()
    else if (!isNested) clock.advance(this.#pick([0, 1, 10, 100]))
  }

  #disturbLink(link: FakeLink): void {
    const isOpen = link.readyState === 1
    const draw = this.#random()
    if (draw < 0.3) link.slow = !link.slow
    else if (draw < 0.5 && isOpen) link.receive({ type: 'poke' })
    else if (draw < 0.75 && isOpen) {
      const payload = { code: 'busy', message: '', retryable: this.#chance(0.7), retryAfterMs: 20 }
      this.#peerOf(link).refuse(this.#pick(NAMES), payload)
    } else if (isOpen) link.cut()
  }

  #enterOrLeave(name: string): void {
    const room = this.#rooms.get(name)
    if (!room) this.#rooms.set(name, this.#fake.client.room(name) as unknown as Room)
    else {
      this.#rooms.delete(name)
      room.leave()
    }
  }

  #peerOf(link: FakeLink): Peer {
    const peer = this.#peers.get(link) ?? new ForgivingPeer(link, { batch: this.#batch })
    this.#peers.set(link, peer)
    return peer
  }

  /** Runs it all. Answers what was wrong. */
  async run(): Promise<string[]> {
    const { links } = this.#fake
    for (let count = 0; count < ACTS; count++) {
      this.#act(false)
      const link = links.at(-1)
      if (link?.readyState === 0 && this.#chance(0.5)) link.accept()
      if (this.#chance(0.1)) await settle()
    }
    await this.#calmDown()
    return [...this.#orderFaults(), ...this.#restFaults(), ...(await this.#closeFaults())]
  }

  get #waiting(): number {
    return this.#receipts.filter(({ status }) => status === 'queued').length
  }

  /** The link is good from now on, until there is nothing left to do; and a while longer. */
  async #calmDown(): Promise<void> {
    const { client, clock, links } = this.#fake
    for (let round = 0, calm = 0; round < MOST_ROUNDS && calm < 10; round++) {
      const link = links.at(-1)
      if (link?.readyState === 0) link.accept()
      if (link) link.slow = false
      link?.drain()
      if (link?.readyState === 1) link.pong()
      clock.advance(100)
      await settle()
      const isOpen = link?.readyState === 1
      const isDone = [...this.#rooms.values()].every(({ status, error }) =>
        status === 'failed' ? !error?.retryable : status === 'joined',
      )
      calm = isOpen && isDone && this.#waiting === 0 && client.socket.queued.count === 0 ? calm + 1 : 0
    }
  }

  /** What the peers heard: nothing in a room before its join, and no two of a room and type in another order. */
  #orderFaults(): string[] {
    const faults: string[] = []
    const last = new Map<string, number>()
    for (const [at, link] of this.#fake.links.entries()) {
      const joined = new Set<string>()
      for (const heard of this.#peerOf(link).listen()) {
        if (heard.is === 'join') joined.add(heard.room)
        else if (heard.is === 'leave') joined.delete(heard.room)
        if (heard.is !== 'message') continue
        const { n } = heard.payload as Sent
        const where = `${heard.type} ${n} in ${heard.room} on link ${at}`
        if (heard.room !== undefined && !joined.has(heard.room)) faults.push(`${where}: before its join`)
        if (this.#conflated.has(n)) continue
        const key = `${heard.room} ${heard.type}`
        const before = last.get(key) ?? -1
        if (n <= before) faults.push(`${where}: after ${before}`)
        last.set(key, Math.max(n, before))
      }
    }
    return faults
  }

  #restFaults(): string[] {
    const faults: string[] = []
    const { client, reported } = this.#fake
    if (this.#waiting > 0) faults.push(`${this.#waiting} still wait`)
    for (const { name, status, counts } of this.#rooms.values()) {
      if (status !== 'joined' && status !== 'failed') faults.push(`room ${name} is ${status}`)
      if (counts.waiting !== 0) faults.push(`room ${name} has ${counts.waiting} that wait`)
    }
    const { count, bytes } = client.socket.queued
    if (count !== 0 || bytes !== 0) faults.push(`the queue says ${count} messages, ${bytes} bytes`)
    return faults.concat(reported.map((error) => `reported ${error}`))
  }

  /** Closes, with listeners that still send. */
  async #closeFaults(): Promise<string[]> {
    const faults: string[] = []
    const { client, clock, links } = this.#fake
    this.#isOver = true
    client.close()
    if (links.at(-1)?.closedWith) links.at(-1)?.answerClose()
    clock.advance(10_000)
    await settle()
    if (client.status !== 'closed') faults.push(`${client.status} after the close`)
    if (this.#waiting > 0) faults.push(`${this.#waiting} wait after the close`)
    const { count, bytes } = client.socket.queued
    if (count !== 0 || bytes !== 0) faults.push(`after the close the queue says ${count}, ${bytes} bytes`)
    if (clock.pending > 0) faults.push(`${clock.pending} timers after the close`)
    return faults
  }
}

test('whatever an application does, and wherever: joins come first, order stays, nothing is left over', {
  timeout: 30_000,
}, async () => {
  const property = fc.asyncProperty(fc.integer(), async (seed) => {
    const faults = await new RandomTalk(seed).run().catch((error: Error) => [String(error.stack)])
    if (faults.length > 0) throw new Error(`Seed ${seed}: ${faults.slice(0, 5).join('; ')}`)
  })
  // A smaller seed is no simpler conversation, so there is nothing to shrink. To repeat one: `examples: [[seed]]`.
  await fc.assert(property, {
    numRuns: 300,
    endOnFailure: true,
    interruptAfterTimeLimit: 4_000,
  })
})
