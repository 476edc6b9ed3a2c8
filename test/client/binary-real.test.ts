import { createClient, envelopeDialect } from 'holdfast'
import { afterEach, expect, test, vi } from 'vitest'
import { type ServerOptions, WebSocketServer } from 'ws'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A server that sends back each binary message, and keeps a copy of what came. */
async function echo(options: Partial<ServerOptions> = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  const got: Buffer[] = []
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      got.push(Buffer.from(data as Buffer))
      socket.send(data, { binary: isBinary })
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  ends.push(() => {
    for (const socket of server.clients) socket.terminate()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: `ws://127.0.0.1:${(server.address() as { port: number }).port}/`, got }
}

test.each([
  ['plain', {}, {}],
  [
    'with compression, which reads buffers later',
    { perMessageDeflate: { threshold: 0 } },
    { perMessageDeflate: { threshold: 0 } },
  ],
])(
  'frames of every kind come back as they went, in order, over a real server: %s',
  async (_title, serverOptions, clientOptions) => {
    const { url, got } = await echo(serverOptions)
    const client = createClient({ url, webSocketOptions: clientOptions })
    ends.push(() => client[Symbol.asyncDispose]())
    const heard: string[] = []
    for (const type of [0, 7, 0xfffffeff]) {
      client.binary(type).on((bytes) => heard.push(`${type} ${Buffer.from(bytes).toString('latin1')}`))
    }
    const sent: string[] = []
    const send = (type: number, value: Uint8Array | ArrayBuffer | DataView | Blob, text: string) => {
      client.binary(type).send(value)
      sent.push(`${type} ${text}`)
    }
    const scratch = new Uint8Array(8)
    const round = (name: string) => {
      for (let n = 0; n < 20; n++) {
        // The same memory again and again: what goes out must be what was in it then.
        scratch.fill(97 + n)
        send(7, scratch, String.fromCharCode(97 + n).repeat(8))
      }
      send(0, new Uint8Array(), '')
      send(0xfffffeff, Buffer.from(`${name} buffer`), `${name} buffer`)
      send(
        7,
        new DataView(new TextEncoder().encode(`-${name} view-`).buffer, 1, name.length + 5),
        `${name} view`,
      )
      send(7, new TextEncoder().encode(`${name} whole`).buffer as ArrayBuffer, `${name} whole`)
      send(7, new Blob([`${name} `, 'blob']), `${name} blob`)
      send(7, Buffer.from(`${name} after the blob`), `${name} after the blob`)
    }
    round('queued')
    await vi.waitFor(() => expect(heard).toHaveLength(sent.length), 5_000)
    round('live')
    await vi.waitFor(() => expect(heard).toHaveLength(sent.length), 5_000)
    expect(heard).toEqual(sent)
    expect(got[0]?.subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 7]))
  },
)

test('a server on .NET reads the type as its BitConverter writes it', async () => {
  const { url, got } = await echo()
  const client = createClient({ url, dialect: envelopeDialect({ littleEndian: true }) })
  ends.push(() => client[Symbol.asyncDispose]())
  const heard = vi.fn()
  client.binary(0x01020304).on(heard)
  client.binary(0x01020304).send(new Uint8Array([9]))
  await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce())
  expect(got).toEqual([Buffer.from([4, 3, 2, 1, 9])])
})
