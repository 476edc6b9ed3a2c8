import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createRecorded, openRecorded, until } from '../contract/support/sockets.ts'
import { createBench, createFaultBench, numbered } from './support/bench.ts'

const testTimeoutMs = 10_000

function filled(length: number, value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(value)
}

/** Bytes that tell where they stand, and compress badly. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 24)
}

const bytesOf = (data: unknown): number[] => Array.from(new Uint8Array(data as ArrayBuffer))

describe('a buffer that is changed right after send', () => {
  it.each(['/echo', '/deflate'])(
    'arrives as it was, on %s',
    async (path) => {
      const bench = await createBench()
      const { socket, told } = await openRecorded(bench.url(path), { binaryType: 'arraybuffer' })
      expect(socket.extensions.includes('permessage-deflate')).toBe(path === '/deflate')
      const buffer = filled(2_000, 0)
      for (let value = 1; value <= 50; value++) {
        buffer.fill(value)
        socket.send(value % 2 ? buffer : buffer.buffer)
        buffer.fill(255)
      }
      await told.nth('message', 50)
      expect(told.of('message').map(({ data }) => new Set(bytesOf(data)))).toEqual(
        Array.from({ length: 50 }, (_, index) => new Set([index + 1])),
      )
      expect((await told.nth('message')).data).toHaveProperty('byteLength', 2_000)
    },
    testTimeoutMs,
  )

  it.each(['/echo', '/deflate'])(
    'arrives as it was, in order, behind blobs, on %s',
    async (path) => {
      const bench = await createBench()
      const { socket, told } = await openRecorded(bench.url(path), { binaryType: 'arraybuffer' })
      const buffer = filled(300, 0)
      for (let value = 1; value <= 20; value++) {
        socket.send(new Blob([filled(300, 100 + value)]))
        buffer.fill(value)
        socket.send(new DataView(buffer.buffer))
        buffer.fill(255)
      }
      await told.nth('message', 40)
      expect(told.of('message').map(({ data }) => bytesOf(data)[299])).toEqual(
        Array.from({ length: 20 }, (_, index) => [101 + index, 1 + index]).flat(),
      )
    },
    testTimeoutMs,
  )

  it(
    'arrives as it was when it waited in the queue',
    async () => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/echo'), { binaryType: 'arraybuffer' })
      const buffer = filled(4, 7)
      socket.send(buffer)
      buffer.fill(255)
      expect(bytesOf((await told.nth('message')).data)).toEqual([7, 7, 7, 7])
    },
    testTimeoutMs,
  )
})

describe('every kind of data', () => {
  const whole = Uint8Array.from({ length: 32 }, (_, index) => index)
  const kinds: readonly (readonly [
    name: string,
    data: () => ArrayBuffer | ArrayBufferView | Blob,
    number[],
  ])[] = [
    ['ArrayBuffer', () => whole.slice(0, 3).buffer, [0, 1, 2]],
    ['Uint8Array with an offset', () => whole.subarray(5, 8), [5, 6, 7]],
    ['Uint16Array with an offset', () => new Uint16Array(whole.buffer, 4, 2), [4, 5, 6, 7]],
    [
      'Float64Array with an offset',
      () => new Float64Array(whole.buffer, 8, 1),
      [8, 9, 10, 11, 12, 13, 14, 15],
    ],
    ['DataView with an offset', () => new DataView(whole.buffer, 30, 2), [30, 31]],
    ['Buffer with an offset', () => Buffer.from(whole.buffer, 1, 2), [1, 2]],
    ['empty Uint8Array', () => whole.subarray(3, 3), []],
    ['Blob', () => new Blob([whole.subarray(0, 2), 'A']), [0, 1, 65]],
    ['slice of a Blob', () => new Blob([whole]).slice(10, 12), [10, 11]],
    ['empty Blob', () => new Blob([]), []],
  ]

  it.each(kinds)(
    '%s, queued and open, over both paths',
    async (_name, data, bytes) => {
      const bench = await createBench()
      for (const path of ['/echo', '/deflate']) {
        const { socket, told } = createRecorded(bench.url(path), { binaryType: 'arraybuffer' })
        socket.send(data() as Blob)
        await told.nth('open')
        socket.send(data() as Blob)
        await told.nth('message', 2)
        expect(told.of('message').map((event) => bytesOf(event.data))).toEqual([bytes, bytes])
      }
    },
    testTimeoutMs,
  )

  it(
    'text of all planes, and lone surrogates as U+FFFD',
    async () => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/deflate'))
      const texts = ['', 'grüße', '日本語', '👩‍🚀', 'a\0b', '\ufeffbom', 'x'.repeat(70_000)]
      for (const text of texts) socket.send(text)
      socket.send('lone \ud800!')
      await told.nth('message', texts.length + 1)
      expect(told.of('message').map(({ data }) => data)).toEqual([...texts, 'lone \ufffd!'])
    },
    testTimeoutMs,
  )

  it(
    'arrives as the binaryType of the moment says',
    async () => {
      const bench = await createBench()
      const { socket, told } = await openRecorded(bench.url('/echo'))
      socket.send(filled(3, 9))
      const blob = (await told.nth('message')).data as Blob
      expect(blob).toBeInstanceOf(Blob)
      expect(bytesOf(await blob.arrayBuffer())).toEqual([9, 9, 9])
      socket.binaryType = 'arraybuffer'
      socket.send(filled(3, 8))
      const { data } = await told.nth('message', 2)
      expect(data).toBeInstanceOf(ArrayBuffer)
      // Its own: not a piece of a pool that holds what others wrote.
      expect((data as ArrayBuffer).byteLength).toBe(3)
      socket.send('text')
      expect(await told.nth('message', 3)).toMatchObject({ data: 'text' })
    },
    testTimeoutMs,
  )
})

describe('many and large messages', () => {
  it(
    '20,000 queued messages arrive complete and in order',
    async () => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url('/sink'), { queue: { maxCount: 20_000 } })
      const sent = numbered('m', 20_000)
      for (const text of sent) socket.send(text)
      expect(socket.queued.count).toBe(20_000)
      await told.nth('drain')
      await until(() => bench.texts().length === sent.length)
      expect(bench.texts()).toEqual(sent)
      expect(socket.queued).toEqual({ count: 0, bytes: 0 })
    },
    testTimeoutMs,
  )

  it.each(['/echo', '/deflate'])(
    'many sends in one tick arrive complete and in order, on %s',
    async (path) => {
      const bench = await createBench()
      const { socket, told } = await openRecorded(bench.url(path))
      const sent: string[] = []
      for (let tick = 0; tick < 20; tick++) {
        for (const text of numbered('m', 200, sent.length)) {
          sent.push(text)
          socket.send(text)
        }
        await (tick % 2 ? Promise.resolve() : new Promise(setImmediate))
      }
      await told.nth('message', sent.length)
      expect(told.of('message').map(({ data }) => data)).toEqual(sent)
      expect(bench.texts()).toEqual(sent)
    },
    testTimeoutMs,
  )

  it(
    'close() in the tick of the sends comes behind all of them',
    async () => {
      const bench = await createBench()
      const { socket, told } = await openRecorded(bench.url('/sink'))
      const sent = numbered('m', 3_000)
      for (const text of sent) socket.send(text)
      socket.close(4000, 'done')
      expect(await told.nth('close')).toMatchObject({
        code: 4000,
        reason: 'done',
        wasClean: true,
        cause: { kind: 'user' },
      })
      expect(bench.texts()).toEqual(sent)
      await until(() => bench.case.connections[0]?.closeCode === 4000)
      expect(told.of('indoubt')).toEqual([])
      expect(told.of('drop')).toEqual([])
    },
    testTimeoutMs,
  )

  it.each(['/echo', '/deflate'])(
    '5 MB come back whole, on %s',
    async (path) => {
      const bench = await createBench()
      const { socket, told } = createRecorded(bench.url(path), { binaryType: 'arraybuffer' })
      const sent = pattern(5_000_000)
      socket.send(sent)
      const { data } = await told.nth('message')
      expect(Buffer.compare(Buffer.from(data as ArrayBuffer), sent)).toBe(0)
      expect(told.of('close')).toEqual([])
    },
    testTimeoutMs,
  )

  it(
    'hands over little more than the high-water mark, and all of it arrives',
    async () => {
      const bench = await createFaultBench()
      const natives: WebSocket[] = []
      class Watched extends WebSocket {
        constructor(...args: ConstructorParameters<typeof WebSocket>) {
          super(...args)
          natives.push(this)
        }
      }
      const highWaterMarkBytes = 100_000
      const sizeBytes = 10_000
      const { socket, told } = await openRecorded(bench.url('/sink'), {
        WebSocket: Watched as never,
        highWaterMarkBytes,
        heartbeat: false,
      })
      await bench.proxy.setFault({ kind: 'stall' })
      const count = 1_500
      let most = 0
      const look = (): void => {
        most = Math.max(most, natives[0]?.bufferedAmount ?? 0)
      }
      for (let index = 0; index < count; index++) {
        socket.send(filled(sizeBytes, index % 256))
        look()
      }
      expect(socket.bufferedAmount).toBeGreaterThan(10_000_000)
      const { count: held } = socket.queued
      expect(held).toBeGreaterThan(0)
      const timer = setInterval(look, 1)
      await bench.proxy.setFault({ kind: 'pass' })
      await socket.drained()
      clearInterval(timer)
      expect(socket.bufferedAmount).toBe(0)
      await until(() => bench.case.messages.length === count)
      expect(most).toBeGreaterThan(0)
      // One message that was begun below the mark, and the frame headers.
      expect(most).toBeLessThanOrEqual(highWaterMarkBytes + sizeBytes + 1_000)
      const firsts = bench.case.messages.map(({ base64 }) => Buffer.from(base64 ?? '', 'base64')[0])
      expect(firsts).toEqual(Array.from({ length: count }, (_, index) => index % 256))
      expect(told.of('close')).toEqual([])
    },
    testTimeoutMs,
  )
})
