import { expect } from 'vitest'
import { isHoldfastError } from '../../../src/base/errors.ts'
import type { ClientOptions } from '../../../src/client/client-options.ts'
import type { Receipt, ReceiptStatus } from '../../../src/client/receipt.ts'
import type { Room } from '../../../src/client/room.ts'
import { type FakeClient, type FakeLink, fakeClient, settle } from './fake-client.ts'
import { type Heard, Peer } from './peer.ts'

/** One thing that an application, its peer or the network may do. */
export type Act =
  | ({
      readonly do: 'send'
      readonly type: string
      readonly room: string | undefined
      readonly size: number
    } & SendFlags)
  | ({ readonly do: 'frame'; readonly type: number; readonly size: number } & SendFlags)
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | {
      readonly do:
        | 'connect'
        | 'cut'
        | 'pong'
        | 'slow'
        | 'drain'
        | 'refuse'
        | 'going'
        | 'suspend'
        | 'reconnect'
    }
  | { readonly do: 'enter' | 'leave'; readonly room: string }
  | { readonly do: 'error'; readonly room: string; readonly retryable: boolean }
  | { readonly do: 'welcome'; readonly maxMessageBytes: number }

export interface SendFlags {
  readonly ttlMs?: number | undefined
  readonly volatile?: boolean
  readonly asks?: boolean
}

/** One message that the client accepted. */
interface Sent {
  readonly n: number
  readonly line: string
  readonly receipt: Receipt
  readonly at: number
  readonly ttlMs: number
  /** What its promises said. */
  writtenAs: ReceiptStatus | undefined
  settledAs: ReceiptStatus | undefined
  readonly asks: boolean
}

/** A client, what was asked of it, and what its peers heard: checked against each other after each act. */
export class ConversationModel {
  readonly fake: FakeClient
  readonly #options: Partial<ClientOptions>
  readonly sent: Sent[] = []
  readonly #peers: Peer[] = []
  readonly #rooms = new Map<string, Room>()
  /** By link: how much was written when a ping went out, and how much is proven. */
  readonly #pinged = new Map<FakeLink, number>()
  readonly #proven = new Map<FakeLink, number>()
  /** What was announced, and when. */
  readonly #limits: { readonly link: FakeLink; readonly from: number; readonly maxMessageBytes: number }[] =
    []
  readonly #settled = new Set<FakeLink>()
  #refused = 0

  constructor(options: Partial<ClientOptions>) {
    this.#options = options
    this.fake = fakeClient(options, { ping: true, copies: true }) as never
  }

  async act(act: Act): Promise<void> {
    await this.#perform(act)
    await settle()
    this.check()
  }

  async #perform(act: Act): Promise<void> {
    const { fake } = this
    const { client, clock } = fake
    const link = fake.links.at(-1)
    const isOpen = client.status === 'open' && link?.readyState === 1
    switch (act.do) {
      case 'send':
        return this.#send(act)
      case 'frame':
        return this.#frame(act)
      case 'abort':
        this.sent.at(act.which % Math.max(this.sent.length, 1))?.receipt.abort()
        return
      case 'advance':
        clock.advance(act.ms)
        return
      case 'connect':
        if (client.status === 'suspended') client.socket.wake()
        if (client.status === 'open') return
        await fake.accept()
        this.#watch(fake.link)
        clock.advance(0)
        return
      case 'cut':
        if (client.status === 'open') link?.cut()
        return
      case 'pong':
        if (isOpen && link && this.#pinged.has(link)) {
          this.#proven.set(link, this.#pinged.get(link) ?? 0)
          link.pong()
        }
        return
      case 'slow':
        if (isOpen && link) link.slow = true
        return
      case 'drain':
        link?.drain()
        clock.advance(10)
        return
      case 'refuse':
        if (isOpen && link) {
          link.failure = new Error('This message cannot be written')
          this.#send({ do: 'send', type: 'chat', room: undefined, size: 1 })
          link.failure = undefined
        }
        return
      case 'going':
        if (isOpen && link) link.readyState = 2
        return
      case 'suspend':
        client.socket.suspend()
        return
      case 'reconnect':
        client.socket.reconnect()
        return
      case 'enter':
        if (!this.#rooms.has(act.room)) this.#rooms.set(act.room, client.room(act.room))
        return
      case 'leave':
        this.#rooms.get(act.room)?.leave()
        this.#rooms.delete(act.room)
        return
      case 'welcome': {
        const { maxMessageBytes } = act
        if (!isOpen || !link) return
        link.receive({ type: '$welcome', payload: { limits: { maxMessageBytes } } })
        this.#limits.push({ link, from: link.sent.length, maxMessageBytes })
        return
      }
      case 'error': {
        const { room, retryable } = act
        // One that was just left concerns nobody.
        if (isOpen && this.#rooms.has(room))
          this.#peers.at(-1)?.refuse(room, { code: 'no', message: '', retryable })
      }
    }
  }

  #watch(link: FakeLink): void {
    this.#peers.push(new Peer(link, { batch: true }))
    const { ping } = link
    link.ping = (id) => {
      this.#pinged.set(link, link.sent.length)
      ping?.(id)
    }
  }

  #send({ type, room, size, asks = false, volatile = false, ttlMs }: Extract<Act, { do: 'send' }>): void {
    const n = this.sent.length + this.#refused
    const payload = { n, text: 'é'.repeat(size) }
    const options = { ...(ttlMs !== undefined && { ttlMs }), volatile, conflate: type === 'price' }
    const to = room === undefined ? this.fake.client : this.#rooms.get(room)
    if (to) this.#keep(`${room ?? ''} ${type}`, n, asks, () => to.send(type, payload, options), ttlMs)
  }

  #frame({ type, size, asks = false, volatile = false, ttlMs }: Extract<Act, { do: 'frame' }>): void {
    const n = this.sent.length + this.#refused
    const bytes = new Uint8Array(4 + size).fill(n)
    new DataView(bytes.buffer).setUint32(0, n)
    const options = { ...(ttlMs !== undefined && { ttlMs }), volatile }
    const send = () => {
      const receipt = this.fake.client.binary(type).send(bytes, options)
      // The buffer is the caller's again.
      bytes.fill(0xee)
      return receipt
    }
    this.#keep(`#${type}`, n, asks, send, ttlMs)
  }

  #keep(line: string, n: number, asks: boolean, send: () => Receipt, ttlMs = Infinity): void {
    try {
      const receipt = send()
      const sent: Sent = {
        n,
        line,
        receipt,
        ttlMs,
        at: this.fake.clock.now(),
        writtenAs: undefined,
        settledAs: undefined,
        asks,
      }
      this.sent.push(sent)
      if (asks) this.ask(sent)
    } catch (error) {
      if (!isHoldfastError(error) || !['HF_QUEUE_FULL', 'HF_ROOM', 'HF_TOO_LARGE'].includes(error.code))
        throw error
      this.#refused++
    }
  }

  ask(sent: Sent): void {
    void sent.receipt.written.then((status) => {
      sent.writtenAs = status
    })
    void sent.receipt.settled.then((status) => {
      sent.settledAs = status
    })
  }

  /** What each of its messages was heard as: its number, in order. */
  heard(): { readonly n: number; readonly line: string }[] {
    return this.#peers.flatMap((peer) => peer.listen().flatMap(numbered))
  }

  check(): void {
    this.#checkEnds()
    this.#checkOrder()
    this.#checkRooms()
    this.#checkBounds()
    this.#checkLimits()
    this.#checkDoubt()
    expect(this.fake.reported).toEqual([])
  }

  /** Accepted = written + told as dropped + waiting; and none of them twice. */
  #checkEnds(): void {
    const heard = this.heard().map(({ n }) => n)
    expect(new Set(heard).size).toBe(heard.length)
    const written = this.sent.filter(({ receipt }) => ['written', 'in-doubt'].includes(receipt.status))
    expect([...heard].sort(byNumber)).toEqual(written.map(({ n }) => n).sort(byNumber))
    const dropped = this.sent.filter(({ receipt }) => ['dropped', 'expired'].includes(receipt.status))
    const told = this.fake.events('drop').map(({ type, room, reason }) => `${lineOf(type, room)} ${reason}`)
    expect(told.sort()).toEqual(dropped.map(({ line, receipt }) => `${line} ${receipt.reason}`).sort())
    for (const { receipt } of dropped) expect(receipt.status === 'expired').toBe(receipt.reason === 'expired')
    for (const { asks, writtenAs, receipt } of this.sent) {
      if (asks) expect(writtenAs === undefined).toBe(receipt.status === 'queued')
      if (writtenAs === 'written') expect(['written', 'in-doubt']).toContain(receipt.status)
      else if (writtenAs) expect(writtenAs).toBe(receipt.status)
    }
  }

  #checkOrder(): void {
    const last = new Map<string, number>()
    for (const { n, line } of this.heard()) {
      expect(n, `in order within ${line}`).toBeGreaterThan(last.get(line) ?? -1)
      last.set(line, n)
    }
  }

  /** What names a room comes after its join and before its leave, on the same link. */
  #checkRooms(): void {
    for (const peer of this.#peers) {
      const joined = new Set<string>()
      for (const heard of peer.listen()) {
        if (heard.is === 'join') {
          expect(joined, 'joined once on a link').not.toContain(heard.room)
          joined.add(heard.room)
        }
        if (heard.is === 'refused') joined.delete(heard.room)
        if (heard.is === 'leave') {
          expect(joined, 'left only where it was joined').toContain(heard.room)
          joined.delete(heard.room)
        }
        if (heard.is === 'message' && heard.room !== undefined) expect(joined).toContain(heard.room)
      }
    }
  }

  #checkBounds(): void {
    const { maxCount = Infinity, maxBytes = Infinity } = this.#options.queue ?? {}
    const waiting = this.sent.filter(({ receipt }) => receipt.status === 'queued')
    const { count, bytes } = this.fake.client.socket.queued
    // What concerns one link only, such as a leave, waits without bounds.
    expect(count).toBeGreaterThanOrEqual(waiting.length)
    expect(waiting.length).toBeLessThanOrEqual(maxCount)
    const weight = waiting.reduce((sum, { receipt }) => sum + receipt.progress.bytes, 0)
    expect(bytes).toBeGreaterThanOrEqual(weight)
    expect(weight).toBeLessThanOrEqual(maxBytes)
    // A look at the clock each 20 ms is enough for what may not wait for ever.
    const now = this.fake.clock.now()
    for (const { at, ttlMs } of waiting) expect(at + ttlMs + 20).toBeGreaterThanOrEqual(now)
  }

  /** From an announcement on nothing goes out that is larger than the peer takes. */
  #checkLimits(): void {
    for (const [index, { link, from, maxMessageBytes }] of this.#limits.entries()) {
      const next = this.#limits[index + 1]
      const to = next?.link === link ? next.from : Infinity
      for (const data of link.sent.slice(from, to)) {
        expect(Buffer.byteLength(data as string | ArrayBuffer)).toBeLessThanOrEqual(maxMessageBytes)
      }
    }
  }

  /** In doubt is what was written after the last proof on a link that was lost, and nothing else. */
  #checkDoubt(): void {
    for (const peer of this.#peers) {
      const { link } = peer
      if (link.readyState === 1) continue
      if (this.#settled.has(link) || !(link.released || link.readyState === 3)) continue
      this.#settled.add(link)
      const proven = link.sent.slice(0, this.#proven.get(link) ?? 0)
      const certain = new Peer({ sent: proven } as unknown as FakeLink, { batch: true })
      const safe = new Set(
        certain
          .listen()
          .flatMap(numbered)
          .map(({ n }) => n),
      )
      for (const { n } of peer.listen().flatMap(numbered)) {
        const { receipt, settledAs, asks } = this.sent.find((sent) => sent.n === n) as Sent
        expect(receipt.status).toBe(safe.has(n) ? 'written' : 'in-doubt')
        if (asks) expect(settledAs).toBe(receipt.status)
      }
    }
  }

  /** Nothing runs on after the end, and nobody is left waiting. */
  async end(): Promise<void> {
    const waiting = this.sent.filter(({ receipt }) => receipt.status === 'queued').length
    for (const sent of this.sent) this.ask(sent)
    const link = this.fake.links.at(-1)
    const wasOpen = this.fake.client.status === 'open' && link?.readyState === 1
    this.fake.client.close()
    if (wasOpen) link?.answerClose()
    this.fake.clock.advance(5_000)
    await settle()
    expect(this.fake.client.status).toBe('closed')
    expect(this.fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
    expect(waiting).toBeGreaterThanOrEqual(
      this.fake.events('drop').filter(({ reason }) => reason === 'closed').length,
    )
    for (const { receipt, writtenAs, settledAs } of this.sent) {
      expect(receipt.status).not.toBe('queued')
      expect(writtenAs).toBeDefined()
      expect(settledAs).toBe(receipt.status)
    }
    this.#checkEnds()
    expect(this.fake.clock.pending).toBe(0)
  }
}

const byNumber = (a: number, b: number): number => a - b

const lineOf = (type: string | number, room: string | undefined): string =>
  typeof type === 'number' ? `#${type}` : `${room ?? ''} ${type}`

function numbered(heard: Heard): { readonly n: number; readonly line: string }[] {
  if (heard.is === 'message') {
    const { n } = heard.payload as { readonly n: number }
    return [{ n, line: lineOf(heard.type, heard.room) }]
  }
  if (heard.is !== 'frame') return []
  const { bytes, type } = heard
  const n = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  for (const byte of bytes.subarray(4))
    if (byte !== (n & 0xff)) throw new Error('Bytes were written over before they went out')
  return [{ n, line: lineOf(type, undefined) }]
}
