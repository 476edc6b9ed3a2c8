import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { envelopeMessages } from '../../src/core/envelope-messages.ts'

const { ping, readPong } = envelopeMessages
const answer = (data: unknown) => envelopeMessages.answer?.(data)

test('a ping of ours is an envelope with an id', () => {
  expect(JSON.parse(ping('ab-7') as string)).toEqual({ type: 'ping', id: 'ab-7' })
})

test('a ping of ours is never answered, not even by a client of ours to whom it is relayed', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{1,8}$/), (id) => {
      expect(answer(ping(id))).toBeUndefined()
    }),
  )
})

describe('the peer’s pong', () => {
  test.each<[string, string | true]>([
    ['{"type":"pong"}', true],
    ['{"type":"pong","id":"ab-7"}', 'ab-7'],
    ['{"id":"ab-7","type":"pong","payload":{"a":1},"timestamp":1}', 'ab-7'],
    ['{"Type":"Pong","Id":"ab-7"}', 'ab-7'],
    ['{"TYPE":"PONG"}', true],
    [' { "type" : "pong" } ', true],
    ['{"type":"pong","id":null}', true],
    ['{"type":"pong","id":""}', true],
  ])('%s', (data, id) => {
    expect(readPong(data)).toBe(id)
    expect(answer(data)).toBeUndefined()
  })

  test('our own ping that an echo server sends back is an answer', () => {
    expect(readPong(ping('ab-7'))).toBe('ab-7')
  })

  test('a pong whose id is of another kind than ours is not taken for one to us', () => {
    for (const id of ['7', '{}', '[1]', 'true']) expect(readPong(`{"type":"pong","id":${id}}`)).not.toBe(true)
  })
})

describe('the peer’s ping', () => {
  test.each([
    '{"type":"ping"}',
    '{"Type":"Ping"}',
    '{"type":"ping","timestamp":12}',
    '{"type":"ping","id":null}',
    '{"type":"ping","id":""}',
  ])('%s is answered', (data) => {
    expect(JSON.parse(answer(data) as string)).toEqual({ type: 'pong' })
    expect(readPong(data)).toBeFalsy()
  })

  test.each([
    '{"type":"ping","id":"x"}',
    '{"type":"ping","id":5}',
    '{"type":"PING","ID":"x"}',
    '{"type":"ping","id":{}}',
  ])('%s has an id, so it is another client’s: no answer', (data) => {
    expect(answer(data)).toBeUndefined()
  })
})

describe('what is the application’s stays the application’s', () => {
  const messages = [
    '{"type":"game","id":"42","name":"Pong"}',
    '{"type":"chat","id":"42","text":"ping"}',
    '{"type":"chat","payload":{"type":"ping"}}',
    '{"type":"ping.result","id":"42","kind":"ping"}',
    '{"type":["ping"],"id":"42"}',
    '{"type":{"a":"pong"}}',
    '{"kind":"ping","id":"42"}',
    '["ping","pong"]',
    '"ping"',
    '"pong"',
    'ping',
    'pong',
    '{"type":"ping"',
    'null',
    '',
    '{}',
    '42',
    '{"type":null,"x":"ping"}',
    `{"type":"pong","padding":"${'x'.repeat(300)}"}`,
  ]
  const others = [undefined, null, 5, {}, new Uint8Array(3), new ArrayBuffer(3), { type: 'ping' }, ['pong']]

  test.each([...messages, ...others].map((data) => ({ data })))('$data', ({ data }) => {
    expect(readPong(data)).toBeFalsy()
    expect(answer(data)).toBeUndefined()
  })

  test('no text throws, and none whose type is another is taken', () => {
    const words = fc.constantFrom('ping', 'pong', 'Ping', 'chat', 'pinged', '')
    const values = fc.oneof(words, fc.jsonValue())
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ type: values, id: values, payload: values }, { requiredKeys: [] })
        .map((it) => JSON.stringify(it)),
      fc.dictionary(fc.string(), values).map((it) => JSON.stringify(it)),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const taken = readPong(text) || answer(text) !== undefined
        if (!taken) return
        const envelope = JSON.parse(text) as Record<string, unknown>
        const types = Object.entries(envelope).filter(([key]) => key.toLowerCase() === 'type')
        expect(types.some(([, type]) => typeof type === 'string' && /^p[io]ng$/i.test(type))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
