/**
 * The server of all contenders that speak plain WebSocket. It does as little as it can for a message, so that the
 * client is what limits the rate: frames are counted unread, and what it sends is made beforehand.
 *
 *   /sink?every=N           answers each N messages with one
 *   /source?every=N&size=S  answers each message with N of S bytes
 *   /echo                   sends back what comes
 *   /take?every=N           answers each N messages with an envelope of type `ack`
 *   /give?every=N           answers each message with N envelopes of type `chat`
 */
import { chatPayloads } from '../lib/chat-message.mjs'
import { serve } from '../lib/worker.mjs'
import { CLOSE, FrameReader, PING, PONG, serverFrame, TEXT, unmask, upgradeResponse } from './frames.mjs'
import { listen } from './listen.mjs'

/**
 * @typedef {(bytes: Buffer, maskAt: number, end: number) => Buffer | undefined} Answer
 * @type {Record<string, (query: URLSearchParams) => Answer>}
 */
const behaviours = {
  '/sink'(query) {
    const every = Number(query.get('every'))
    const ack = serverFrame(TEXT, 'ack')
    let count = 0
    return () => (++count % every === 0 ? ack : undefined)
  },
  '/source'(query) {
    const message = serverFrame(TEXT, 'x'.repeat(Number(query.get('size'))))
    const block = Buffer.concat(Array.from({ length: Number(query.get('every')) }, () => message))
    return () => block
  },
  '/take'(query) {
    const every = Number(query.get('every'))
    const ack = serverFrame(TEXT, '{"type":"ack","payload":{}}')
    let count = 0
    return () => (++count % every === 0 ? ack : undefined)
  },
  '/give'(query) {
    const texts = chatPayloads().map((payload) => JSON.stringify({ type: 'chat', payload }))
    const frames = Array.from({ length: Number(query.get('every')) }, (_, index) =>
      serverFrame(TEXT, texts[index % texts.length] ?? ''),
    )
    const block = Buffer.concat(frames)
    return () => block
  },
  '/echo'() {
    return (bytes, maskAt, end) => serverFrame(TEXT, unmask(bytes, maskAt, end))
  },
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:stream').Duplex} stream */
function upgrade(request, stream) {
  const { pathname, searchParams } = new URL(request.url ?? '', 'ws://bench')
  const answer = behaviours[pathname]?.(searchParams)
  if (!answer) {
    stream.destroy()
    return
  }
  const reader = new FrameReader((opcode, bytes, maskAt, end) => {
    if (opcode === PING) stream.write(serverFrame(PONG, unmask(bytes, maskAt, end)))
    else if (opcode === CLOSE) stream.end(serverFrame(CLOSE, unmask(bytes, maskAt, end)))
    else if (opcode === TEXT) {
      const frames = answer(bytes, maskAt, end)
      if (frames) stream.write(frames)
    }
  })
  stream.on('data', (/** @type {Buffer} */ chunk) => reader.push(chunk))
  stream.on('error', () => stream.destroy())
  stream.write(upgradeResponse(String(request.headers['sec-websocket-key'])))
}

serve({
  listen: (certificate) => listen(certificate, (server) => server.on('upgrade', upgrade)),
})
