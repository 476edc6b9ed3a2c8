import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { reservedMessages } from '../../src/schema/index.ts'
import type { Operation } from '../../src/wire/dialect.ts'
import { envelopeDialect } from '../../src/wire/envelope-dialect.ts'

const dialect = envelopeDialect()
const id = '0123456789abcdef'

/** Parses by the schema of the message's own type. */
function parse(text: string) {
  const value = JSON.parse(text) as { type: keyof typeof reservedMessages }
  return reservedMessages[value.type].safeParse(value)
}

describe('what a client writes, a server that checks with these schemas takes', () => {
  const piece = { id, index: 0, total: 1, bytes: 3, isText: false, data: new Uint8Array([1, 2, 255]) }
  const error = { code: 'busy', message: 'Later', retryable: true, retryAfterMs: 5 }
  test.each<Operation>([
    { op: 'join', room: 'a' },
    { op: 'join', room: 'a', params: { nick: 'Ann' } },
    { op: 'leave', room: 'a' },
    { op: 'broadcast', room: 'a', type: 'chat', payload: 1 },
    { op: 'reply', ref: 'r', payload: 1, more: true },
    { op: 'refuse', ref: 'r', error },
    { op: 'cancel', ref: 'r' },
    { op: 'piece', piece: { ...piece, isText: true } },
    { op: 'piece', piece, room: 'a' },
    { op: 'abort', id, room: 'a', isText: true },
    { op: 'abort', id, isText: true },
  ])('$op', (operation) => {
    const text = dialect.encode(operation) as string
    const parsed = parse(text)
    expect(parsed.error).toBeUndefined()
    expect(JSON.parse(JSON.stringify(parsed.data))).toEqual(JSON.parse(text))
  })
})

describe('what servers write', () => {
  test.each([
    '{"type":"ping"}',
    '{"type":"pong","id":5}',
    '{"type":"error","payload":"no"}',
    '{"type":"error","room":null,"payload":{"message":"no"}}',
    '{"type":"$welcome","payload":{"version":1,"limits":{"maxMessageBytes":4096},"features":["fragments"]}}',
    '{"type":"$welcome","payload":{}}',
  ])('%s is fine', (text) => {
    expect(parse(text).error).toBeUndefined()
  })

  test.each([
    ['{"type":"join"}', ['room']],
    ['{"type":"join","room":""}', ['room']],
    ['{"type":"leave","room":5}', ['room']],
    ['{"type":"broadcast","payload":1}', ['room']],
    ['{"type":"error"}', ['payload']],
    ['{"type":"$reply","id":"r"}', ['ref']],
    ['{"type":"$cancel"}', ['ref']],
    [
      '{"type":"$welcome","payload":{"limits":{"maxMessageBytes":0}}}',
      ['payload', 'limits', 'maxMessageBytes'],
    ],
    ['{"type":"$abort","payload":{"id":"x"}}', ['payload', 'id']],
  ])('%s is not, and the path is told', (text, path) => {
    expect(parse(text).error?.issues[0]?.path).toEqual(path)
  })
})

describe('pieces that a client refuses, these schemas refuse', () => {
  const file = readFileSync(new URL('../../docs/vectors/fragments.json', import.meta.url), 'utf8')
  const { malformed } = JSON.parse(file) as { malformed: { name: string; text: string }[] }
  const direct = malformed.filter(({ text }) => !text.includes('broadcast'))

  test.each(direct)('$name', ({ text }) => {
    expect(parse(text).success).toBe(false)
  })
})

test('nothing generates code, so that a page may forbid it', () => {
  const { Function: original } = globalThis
  let tried = 0
  globalThis.Function = new Proxy(original, {
    construct: () => {
      tried++
      throw new EvalError('forbidden')
    },
  })
  try {
    expect(parse('{"type":"error","payload":{"message":"no"}}').success).toBe(true)
    expect(parse('{"type":"join","room":"a"}').success).toBe(true)
  } finally {
    globalThis.Function = original
  }
  expect(tried).toBe(0)
})
