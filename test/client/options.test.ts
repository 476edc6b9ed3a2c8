import { type ClientOptions, createClient } from 'holdfast'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { fakeClient } from './support/fake-client.ts'

const fn = () => {}
const limiter = { take: () => true }

describe('createClient names the option that is wrong', () => {
  test.each<[unknown, string]>([
    [undefined, 'options'],
    [null, 'options'],
    ['ws://peer.test/', 'options'],
    [{}, 'url'],
    [{ ulr: 'ws://peer.test/' }, 'url'],
  ])('%j', (given, name) => {
    expect(() => createClient(given as ClientOptions)).toThrow(TypeError)
    expect(() => createClient(given as ClientOptions)).toThrow(new RegExp(`\\b${name}\\b`))
  })

  test.each<[Record<string, unknown>, typeof TypeError | typeof RangeError, string]>([
    [{ mesages: {} }, TypeError, 'Unknown option mesages'],
    [{ binaryType: 'blob' }, TypeError, 'Unknown option binaryType'],
    [{ keepInDoubt: 5 }, TypeError, 'Unknown option keepInDoubt'],
    [{ autoConnect: 'yes' }, TypeError, 'autoConnect'],
    [{ messages: 5 }, TypeError, 'messages'],
    [{ messages: { chat: {} } }, TypeError, 'messages.chat'],
    [{ messages: { chat: undefined } }, TypeError, 'messages.chat'],
    [{ messages: { chat: () => true } }, TypeError, 'messages.chat'],
    [{ messages: { chat: { '~standard': { version: 1 } } } }, TypeError, 'messages.chat'],
    [{ sends: { chat: null } }, TypeError, 'sends.chat'],
    [{ requests: { get: 5 } }, TypeError, 'requests.get'],
    [{ requests: { get: undefined } }, TypeError, 'requests.get'],
    [{ requests: { get: { input: {} } } }, TypeError, 'requests.get.input'],
    [{ requests: { get: { inptu: z.any() } } }, TypeError, 'requests.get.inptu'],
    [{ requests: { get: z.object({}) } }, TypeError, 'requests.get'],
    [{ serves: { get: { output: 'x' } } }, TypeError, 'serves.get.output'],
    [{ dialect: {} }, TypeError, 'dialect'],
    [{ dialect: { encode: fn } }, TypeError, 'dialect'],
    [{ dialect: { encode: fn, decoder: fn }, batch: true }, TypeError, 'batch'],
    [{ validateSends: 1 }, TypeError, 'validateSends'],
    [{ timestamps: 'yes' }, TypeError, 'timestamps'],
    [{ delivery: 'later' }, TypeError, 'delivery.mode'],
    [{ delivery: { mode: 'tick', max: 5 } }, TypeError, 'Unknown option delivery.max'],
    [{ delivery: { maxCount: 0 } }, RangeError, 'delivery.maxCount'],
    [{ delivery: { overflow: 'fail' } }, TypeError, 'delivery.overflow'],
    [{ rooms: { rate: 5 } }, TypeError, 'Unknown option rooms.rate'],
    [{ rooms: { joinRate: limiter } }, TypeError, 'rooms.joinRate'],
    [{ rooms: { rejoin: true } }, TypeError, 'rooms.rejoin'],
    [{ maxPendingRequests: 0 }, RangeError, 'maxPendingRequests'],
    [{ maxPendingRequests: NaN }, RangeError, 'maxPendingRequests'],
    [{ maxPendingRequests: '5' }, TypeError, 'maxPendingRequests'],
    [{ limits: { maxMessageBytes: -1 } }, RangeError, 'limits.maxMessageBytes'],
    [{ limits: { maxBytes: 1 } }, TypeError, 'Unknown option limits.maxBytes'],
    [{ fragments: true }, TypeError, 'fragments'],
    [{ batch: 'yes' }, TypeError, 'batch'],
    [{ batch: { maxCount: 0 } }, RangeError, 'batch.maxCount'],
    [{ heartbeat: 5 }, TypeError, 'heartbeat'],
    [{ queue: { maxCount: 'x' } }, TypeError, 'queue.maxCount'],
  ])('%j', (options, Kind, text) => {
    const make = () => createClient({ url: 'ws://127.0.0.1:9/', autoConnect: false, ...options })
    expect(make).toThrow(Kind)
    expect(make).toThrow(text)
  })

  test('an option that is undefined counts as not given', () => {
    const options = { messages: undefined, dialect: undefined, delivery: undefined, batch: undefined }
    const client = createClient({ url: 'ws://127.0.0.1:9/', autoConnect: false, ...(options as object) })
    expect(client.status).toBe('idle')
  })
})

const { client } = fakeClient({ autoConnect: false })
const served = fakeClient({ autoConnect: false, serves: { get: {} }, requests: { get: {} } }).client
const room = client.room('a')
const bytes = client.binary(1)
served.handle('get', fn)

/** Methods with arguments that TypeScript would refuse. */
const wrong = (call: () => unknown) => call

describe('a method names the argument that is wrong', () => {
  test.each<[string, () => unknown, string, string]>([
    ['on: a number', wrong(() => client.on(5 as never, fn)), 'HF_BAD_TYPE', '5'],
    ['on: nothing', wrong(() => client.on('', fn)), 'HF_BAD_TYPE', '""'],
    ['on: a symbol', wrong(() => client.on(Symbol('s') as never, fn)), 'HF_BAD_TYPE', 'Symbol(s)'],
    ['on: no handler', wrong(() => client.on('chat', undefined as never)), 'TypeError', 'handler of chat'],
    [
      'on: a handler that is none',
      wrong(() => client.on('chat', {} as never)),
      'TypeError',
      'handler of chat',
    ],
    ['on: an option', wrong(() => client.on('chat', fn, { onec: true } as never)), 'TypeError', 'onec'],
    ['on: once', wrong(() => client.on('chat', fn, { once: 1 as never })), 'TypeError', 'once'],
    ['on: room', wrong(() => client.on('chat', fn, { room: room as never })), 'TypeError', 'room'],
    ['on: signal', wrong(() => client.on('chat', fn, { signal: 'x' as never })), 'TypeError', 'signal'],
    ['on: options', wrong(() => client.on('chat', fn, true as never)), 'TypeError', 'options'],
    ['events.on: no listener', wrong(() => client.events.on('gap', 5 as never)), 'TypeError', 'gap'],
    ['messages: type', wrong(() => client.messages(5 as never)), 'HF_BAD_TYPE', '5'],
    ['messages: an option', wrong(() => client.messages('n', { max: 1 } as never)), 'TypeError', 'max'],
    [
      'messages: buffer',
      wrong(() => client.messages('n', { buffer: { maxCount: 0 } })),
      'RangeError',
      'buffer.maxCount',
    ],
    [
      'messages: overflow',
      wrong(() => client.messages('n', { buffer: { overflow: 'x' as never } })),
      'TypeError',
      'buffer.overflow',
    ],
    ['room: a number', wrong(() => client.room(5 as never)), 'HF_BAD_TYPE', '5'],
    ['room: nothing', wrong(() => client.room('')), 'HF_BAD_TYPE', 'room'],
    ['room: an option', wrong(() => client.room('a', { parms: 1 } as never)), 'TypeError', 'parms'],
    ['room: options', wrong(() => client.room('a', 5 as never)), 'TypeError', 'options'],
    ['room.on: type', wrong(() => room.on(5 as never, fn)), 'HF_BAD_TYPE', '5'],
    ['room.on: handler', wrong(() => room.on('chat', 5 as never)), 'TypeError', 'handler of chat'],
    ['room.messages: type', wrong(() => room.messages(undefined as never)), 'HF_BAD_TYPE', 'undefined'],
    ['room.send: type', wrong(() => room.send('$x', 1)), 'HF_BAD_TYPE', '$x'],
    ['send: a reserved type', wrong(() => client.send('$x', 1)), 'HF_BAD_TYPE', '$x'],
    ['send: nothing', wrong(() => client.send('', 1)), 'HF_BAD_TYPE', '""'],
    ['send: a number', wrong(() => client.send(5 as never, 1)), 'HF_BAD_TYPE', 'number'],
    ['send: a bigint', wrong(() => client.send('n', 5n)), 'HF_INVALID', 'bigint'],
    ['send: a function', wrong(() => client.send('n', fn)), 'HF_INVALID', 'function'],
    ['send: an option', wrong(() => client.send('n', 1, { tlt: 1 } as never)), 'TypeError', 'tlt'],
    ['send: ttlMs', wrong(() => client.send('n', 1, { ttlMs: -1 })), 'RangeError', 'ttlMs'],
    ['send: conflate', wrong(() => client.send('n', 1, { conflate: 5 as never })), 'TypeError', 'conflate'],
    [
      'send: onProgress',
      wrong(() => client.send('n', 1, { onProgress: 5 as never })),
      'TypeError',
      'onProgress',
    ],
    ['send: room', wrong(() => client.send('n', 1, { room: '' })), 'HF_INVALID', 'room'],
    ['handle: type', wrong(() => client.handle(5 as never, fn)), 'HF_BAD_TYPE', '5'],
    ['handle: handler', wrong(() => client.handle('x', 5 as never)), 'TypeError', 'handles x'],
    [
      'handle: a type without a schema',
      wrong(() => served.handle('other' as 'get', fn)),
      'HF_BAD_TYPE',
      'other',
    ],
    ['handle: twice', wrong(() => served.handle('get', fn)), 'HF_BAD_TYPE', 'get'],
    ['binary: -1', wrong(() => client.binary(-1)), 'HF_BAD_TYPE', '-1'],
    ['binary: 1.5', wrong(() => client.binary(1.5)), 'HF_BAD_TYPE', '1.5'],
    ['binary: a text', wrong(() => client.binary('7' as never)), 'HF_BAD_TYPE', '7'],
    ['binary: reserved', wrong(() => client.binary(0xffffff00)), 'HF_BAD_TYPE', '4294967040'],
    ['binary: too large', wrong(() => client.binary(2 ** 32)), 'HF_BAD_TYPE', '4294967296'],
    ['binary: codec', wrong(() => client.binary(1, { encode: fn } as never)), 'TypeError', 'decode'],
    ['binary.send: a text', wrong(() => bytes.send('text' as never)), 'TypeError', 'String'],
    ['binary.send: nothing', wrong(() => bytes.send(undefined as never)), 'TypeError', 'Undefined'],
    ['binary.on: handler', wrong(() => bytes.on(5 as never)), 'TypeError', 'handler of 1'],
    ['poll: text', wrong(() => client.poll('x' as never)), 'TypeError', 'max'],
    ['poll: NaN', wrong(() => client.poll(NaN)), 'RangeError', 'max'],
    ['poll: -1', wrong(() => client.poll(-1)), 'RangeError', 'max'],
    ['subscribe', wrong(() => client.subscribe(5 as never)), 'TypeError', 'function'],
    ['room.subscribe', wrong(() => room.subscribe(5 as never)), 'TypeError', 'function'],
    ['close: code', wrong(() => client.close(5)), 'InvalidAccessError', '5'],
    ['stream: an option', wrong(() => client.stream('x', 1, { buffer: 5 as never })), 'TypeError', 'buffer'],
  ])('%s', (_title, call, kind, text) => {
    let thrown: unknown
    try {
      call()
    } catch (error) {
      thrown = error
    }
    const { code, name, message } = thrown as { code: unknown; name: string; message: string }
    expect(kind).toBe(String(code).startsWith('HF_') ? code : name)
    expect(message).toContain(text)
  })

  test.each<[string, () => Promise<unknown>, string, string]>([
    ['request: nothing', () => client.request(''), 'HF_BAD_TYPE', 'type'],
    ['request: a number', () => client.request(5 as never), 'HF_BAD_TYPE', 'number'],
    ['request: reserved', () => client.request('$x'), 'HF_BAD_TYPE', '$x'],
    [
      'request: a type without a schema',
      () => served.request('other' as never, undefined as never),
      'HF_BAD_TYPE',
      'other',
    ],
    ['request: what JSON cannot say', () => client.request('x', 5n), 'HF_INVALID', 'bigint'],
    ['request: an option', () => client.request('x', 1, { timeout: 5 } as never), 'TypeError', 'timeout'],
    ['request: timeoutMs', () => client.request('x', 1, { timeoutMs: -1 }), 'RangeError', 'timeoutMs'],
    ['request: retry', () => client.request('x', 1, { retry: '3' as never }), 'TypeError', 'retry'],
    [
      'stream: a type without a schema',
      () => served.stream('other' as never, undefined as never).next(),
      'HF_BAD_TYPE',
      'other',
    ],
    ['stream: retry', () => client.stream('x', 1, { retry: 3 } as never).next(), 'TypeError', 'retry'],
    ['once: type', () => client.once(5 as never), 'HF_BAD_TYPE', '5'],
    ['once: timeoutMs', () => client.once('x', { timeoutMs: 'x' as never }), 'TypeError', 'timeoutMs'],
    ['once: NaN', () => client.once('x', { timeoutMs: NaN }), 'RangeError', 'timeoutMs'],
    ['once: an option', () => client.once('x', { timeout: 5 } as never), 'TypeError', 'timeout'],
  ])('%s, as a rejection', async (_title, call, kind, text) => {
    const error = await call().catch((reason: unknown) => reason)
    const { code, name, message } = error as { code: unknown; name: string; message: string }
    expect(kind).toBe(String(code).startsWith('HF_') ? code : name)
    expect(message).toContain(text)
  })
})
