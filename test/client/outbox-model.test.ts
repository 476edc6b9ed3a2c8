/** Whatever an application sends and whatever happens to the link: order, bounds and honest ends. */

import fc from 'fast-check'
import { fragments, tokenBucket } from 'holdfast'
import { test } from 'vitest'
import type { ClientOptions } from '../../src/client/client-options.ts'
import { type Act, ConversationModel } from './support/conversation-model.ts'

const flags = {
  ttlMs: fc.option(fc.constantFrom(0, 15, 40, 300), { nil: undefined, freq: 3 }),
  volatile: fc.nat(7).map((drawn) => drawn === 7),
  asks: fc.boolean(),
}
const room = fc.constantFrom('a', 'b')
const size = fc.oneof(
  { weight: 2, arbitrary: fc.nat(60) },
  { weight: 1, arbitrary: fc.integer({ min: 300, max: 2_000 }) },
)
const only = <Name extends string>(...names: Name[]) =>
  fc.constantFrom(...names).map((name) => ({ do: name }))

const act = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('send'),
      type: fc.constantFrom('chat', 'price'),
      room: fc.option(room, { nil: undefined }),
      size,
      ...flags,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('frame'), type: fc.constantFrom(1, 2), size, ...flags }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort'), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(0, 5, 30, 100) }) },
  { weight: 6, arbitrary: only('connect') },
  { weight: 5, arbitrary: only('pong', 'slow', 'drain') },
  { weight: 2, arbitrary: only('cut', 'refuse', 'going', 'suspend', 'reconnect') },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('enter', 'leave'), room }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('welcome'), maxMessageBytes: fc.constantFrom(300, 400, 1_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('error'), room, retryable: fc.boolean() }) },
) as fc.Arbitrary<Act>

const pieces = fragments({ aboveBytes: 500, maxPieceBytes: 500 })

/** Made anew for each run: a rate limiter remembers. */
const kinds: readonly (readonly [name: string, options: () => Partial<ClientOptions>])[] = [
  ['with the defaults', () => ({})],
  ['in pieces', () => ({ fragments: pieces })],
  ['in batches', () => ({ fragments: pieces, batch: { maxCount: 3, maxBytes: 400 } })],
  ['with a full native buffer', () => ({ fragments: pieces, highWaterMarkBytes: 300 })],
  [
    'at a rate',
    () => ({
      fragments: pieces,
      rateLimit: tokenBucket({ perSecond: 50, burst: 2 }),
      rooms: { joinRate: tokenBucket({ perSecond: 20, burst: 1 }) },
    }),
  ],
  ['that is to be refused over the bounds', () => ({ queue: { maxCount: 5, maxBytes: 3_000 } })],
  ['whose oldest go over the bounds', () => narrow('drop-oldest')],
  ['whose newest go over the bounds', () => narrow('drop-newest')],
  [
    'that never goes twice to the head',
    () => ({ highWaterMarkBytes: 300, queue: { resend: false, maxAgeMs: 200 } }),
  ],
]

const narrow = (overflow: 'drop-oldest' | 'drop-newest'): Partial<ClientOptions> => ({
  fragments: pieces,
  highWaterMarkBytes: 300,
  queue: { maxCount: 4, maxBytes: 3_000, overflow },
})

test.each(kinds)(
  'what is sent %s goes in order, once, or is told',
  async (_name, options) => {
    const property = fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 60, size: 'max' }),
      async (acts) => {
        const model = new ConversationModel(options())
        for (const next of acts) await model.act(next)
        await model.end()
      },
    )
    await fc.assert(property, { numRuns: 60 })
  },
  30_000,
)
