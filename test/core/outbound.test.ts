import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SocketData } from '../../src/base/data.ts'
import type { NativeSocket } from '../../src/base/platform.ts'
import { type RateLimiter, tokenBucket } from '../../src/base/token-bucket.ts'
import { resolveSocketOptions, type SocketOptions } from '../../src/core/options.ts'
import { Outbound, type OutboundHost } from '../../src/core/outbound.ts'
import type { DropReason } from '../../src/core/send-queue.ts'

/** A native socket with a buffer that the test drains, and that fails where the test says so. */
class FakeNative implements NativeSocket {
  readyState = 1
  bufferedAmount = 0
  protocol = ''
  extensions = ''
  binaryType = 'blob'
  /** The next so many writes fail because the link is gone. */
  dying = false
  /** What cannot be written although the link is fine. */
  refuses: (data: SocketData) => boolean = () => false
  readonly sent: SocketData[]
  readonly #onSend: (native: FakeNative) => void

  constructor(sent: SocketData[], onSend: (native: FakeNative) => void = () => {}) {
    this.sent = sent
    this.#onSend = onSend
  }

  send(data: SocketData): void {
    this.#onSend(this)
    if (this.dying) {
      this.readyState = 3
      throw new Error('The link is gone')
    }
    if (this.refuses(data)) throw new TypeError('This cannot be sent')
    this.sent.push(data)
    this.bufferedAmount += typeof data === 'string' ? new TextEncoder().encode(data).length : 0
  }

  close(): void {}
}

interface Dropped {
  readonly data: SocketData
  readonly reason: DropReason
  readonly error: unknown
}

class Rig implements OutboundHost {
  readonly outbound: Outbound
  readonly sent: SocketData[] = []
  readonly dropped: Dropped[] = []
  native: FakeNative | undefined
  drains = 0
  clock = 1_000
  may = true
  onDrain: () => void = () => {}

  constructor(options: SocketOptions = {}) {
    this.outbound = new Outbound(resolveSocketOptions(options), this)
  }

  now(): number {
    return this.clock
  }

  arm(): void {}

  drained(): void {
    this.drains++
    this.onDrain()
  }

  mayQueue(): boolean {
    return this.may
  }

  onDrop(data: SocketData, reason: DropReason, error?: unknown): void {
    this.dropped.push({ data, reason, error })
  }

  attach(onSend?: (native: FakeNative) => void): FakeNative {
    this.native = new FakeNative(this.sent, onSend)
    this.outbound.attach(this.native)
    return this.native
  }

  detach(): void {
    this.native = undefined
    this.outbound.detach()
  }

  send(...messages: SocketData[]): void {
    for (const message of messages) this.outbound.send(message)
  }

  /** Lets time pass, and ticks whenever that is wanted. Answers how often. */
  advance(ms = 0): number {
    const end = this.clock + ms
    let ticks = 0
    while (this.outbound.deadline <= end && ticks < 10_000) {
      this.clock = Math.max(this.clock, this.outbound.deadline)
      this.outbound.tick(this.clock)
      ticks++
    }
    expect(ticks, 'ticks without end').toBeLessThan(10_000)
    this.clock = Math.max(this.clock, end)
    return ticks
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, k) => `${k}`)

describe('order', () => {
  test('what waits goes in order, in the macrotask after the link came', () => {
    const rig = new Rig()
    rig.send('a', 'b', 'c')
    rig.attach()
    expect(rig.sent).toEqual([])
    rig.advance()
    expect(rig.sent).toEqual(['a', 'b', 'c'])
  })

  test('what an open listener sends goes first', () => {
    const rig = new Rig()
    rig.send('queued')
    rig.attach()
    rig.send('auth', 'join')
    rig.advance()
    expect(rig.sent).toEqual(['auth', 'join', 'queued'])
  })

  test('what is sent on a link that is free goes at once', () => {
    const rig = new Rig()
    rig.attach()
    rig.advance()
    rig.send('a')
    expect(rig.sent).toEqual(['a'])
  })

  test('what an open listener sends keeps its own order, although some of it had to wait', () => {
    let tokens = 1
    const rateLimit: RateLimiter = { take: () => tokens-- > 0, nextAt: () => 1_100 }
    const rig = new Rig({ rateLimit })
    rig.send('queued')
    rig.attach()
    rig.send('first', 'second')
    tokens = 5
    rig.send('third')
    rig.advance(1_000)
    expect(rig.sent.indexOf('second')).toBeLessThan(rig.sent.indexOf('third'))
    expect([...rig.sent].sort()).toEqual(['first', 'queued', 'second', 'third'])
  })

  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('send' as const) },
      { weight: 3, arbitrary: fc.constant('tick' as const) },
      { weight: 2, arbitrary: fc.constant('attach' as const) },
      fc.constantFrom('detach', 'die', 'fill', 'drain'),
      { weight: 2, arbitrary: fc.constantFrom('wait' as const) },
    ),
    { minLength: 5, maxLength: 120 },
  )
  const limits = fc.option(
    fc.record({ perSecond: fc.integer({ min: 5, max: 500 }), burst: fc.integer({ min: 1, max: 9 }) }),
  )
  const bad = fc.nat(7)

  test('holds over any interleaving of sends, links, failing writes, full buffers and limits; nothing is lost or doubled', () => {
    fc.assert(
      fc.property(steps, limits, bad, (sequence, limit, badEvery) => {
        const rig = new Rig({ highWaterMarkBytes: 10, ...(limit && { rateLimit: tokenBucket(limit) }) })
        /** For each message: after which attach it was sent, and whether it went ahead of what waited. */
        const history: { attach: number; ahead: boolean }[] = []
        let attaches = 0
        let ahead = false
        const refuses = (data: SocketData) => badEvery > 0 && (Number(data) + 1) % (badEvery + 2) === 0
        const attach = () => {
          rig.detach()
          rig.attach().refuses = refuses
          attaches++
          ahead = true
        }
        for (const step of sequence) {
          if (step === 'send') {
            history.push({ attach: attaches, ahead })
            rig.send(`${history.length - 1}`)
          } else if (step === 'attach') attach()
          else if (step === 'detach') rig.detach()
          else if (step === 'die' && rig.native) rig.native.dying = true
          else if (step === 'fill' && rig.native) rig.native.bufferedAmount = 10
          else if (step === 'drain' && rig.native) rig.native.bufferedAmount = 0
          else if (step === 'tick' || step === 'wait') {
            if (rig.native && rig.native.bufferedAmount < 10) rig.native.bufferedAmount = 0
            rig.advance(step === 'wait' ? 30 : 0)
            ahead = false
          }
        }
        attach()
        ahead = false
        for (let round = 0; rig.outbound.queue.size > 0; round++) {
          expect(round).toBeLessThan(1_000)
          if (rig.native) rig.native.bufferedAmount = 0
          rig.advance(1_000)
        }
        // Each message was written once, or told once.
        const written = rig.sent.map(Number)
        const told = rig.dropped.map(({ data }) => Number(data))
        expect([...written, ...told].sort((a, b) => a - b)).toEqual(history.map((_, k) => k))
        for (const { data, reason, error } of rig.dropped) {
          expect([reason, refuses(data)]).toEqual(['write-failed', true])
          expect(error).toBeInstanceOf(TypeError)
        }
        // Whoever came before another goes before it, unless the other was sent by an open listener of a later link.
        for (let first = 0; first < written.length; first++) {
          for (let later = first + 1; later < written.length; later++) {
            const [a, b] = [written[first] as number, written[later] as number]
            if (b > a) continue
            expect(history[a]?.ahead, `${a} overtook ${b}`).toBe(true)
            expect(history[b]?.attach, `${a} overtook ${b}`).toBeLessThan(history[a]?.attach as number)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the high-water mark', () => {
  test('nothing is handed over while the native buffer is at it; the rest waits, and goes on when it drains', () => {
    const rig = new Rig({ highWaterMarkBytes: 10 })
    const native = rig.attach()
    rig.advance()
    rig.send(...numbers(30).map((k) => k.padStart(5, '0')))
    expect(native.bufferedAmount).toBe(10)
    expect(rig.outbound.queue.size).toBe(28)
    rig.advance(1_000)
    expect(rig.sent).toHaveLength(2)
    native.bufferedAmount = 0
    rig.advance(10)
    expect(rig.sent).toHaveLength(4)
  })

  test('a message larger than the mark goes when the buffer is below it', () => {
    const rig = new Rig({ highWaterMarkBytes: 10 })
    rig.attach()
    rig.advance()
    rig.send('x'.repeat(500), 'y')
    expect(rig.sent).toHaveLength(1)
    expect(rig.outbound.queue.size).toBe(1)
  })

  test.each([
    ['ASCII', 'x'],
    ['text of three bytes a letter', '字'],
  ])('is kept for any sizes and any draining: %s', (_name, letter) => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 100 }),
        fc.infiniteStream(fc.nat(50)),
        (lengths, mark, drains) => {
          const rig = new Rig({ highWaterMarkBytes: mark })
          let highest = 0
          const native = rig.attach((it) => {
            highest = Math.max(highest, it.bufferedAmount)
          })
          rig.advance()
          for (const length of lengths) {
            rig.send(letter.repeat(length))
            native.bufferedAmount = Math.max(0, native.bufferedAmount - drains.next().value)
            rig.advance(drains.next().value)
          }
          native.bufferedAmount = 0
          for (let round = 0; rig.outbound.queue.size > 0; round++) {
            expect(round).toBeLessThan(1_000)
            native.bufferedAmount = 0
            rig.advance(10)
          }
          expect(rig.sent).toHaveLength(lengths.length)
          expect(highest).toBeLessThan(mark)
        },
      ),
    )
  })

  test('a full buffer is looked at now and then, not without pause', () => {
    const rig = new Rig({ highWaterMarkBytes: 1 })
    const native = rig.attach()
    native.bufferedAmount = 1
    rig.send('a')
    expect(rig.advance(1_000)).toBeLessThanOrEqual(106)
  })
})

describe('the rate limit', () => {
  test('holds in the long run, for what is sent directly and what waits', () => {
    const rig = new Rig({ rateLimit: tokenBucket({ perSecond: 10, burst: 3 }) })
    rig.send(...numbers(10))
    rig.attach()
    rig.advance()
    rig.send(...numbers(10))
    expect(rig.sent).toHaveLength(3)
    rig.advance(1_000)
    expect(rig.sent).toHaveLength(13)
    rig.advance(1_000)
    expect(rig.sent).toHaveLength(20)
  })

  test('does not spin while it waits', () => {
    const rig = new Rig({ rateLimit: tokenBucket({ perSecond: 1 }) })
    rig.send('a', 'b')
    rig.attach()
    expect(rig.advance(900)).toBeLessThanOrEqual(3)
  })
})

describe('slices', () => {
  test('a long queue is flushed in parts: others get their turn between', () => {
    const rig = new Rig()
    rig.send(...numbers(1_000))
    rig.attach(() => {
      rig.clock += 1
    })
    const native = rig.native as FakeNative
    const perTick: number[] = []
    while (rig.outbound.deadline <= rig.clock) {
      const before = rig.sent.length
      rig.outbound.tick(rig.clock)
      perTick.push(rig.sent.length - before)
      native.bufferedAmount = 0
    }
    expect(Math.max(...perTick)).toBeLessThanOrEqual(64)
    expect(rig.sent).toEqual(numbers(1_000))
    expect(rig.drains).toBe(1)
  })

  test('a short one goes at once', () => {
    const rig = new Rig()
    rig.send(...numbers(1_000))
    rig.attach()
    expect(rig.advance()).toBe(1)
    expect(rig.sent).toHaveLength(1_000)
  })
})

describe('drain is told', () => {
  test.each([1, 63, 64, 65, 128, 200])('once, when %i slow messages have gone', (count) => {
    const rig = new Rig()
    rig.send(...numbers(count))
    rig.attach(() => {
      rig.clock += 1
    })
    rig.advance(1_000)
    expect(rig.sent).toHaveLength(count)
    expect(rig.drains).toBe(1)
  })

  test('not when nothing waited', () => {
    const rig = new Rig()
    rig.attach()
    rig.advance()
    rig.send('a')
    expect(rig.drains).toBe(0)
  })

  test('after a full buffer, too', () => {
    const rig = new Rig({ highWaterMarkBytes: 1 })
    const native = rig.attach()
    rig.advance()
    rig.send('a', 'b')
    native.bufferedAmount = 0
    rig.advance(20)
    expect(rig.drains).toBe(1)
  })

  test('and its listener may send', () => {
    const rig = new Rig()
    rig.onDrain = () => {
      if (rig.drains === 1) rig.send('more')
    }
    rig.send('a')
    rig.attach()
    rig.advance()
    expect(rig.sent).toEqual(['a', 'more'])
  })
})

describe('a write that fails', () => {
  test('because the link is gone goes first on the next link', () => {
    const rig = new Rig()
    rig.send('a', 'b', 'c')
    const native = rig.attach()
    native.dying = true
    rig.advance(100)
    expect(rig.outbound.queue.size).toBe(3)
    rig.detach()
    rig.attach()
    rig.advance()
    expect(rig.sent).toEqual(['a', 'b', 'c'])
    expect(rig.dropped).toEqual([])
  })

  test('because the link is gone is told where resend is off', () => {
    const rig = new Rig({ queue: { resend: false } })
    rig.attach().dying = true
    rig.advance()
    rig.send('a')
    expect(rig.dropped).toMatchObject([{ data: 'a', reason: 'write-failed' }])
    expect(rig.outbound.queue.size).toBe(0)
  })

  test('because of what it is is told with its error, and does not stop the rest', () => {
    const rig = new Rig()
    rig.send('a', 'bad', 'b')
    rig.attach().refuses = (data) => data === 'bad'
    rig.advance()
    expect(rig.sent).toEqual(['a', 'b'])
    expect(rig.dropped).toMatchObject([{ data: 'bad', reason: 'write-failed' }])
    expect(rig.dropped[0]?.error).toBeInstanceOf(TypeError)
    expect(rig.drains).toBe(1)
  })

  test('is not in doubt: it was not written', () => {
    const rig = new Rig()
    rig.attach().refuses = () => true
    rig.advance()
    rig.send('a')
    expect(rig.outbound.doubt.count).toBe(0)
  })

  test('copies what it keeps', () => {
    const rig = new Rig()
    rig.attach().dying = true
    rig.advance()
    const bytes = new Uint8Array([1, 2])
    rig.send(bytes)
    bytes.fill(9)
    rig.detach()
    rig.attach()
    rig.advance()
    expect([...new Uint8Array(rig.sent[0] as ArrayBuffer)]).toEqual([1, 2])
  })
})

describe('a link that closes', () => {
  test('takes nothing more: what is sent waits for the next, without spinning', () => {
    const rig = new Rig()
    rig.attach().readyState = 2
    rig.send('a', 'b')
    expect(rig.advance(1_000)).toBeLessThanOrEqual(3)
    expect(rig.sent).toEqual([])
    rig.detach()
    rig.attach()
    rig.advance()
    expect(rig.sent).toEqual(['a', 'b'])
  })

  test('by close() lets go what waits first, past all limits', () => {
    const rig = new Rig({ rateLimit: tokenBucket({ perSecond: 1 }), highWaterMarkBytes: 1 })
    rig.send('a', 'b', 'c')
    rig.attach()
    rig.outbound.finish()
    expect(rig.sent).toEqual(['a', 'b', 'c'])
  })

  test('by close() and dies in it keeps the rest', () => {
    const rig = new Rig()
    rig.send('a', 'b', 'c')
    const native = rig.attach((it) => {
      it.dying = rig.sent.length === 1
    })
    rig.outbound.finish()
    expect(rig.sent).toEqual(['a'])
    expect(native.readyState).toBe(3)
    expect(rig.outbound.queue.size).toBe(2)
  })
})

describe('without a link', () => {
  test('what does not fit is an error that says so, and can be tried again', () => {
    const rig = new Rig({ queue: { maxCount: 2, maxBytes: 1_000 } })
    rig.send('a', 'b')
    expect(() => rig.send('c')).toThrow(/HF_QUEUE_FULL.*2 of 2.*2 of 1000/)
    try {
      rig.send('c')
    } catch (error) {
      expect(error).toMatchObject({ code: 'HF_QUEUE_FULL', retryable: true })
    }
    expect(rig.outbound.queue.size).toBe(2)
  })

  test('what may not wait does not', () => {
    const rig = new Rig()
    rig.may = false
    rig.send('a')
    expect(rig.outbound.queue.size).toBe(0)
  })

  test('a message expires in its time, and that is told', () => {
    const rig = new Rig({ queue: { maxAgeMs: 50 } })
    rig.send('a')
    expect(rig.outbound.deadline).toBe(1_050)
    rig.advance(50)
    expect(rig.dropped).toMatchObject([{ data: 'a', reason: 'expired' }])
    expect(rig.outbound.deadline).toBe(Infinity)
  })

  test('what has expired is not written when the link comes at that moment', () => {
    const rig = new Rig({ queue: { maxAgeMs: 50 } })
    rig.send('a')
    rig.clock += 50
    rig.attach()
    rig.advance()
    expect(rig.sent).toEqual([])
    expect(rig.dropped).toHaveLength(1)
  })
})

test('what was written is in doubt', () => {
  const rig = new Rig({ keepInDoubt: 5 })
  rig.send('waited')
  rig.attach()
  rig.advance()
  rig.send('direct')
  expect(rig.outbound.doubt.settle()).toEqual({ count: 2, bytes: 12, messages: ['waited', 'direct'] })
})
