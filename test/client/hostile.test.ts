import fc from 'fast-check'
import { fragments } from 'holdfast'
import { expect, test, vi } from 'vitest'
import * as z from 'zod'
import { fakeClient } from './support/fake-client.ts'

const names = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'then', 'polluted')

/** JSON as an attacker writes it: with keys that mean something to an engine. */
const evilJson = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.oneof(names, fc.string()), tie('any')), { maxLength: 4 }).map((entries) => ({
      json: `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`)}}`,
    })),
  ),
})).any

/** As text, since a literal `__proto__` would set the prototype rather than a key. */
function textOf(value: unknown): string {
  const { json } = (value ?? {}) as { json?: unknown }
  if (typeof json === 'string') return json
  return Array.isArray(value) ? `[${value.map(textOf)}]` : JSON.stringify(value)
}

const types = fc.constantFrom(
  ...['n', 'join', 'leave', 'broadcast', 'ping', 'pong', 'error', 'asked', '$reply', '$cancel'],
  ...['$fragment', '$abort', '$welcome', '$more', '__proto__', 'constructor', 'toString', ''],
)

/** Near-envelopes, whose fields are of any kind. */
const nearEnvelopes = fc
  .record(
    {
      type: fc.oneof(types, evilJson),
      room: fc.oneof(fc.constantFrom('a', '__proto__', 'constructor'), evilJson),
      payload: evilJson,
      timestamp: evilJson,
      id: fc.oneof(fc.constantFrom('1', '__proto__'), evilJson),
      ref: evilJson,
      more: fc.oneof(fc.boolean(), evilJson),
      code: evilJson,
      Type: evilJson,
      __proto__: evilJson,
    },
    { requiredKeys: [], noNullPrototype: false },
  )
  .map(
    (fields) =>
      `{${Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`)}}`,
  )

const nested = fc
  .integer({ min: 1, max: 50_000 })
  .chain((depth) =>
    fc.constantFrom(
      `${'['.repeat(depth)}${']'.repeat(depth)}`,
      `{"type":"n","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`,
      `{"type":"broadcast","payload":${'{"payload":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    ),
  )

const texts = fc.oneof(fc.string({ unit: 'binary' }), evilJson.map(textOf), nearEnvelopes, nested)
const bytes = fc.uint8Array({ maxLength: 64 }).map((data) => data.buffer as ArrayBuffer)
/** The types that are the protocol's own. */
const reserved = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 255), fc.uint8Array({ maxLength: 40 }))
  .map(([last, rest]) => new Uint8Array([255, 255, 255, last, ...rest]).buffer)

const clients = {
  'without maps': {},
  'with maps': { messages: { n: z.number(), asked: z.any() }, serves: { asked: { input: z.number() } } },
  'with large messages': { fragments: fragments() },
}

test.each(Object.entries(clients))(
  'whatever a server sends, nothing throws, no prototype is touched, and what comes later arrives: %s',
  async (_title, options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(texts, bytes, reserved), { maxLength: 12 }), async (messages) => {
        const fake = fakeClient(options)
        const good = vi.fn()
        fake.client.on('n', good)
        fake.client.room('a')
        fake.client.handle('asked', (payload) => payload)
        await fake.connect()
        const waiting = fake.client.request('ask').catch(() => 'settled')
        const { link } = fake
        for (const message of messages) expect(() => link.receive(message)).not.toThrow()
        await fake.settle()
        good.mockClear()
        link.receive('{"type":"n","payload":77}')
        expect(good).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ payload: 77 }))
        expect(fake.client.status).toBe('open')
        expect(fake.reported).toEqual([])
        expect(Object.keys(Object.prototype)).toEqual([])
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
        expect(Object.getPrototypeOf({})).toBe(Object.prototype)
        await fake.close()
        expect(await waiting).toBe('settled')
      }),
      { numRuns: 150 },
    )
  },
)

test('keys of a payload that name a prototype are mere keys: a handler gets them as they came', async () => {
  const fake = fakeClient()
  await fake.connect()
  let payload: Record<string, unknown> = {}
  fake.client.on('n', (message) => {
    payload = message.payload as Record<string, unknown>
  })
  fake.link.receive('{"type":"n","payload":{"__proto__":{"polluted":true},"constructor":1}}')
  expect(Object.keys(payload)).toEqual(['__proto__', 'constructor'])
  expect(payload['polluted']).toBeUndefined()
  expect(Object.getPrototypeOf(payload)).toBe(Object.prototype)
})

test('an envelope cannot inherit its type', async () => {
  const fake = fakeClient()
  await fake.connect()
  fake.link.receive('{"__proto__":{"type":"n"}}')
  expect(fake.told.map(([name]) => name)).toEqual(['raw'])
})
