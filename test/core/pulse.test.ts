import { describe, expect, test } from 'vitest'
import type { NativeSocket } from '../../src/base/platform.ts'
import { resolveHeartbeat } from '../../src/core/heartbeat.ts'
import {
  envelopeHeartbeat,
  type HeartbeatMessages,
  messageHeartbeat,
  pingFrames,
} from '../../src/core/heartbeat-sources.ts'
import { InDoubt } from '../../src/core/in-doubt.ts'
import { Pulse, type PulseHost } from '../../src/core/pulse.ts'

const PEER = 'wss://peer.test/'

/** A socket around a pulse: a native that notes what is written, and a clock that the test moves. */
class Rig implements PulseHost {
  readonly doubt = new InDoubt(0)
  readonly sent: unknown[] = []
  readonly pings: string[] = []
  readonly news: unknown[] = []
  readonly deaths: boolean[] = []
  readonly reported: unknown[] = []
  clock = 1_000
  arms = 0
  readonly native: NativeSocket

  constructor(canPing: boolean) {
    this.native = {
      readyState: 1,
      bufferedAmount: 0,
      protocol: '',
      extensions: '',
      binaryType: 'blob',
      send: (data) => void this.sent.push(data),
      close() {},
      ...(canPing && { ping: (payload: string) => void this.pings.push(payload) }),
    }
  }

  now(): number {
    return this.clock
  }
  arm(): void {
    this.arms++
  }
  pulseChanged(news: unknown): void {
    this.news.push(news)
  }
  peerDied(own: boolean): void {
    this.deaths.push(own)
  }
  report(error: unknown): void {
    this.reported.push(error)
  }
}

function started(source: { start(host: unknown, prefix: string): unknown }, canPing = false) {
  const rig = new Rig(canPing)
  const pulse = source.start(rig, 'me-') as Pulse
  pulse.attach(rig.native)
  pulse.start(PEER)
  return { rig, pulse }
}

describe('with ping frames', () => {
  test('the first goes out with the link, and its answer verifies the peer', () => {
    const { rig, pulse } = started(pingFrames(), true)
    expect(rig.pings).toHaveLength(1)
    expect(rig.sent).toEqual([])
    expect(pulse.ponged(rig.pings[0] as string)).toBe(true)
    expect(rig.news).toEqual(['verified'])
    expect(rig.arms).toBeGreaterThan(0)
  })

  test('messages are the application’s, whatever they say', () => {
    const { pulse } = started(pingFrames(), true)
    for (const data of ['{"type":"ping"}', '{"type":"pong"}', 'x', new ArrayBuffer(1)]) {
      expect(pulse.consumes(data)).toBe(false)
    }
    expect(pulse.heartbeat.heard).toBe(true)
  })

  test('a native without them is left alone', () => {
    const { rig, pulse } = started(pingFrames(), false)
    expect(pulse.heartbeat.deadline).toBe(Infinity)
    pulse.probe()
    expect([rig.sent, rig.pings]).toEqual([[], []])
  })
})

describe('with the envelope', () => {
  const idOf = (data: unknown) => (JSON.parse(data as string) as { id: string }).id

  test('pings and pongs are not the application’s; the rest is', () => {
    const { rig, pulse } = started(envelopeHeartbeat())
    const id = idOf(rig.sent[0])
    expect(pulse.consumes(`{"type":"pong","id":"${id}"}`)).toBe(true)
    expect(rig.news).toEqual(['verified'])
    expect(pulse.consumes('{"type":"pong","id":"of another client"}')).toBe(true)
    expect(pulse.consumes('{"type":"ping"}')).toBe(true)
    expect(pulse.consumes('{"type":"ping","id":"of another client"}')).toBe(true)
    for (const data of ['{"type":"chat","id":"1","text":"pong"}', 'pong', new ArrayBuffer(1), '{}', '']) {
      expect(pulse.consumes(data)).toBe(false)
    }
  })

  test('the peer’s ping is answered, one with an id is not', () => {
    const { rig, pulse } = started(envelopeHeartbeat())
    rig.sent.length = 0
    pulse.consumes('{"type":"ping","id":"x"}')
    expect(rig.sent).toEqual([])
    pulse.consumes('{"type":"ping"}')
    expect(rig.sent).toEqual(['{"type":"pong"}'])
  })

  test('answers are limited, however many pings come', () => {
    const { rig, pulse } = started(envelopeHeartbeat())
    rig.sent.length = 0
    for (let ms = 0; ms < 1_000; ms++) {
      rig.clock++
      expect(pulse.consumes('{"type":"ping"}')).toBe(true)
    }
    expect(rig.sent.length).toBeGreaterThan(1)
    expect(rig.sent.length).toBeLessThanOrEqual(5)
  })

  test('a pong to us counts once, and is swallowed each time', () => {
    const { rig, pulse } = started(envelopeHeartbeat())
    const pong = `{"type":"pong","id":"${idOf(rig.sent[0])}"}`
    expect([pulse.consumes(pong), pulse.consumes(pong)]).toEqual([true, true])
    expect(rig.news).toHaveLength(1)
  })
})

describe('with words of one’s own', () => {
  const words: HeartbeatMessages = {
    ping: (id) => `? ${id}`,
    readPong: (data) => data === '!',
    answer: () => undefined,
  }

  test('they are used', () => {
    const { rig, pulse } = started(messageHeartbeat(words))
    expect(rig.sent[0]).toMatch(/^\? me-/)
    expect(pulse.consumes('!')).toBe(true)
    expect(rig.news).toEqual(['verified'])
    expect(pulse.consumes('?')).toBe(false)
  })

  test('only an id or true is an answer; anything else leaves the message to the application', () => {
    for (const other of [undefined, null, false, 0, '', 1, {}, ['match']]) {
      const { pulse } = started(messageHeartbeat({ ping: () => '?', readPong: () => other as never }))
      expect(pulse.consumes('a message'), String(other)).toBe(false)
    }
  })

  test('that throw are reported, and the message is delivered', () => {
    const error = new Error('of the user')
    const throwing = () => {
      throw error
    }
    for (const given of [
      { ...words, readPong: throwing },
      { ...words, answer: throwing },
    ]) {
      const { rig, pulse } = started(messageHeartbeat(given))
      expect(pulse.consumes('x')).toBe(false)
      expect(rig.reported).toEqual([error])
    }
    const { rig } = started(messageHeartbeat({ ...words, ping: throwing }))
    expect(rig.reported).toEqual([error])
  })
})

describe('doubt', () => {
  test('what was written before an answered ping is proven, what came after is not', () => {
    const { rig, pulse } = started(pingFrames(), true)
    pulse.ponged(rig.pings[0] as string)
    rig.doubt.wrote('a')
    pulse.probe()
    rig.doubt.wrote('b')
    pulse.ponged(rig.pings[1] as string)
    expect(rig.doubt.count).toBe(1)
  })

  test('an answer to an older ping proves nothing of what came between', () => {
    const { rig, pulse } = started(pingFrames(), true)
    rig.doubt.wrote('a')
    pulse.probe()
    pulse.ponged(rig.pings[0] as string)
    expect(rig.doubt.count).toBe(1)
  })
})

function tickUntil(pulse: Pulse, rig: Rig, end: number): void {
  while (pulse.heartbeat.deadline <= end && rig.deaths.length === 0) {
    rig.clock = Math.max(rig.clock, pulse.heartbeat.deadline)
    pulse.tick(rig.clock)
  }
}

describe('verdicts', () => {
  test('silence of a peer that never answered is told as unverified, once, and kills nothing', () => {
    const { rig, pulse } = started(pingFrames(), true)
    tickUntil(pulse, rig, 300_000)
    expect(rig.news).toEqual(['unverified'])
    expect(rig.deaths).toEqual([])
  })

  test('silence of one that did is its death', () => {
    const { rig, pulse } = started(pingFrames(), true)
    pulse.ponged(rig.pings[0] as string)
    tickUntil(pulse, rig, 300_000)
    expect(rig.deaths).toEqual([false])
  })

  test('found by a probe it is this client’s own loss', () => {
    const { rig, pulse } = started(pingFrames(), true)
    pulse.ponged(rig.pings[0] as string)
    pulse.probe()
    tickUntil(pulse, rig, 300_000)
    expect(rig.deaths).toEqual([true])
  })
})

describe('a pulse that stands still', () => {
  test('is not started by what the peer sends: before the link is ready, while it closes', () => {
    const rig = new Rig(true)
    const pulse = new Pulse(resolveHeartbeat(undefined), undefined, rig, 'me-')
    const disturb = () => {
      pulse.pinged()
      pulse.consumes('x')
      pulse.ponged('me-1')
      pulse.probe()
    }
    disturb()
    expect(pulse.heartbeat.deadline).toBe(Infinity)
    pulse.attach(rig.native)
    pulse.start(PEER)
    pulse.stop()
    disturb()
    expect(pulse.heartbeat.deadline).toBe(Infinity)
    expect([rig.news, rig.deaths, rig.pings.length]).toEqual([[], [], 1])
  })

  test('writes nothing to a native socket that is closing: browsers complain of that', () => {
    const { rig, pulse } = started(envelopeHeartbeat())
    const { length } = rig.sent
    expect(length).toBeGreaterThan(0)
    ;(rig.native as { readyState: number }).readyState = 2
    pulse.consumes('{"type":"ping"}')
    tickUntil(pulse, rig, 300_000)
    expect(rig.sent).toHaveLength(length)
  })
})

test('a write that fails is reported, not thrown', () => {
  const rig = new Rig(true)
  const error = new Error('gone')
  rig.native.ping = () => {
    throw error
  }
  const pulse = pingFrames().start(rig, 'me-') as Pulse
  pulse.attach(rig.native)
  pulse.start(PEER)
  expect(rig.reported).toEqual([error])
})
