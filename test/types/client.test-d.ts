import {
  type BinaryChannel,
  type Client,
  createClient,
  type Message,
  type MessageStream,
  type Receipt,
  type Room,
  type StandardSchema,
} from 'holdfast'
import * as v from 'valibot'
import * as z from 'zod'
import * as m from 'zod/mini'
import type { Equal } from './equal.ts'

declare const byHand: StandardSchema<string, Date>

const client = createClient({
  url: 'wss://example.com/live',
  messages: {
    'chat.message': z.object({ from: z.string(), text: z.string() }),
    age: z.string().transform(Number),
    mini: m.object({ n: m.number() }),
    val: v.object({ n: v.number() }),
    date: byHand,
    nothing: z.undefined(),
  },
  requests: {
    'user.get': { input: z.object({ id: z.number() }), output: z.object({ name: z.string() }) },
    'time.get': { output: z.string().transform(Number) },
    'log.add': { input: z.string() },
  },
  serves: {
    'client.version': { input: z.object({ of: z.string() }), output: z.string() },
    'client.ping': {},
  },
})

// ── Handlers get what the schemas make of payloads ──

client.on('chat.message', ({ payload, room, type: name }) => {
  true satisfies Equal<typeof payload, { from: string; text: string }>
  true satisfies Equal<typeof room, string | undefined>
  true satisfies Equal<typeof name, 'chat.message'>
})
client.on('age', ({ payload }) => true satisfies Equal<typeof payload, number>)
client.on('mini', ({ payload }) => true satisfies Equal<typeof payload, { n: number }>)
client.on('val', ({ payload }) => true satisfies Equal<typeof payload, { n: number }>)
client.on('date', ({ payload }) => true satisfies Equal<typeof payload, Date>)
const undo: () => void = client.on('age', () => {}, {
  once: true,
  room: 'a',
  signal: new AbortController().signal,
})
undo()

const lobby = client.room('lobby', { params: { since: 5 } })
lobby.on('age', ({ payload }) => true satisfies Equal<typeof payload, number>)
true satisfies Equal<ReturnType<typeof lobby.send>, Receipt>

async function loops() {
  for await (const message of client.messages('age', { buffer: { maxCount: 5 } })) {
    true satisfies Equal<typeof message, Message<number, 'age'>>
  }
  for await (const { payload } of lobby.messages('chat.message')) payload.text satisfies string
  const next = await client.once('date', { timeoutMs: 5, room: 'a' })
  true satisfies Equal<typeof next.payload, Date>
}

// @ts-expect-error: there is no such type of message
client.on('chat.mesage', () => {})
// @ts-expect-error: there is no such type of message
lobby.on('chat.mesage', () => {})
// @ts-expect-error: there is no such type of message
client.messages('chat.mesage')
// @ts-expect-error: there is no such type of message
void client.once('chat.mesage')
// @ts-expect-error: there is no such option
client.on('age', () => {}, { onec: true })
// @ts-expect-error: a room hears its own messages
lobby.on('age', () => {}, { room: 'b' })
// @ts-expect-error: the payload is no text
client.on('age', ({ payload }: { payload: string }) => payload)

// ── Sends take what the schemas take ──

client.send('chat.message', { from: 'me', text: 'hi' }, { room: 'lobby', ttlMs: 5, conflate: true })
client.send('age', '7')
client.send('date', 'tomorrow')
client.send('nothing')
lobby.send('chat.message', { from: 'me', text: 'hi' }, { volatile: true })
lobby.broadcast({ any: 'thing' })

// @ts-expect-error: there is no such type of message
client.send('chat.mesage', {})
// @ts-expect-error: a field is missing
client.send('chat.message', { from: 'me' })
// @ts-expect-error: what is sent is what the schema takes, not what it makes of it
client.send('age', 7)
// @ts-expect-error: a payload of the wrong type
lobby.send('chat.message', 'hi')
// @ts-expect-error: a room sends to itself
lobby.send('nothing', undefined, { room: 'b' })

// ── Requests ──

async function requests() {
  true satisfies Equal<Awaited<ReturnType<typeof ask>>, { name: string }>
  const ask = () => client.request('user.get', { id: 7 }, { timeoutMs: 5_000, retry: 2, idempotent: true })
  true satisfies Equal<typeof time, number>
  const time = await client.request('time.get')
  true satisfies Equal<typeof logged, unknown>
  const logged = await client.request('log.add', 'line')
  const names = client.stream('user.get', { id: 7 }, { buffer: { overflow: 'drop-oldest' } })
  true satisfies Equal<typeof names, MessageStream<{ name: string }>>

  // @ts-expect-error: there is no such request
  await client.request('user.gte', { id: 7 })
  // @ts-expect-error: an id is a number
  await client.request('user.get', { id: '7' })
  // @ts-expect-error: a message is no request
  await client.request('age', '7')
  // @ts-expect-error: there is no such request
  client.stream('user.gte')
  // @ts-expect-error: a stream is not asked for twice
  client.stream('user.get', { id: 7 }, { retry: 2 })
}

// ── Answers ──

client.handle('client.version', (input, { signal, room }) => {
  true satisfies Equal<typeof input, { of: string }>
  true satisfies Equal<typeof signal, AbortSignal>
  true satisfies Equal<typeof room, string | undefined>
  return '1.0'
})
client.handle('client.version', async () => '1.0')
client.handle('client.version', async function* () {
  yield '1.0'
})
client.handle('client.ping', () => ({ any: 'thing' }))
// @ts-expect-error: the server cannot ask that
client.handle('client.vresion', () => '1.0')
// @ts-expect-error: a version is a text
client.handle('client.version', () => 1)
// @ts-expect-error: a version is a text
client.handle('client.version', async function* () {
  yield 1
})

// ── What is sent may differ from what is received ──

const lopsided = createClient({
  url: 'wss://example.com',
  messages: { in: z.string() },
  sends: { out: z.number() },
})
lopsided.on('in', ({ payload }) => true satisfies Equal<typeof payload, string>)
lopsided.send('out', 5)
// @ts-expect-error: that is received, not sent
lopsided.send('in', 'x')
// @ts-expect-error: that is sent, not received
lopsided.on('out', () => {})
// Without a map of requests any may be made, and nobody knows what comes back.
void lopsided.request('anything', 5).then((reply) => true satisfies Equal<typeof reply, unknown>)

// ── Without maps nothing is known ──

const plain = createClient({ url: () => 'wss://example.com' })
plain.on('anything', ({ payload }) => true satisfies Equal<typeof payload, unknown>)
plain.room('a').on('anything', ({ payload }) => true satisfies Equal<typeof payload, unknown>)
plain.send('anything', { of: ['any', 'kind'] })
plain.handle('anything', (input) => {
  true satisfies Equal<typeof input, unknown>
})
// @ts-expect-error: nobody has checked it
plain.on('anything', ({ payload }) => payload.text)
// @ts-expect-error: a type is a text
plain.on(5, () => {})

// ── Binary channels ──

true satisfies Equal<typeof numbers, BinaryChannel<number, bigint>>
const numbers = client.binary(7, {
  encode: (value: number) => new Uint8Array([value]),
  decode: (bytes) => BigInt(bytes.length),
})
numbers.send(5)
numbers.on((value) => true satisfies Equal<typeof value, bigint>)
// @ts-expect-error: a number is sent
numbers.send('5')
// @ts-expect-error: an encoder makes bytes
client.binary(7, { encode: (value: number) => value, decode: () => 5 })
const raw = client.binary(8)
raw.send(new DataView(new ArrayBuffer(5)))
raw.send(new Blob(['x']))
raw.on((bytes) => true satisfies Equal<typeof bytes, Uint8Array>)
// @ts-expect-error: a text is no bytes
raw.send('text')

// ── Events and options ──

client.events.on('invalid', ({ paths, message }) => {
  true satisfies Equal<typeof paths, readonly string[]>
  true satisfies Equal<typeof message.payload, unknown>
})
// @ts-expect-error: there is no such event
client.events.on('mesage', () => {})
// @ts-expect-error: an address is needed
createClient({})
// @ts-expect-error: there is no such mode
createClient({ url: 'wss://example.com', delivery: 'later' })
// @ts-expect-error: that is no schema
createClient({ url: 'wss://example.com', messages: { chat: { text: 'string' } } })
// @ts-expect-error: a request has an input and an output
createClient({ url: 'wss://example.com', requests: { get: z.string() } })

// A typed client goes where its maps are known, and its methods where a framework calls them bare.
function takesAny(of: Pick<Client, 'status' | 'getSnapshot' | 'subscribe' | 'close'>) {
  const { getSnapshot, subscribe } = of
  return subscribe(() => getSnapshot().rooms.get('lobby'))
}
takesAny(client)
const rooms: Room<{ messages: { n: typeof byHand } }>[] = []
rooms[0]?.on('n', ({ payload }) => payload.getTime())
void [loops, requests]

// ── A payload may be left out only where there need not be one ──

client.send('nothing')
client.request('time.get')
// @ts-expect-error the schema wants a payload
client.send('chat.message')
// @ts-expect-error the schema wants an input
client.request('user.get')
// @ts-expect-error the schema wants a payload
client.room('lobby').send('chat.message')
