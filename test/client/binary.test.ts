import { envelopeDialect } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { fakeClient } from './support/fake-client.ts'

async function open(options?: Parameters<typeof fakeClient>[0], platform?: Parameters<typeof fakeClient>[1]) {
  const fake = fakeClient(options, platform)
  await fake.connect()
  const receive = (...bytes: number[]) => fake.link.receive(new Uint8Array(bytes).buffer)
  return { client: fake.client, fake, receive, events: fake.events }
}

const bytesOf = (data: unknown) => [...(data as Uint8Array)]

/** A codec of one number in a byte. It refuses what does not fit into one. */
const byteCodec = {
  encode(value: number) {
    if (value > 255) throw new RangeError(`${value} is no byte`)
    return new Uint8Array([value])
  },
  decode(bytes: Uint8Array) {
    if (bytes.length !== 1) throw new RangeError('One byte, please')
    return bytes[0] as number
  },
}

describe('a binary channel', () => {
  const of = (length: number) => Uint8Array.from({ length }, (_, n) => n + 1)
  const three = [1, 2, 3]
  test.each<[string, () => unknown, number[]]>([
    ['a Uint8Array', () => of(3), three],
    ['a view with an offset', () => of(9).subarray(0, 3), three],
    ['a view in the middle', () => of(9).subarray(4, 6), [5, 6]],
    ['an ArrayBuffer', () => of(3).buffer, three],
    [
      'a SharedArrayBuffer',
      () => {
        const shared = new Uint8Array(new SharedArrayBuffer(3))
        shared.set(three)
        return shared.buffer
      },
      three,
    ],
    ['a DataView with an offset', () => new DataView(of(9).buffer, 2, 2), [3, 4]],
    ['a typed array of wide elements', () => new Uint16Array(of(8).buffer, 2, 2), [3, 4, 5, 6]],
    ['a Buffer', () => Buffer.from(three), three],
    ['nothing but a header', () => new Uint8Array(), []],
  ])('sends its type, highest byte first, then the bytes of %s', async (_title, make, bytes) => {
    const { client, fake } = await open()
    client.binary(0x01020304).send(make() as Uint8Array)
    expect(fake.link.sent.map(bytesOf)).toEqual([[1, 2, 3, 4, ...bytes]])
  })

  test('sends a Blob as one message with its header', async () => {
    const { client, fake } = await open()
    const receipt = client.binary(7).send(new Blob(['abc']))
    const [blob] = fake.link.sent as Blob[]
    expect([...new Uint8Array(await (blob as Blob).arrayBuffer())]).toEqual([0, 0, 0, 7, 97, 98, 99])
    expect(receipt.status).toBe('written')
  })

  test('reads and writes the lowest byte first, where the dialect says so', async () => {
    const { client, fake, receive } = await open({ dialect: envelopeDialect({ littleEndian: true }) })
    const heard = vi.fn()
    client.binary(7).on((bytes) => heard([...bytes]))
    client.binary(7).send(new Uint8Array([1]))
    receive(7, 0, 0, 0, 2)
    expect(fake.link.sent.map(bytesOf)).toEqual([[7, 0, 0, 0, 1]])
    expect(heard).toHaveBeenCalledExactlyOnceWith([2])
  })

  test('hears the messages of its type alone: all types up to the reserved ones', async () => {
    const { client, receive } = await open()
    const heard: string[] = []
    for (const type of [0, 7, 0x80000000, 0xfffffeff])
      client.binary(type).on(() => heard.push(type.toString(16)))
    receive(0, 0, 0, 0)
    receive(0, 0, 0, 7)
    receive(128, 0, 0, 0)
    receive(255, 255, 254, 255)
    expect(heard).toEqual(['0', '7', '80000000', 'fffffeff'])
  })

  test('has nothing to do with messages of text: neither hears the other', async () => {
    const { client, fake, receive } = await open()
    const text = vi.fn()
    const bytes = vi.fn()
    client.on('7', text)
    client.binary(7).on(bytes)
    receive(0, 0, 0, 7)
    fake.link.receive({ type: '7' })
    expect([text.mock.calls.length, bytes.mock.calls.length]).toEqual([1, 1])
  })

  test('what its buffer holds after send is of no matter: the bytes at the time of the call go out', async () => {
    const fake = fakeClient({}, { copies: true })
    const bytes = new Uint8Array([1, 2])
    fake.client.binary(7).send(bytes)
    bytes.fill(9)
    await fake.connect()
    const live = new Uint8Array([3, 4])
    fake.client.binary(7).send(live)
    live.fill(9)
    expect(fake.link.sent.map(bytesOf)).toEqual([
      [0, 0, 0, 7, 1, 2],
      [0, 0, 0, 7, 3, 4],
    ])
  })

  test('may have listeners with once and a signal, and loops', async () => {
    const { client, receive } = await open()
    const channel = client.binary(7, byteCodec)
    const once: number[] = []
    const until: number[] = []
    const abort = new AbortController()
    channel.on((n) => once.push(n), { once: true })
    channel.on((n) => until.push(n), { signal: abort.signal })
    const loop = channel.messages()
    for (const n of [1, 2]) receive(0, 0, 0, 7, n)
    abort.abort()
    receive(0, 0, 0, 7, 3)
    expect([once, until]).toEqual([[1], [1, 2]])
    expect([(await loop.next()).value, (await loop.next()).value]).toEqual([1, 2])
  })
})

describe('a codec', () => {
  test('is used both ways', async () => {
    const { client, fake, receive } = await open()
    const channel = client.binary(7, byteCodec)
    const heard: number[] = []
    channel.on((n) => heard.push(n))
    channel.send(5)
    receive(0, 0, 0, 7, 6)
    expect(fake.link.sent.map(bytesOf)).toEqual([[0, 0, 0, 7, 5]])
    expect(heard).toEqual([6])
  })

  test('that cannot encode throws at send, and nothing is sent', async () => {
    const { client, fake } = await open()
    expect(() => client.binary(7, byteCodec).send(256)).toThrow('256 is no byte')
    const bad = { encode: () => 'text' as never, decode: byteCodec.decode }
    expect(() => client.binary(7, bad).send(1)).toThrow(TypeError)
    expect(fake.link.sent).toEqual([])
  })

  test('that cannot decode is told as malformed with HF_BAD_FRAME, the cause and the bytes; others go on', async () => {
    const { client, events, receive, fake } = await open()
    const heard: number[] = []
    const plain = vi.fn()
    client.binary(7, byteCodec).on((n) => heard.push(n))
    client.binary(7).on(plain)
    for (const rest of [[1, 2], [3]]) receive(0, 0, 0, 7, ...rest)
    expect(heard).toEqual([3])
    expect(plain).toHaveBeenCalledTimes(2)
    expect(events('malformed')).toEqual([
      {
        data: new Uint8Array([1, 2]),
        error: expect.objectContaining({ code: 'HF_BAD_FRAME', cause: expect.any(RangeError) }),
      },
    ])
    expect(fake.reported).toEqual([])
  })

  test('that cannot decode one does not use up a listener that waits for one', async () => {
    const { client, receive } = await open()
    const heard: number[] = []
    client.binary(7, byteCodec).on((n) => heard.push(n), { once: true })
    for (const rest of [[1, 2], [3], [4]]) receive(0, 0, 0, 7, ...rest)
    expect(heard).toEqual([3])
  })
})

describe('bytes that nobody asked for', () => {
  test('of a type that nobody listens to are told as unknownframe', async () => {
    const { client, events, receive } = await open()
    const undo = client.binary(7).on(() => {})
    receive(0, 0, 0, 8, 1)
    undo()
    receive(0, 0, 0, 7, 2)
    expect(events('unknownframe')).toEqual([
      { type: 8, payload: new Uint8Array([1]) },
      { type: 7, payload: new Uint8Array([2]) },
    ])
  })

  test.each([[[]], [[1]], [[1, 2]], [[1, 2, 3]]])(
    '%j is too short for a type: malformed, and nothing else',
    async (bytes) => {
      const { events, receive, fake } = await open()
      receive(...bytes)
      expect(fake.told).toHaveLength(1)
      expect(events('malformed')).toEqual([
        { data: new Uint8Array(bytes), error: expect.objectContaining({ code: 'HF_BAD_FRAME' }) },
      ])
      expect(fake.client.status).toBe('open')
    },
  )

  test.each([0x00, 0x01, 0x02, 0x03, 0x7f, 0xff])(
    'of the reserved type 0xffffff00 + %d that make no sense are malformed, whoever listens',
    async (last) => {
      const { events, receive, fake } = await open()
      receive(255, 255, 255, last, 1, 2)
      expect(fake.told).toHaveLength(1)
      expect(events('malformed')).toHaveLength(1)
    },
  )
})
