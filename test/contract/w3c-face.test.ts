import { ReconnectingWebSocket, type SocketData } from 'holdfast'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { emptyClose, engine } from './support/engine.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, createSocket, macrotask, openRecorded, record, until } from './support/sockets.ts'

const control = providedControl()
const idle = { autoConnect: false } as const
const nowhere = 'ws://127.0.0.1:9/'

/** The name of the DOMException, or of the error, that a call throws. */
function nameOfThrown(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as Error).name
  }
}

describe('constants and attributes', () => {
  test('the constants stand on the class and on its sockets, and cannot be written', () => {
    const socket = createSocket(nowhere, idle)
    for (const holder of [ReconnectingWebSocket, socket]) {
      expect([holder.CONNECTING, holder.OPEN, holder.CLOSING, holder.CLOSED]).toEqual([0, 1, 2, 3])
    }
    expect(() => Object.assign(socket, { OPEN: 7 })).toThrow(TypeError)
    expect(socket.OPEN).toBe(1)
  })

  test('it calls itself a WebSocket', () => {
    expect(Object.prototype.toString.call(createSocket(nowhere, idle))).toBe('[object WebSocket]')
  })

  test('handlers are null, binaryType is blob, protocol and extensions are empty at first', () => {
    const socket = createSocket(nowhere, idle)
    expect([socket.onopen, socket.onmessage, socket.onerror, socket.onclose]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect([socket.binaryType, socket.protocol, socket.extensions]).toEqual(['blob', '', ''])
    expect(socket.bufferedAmount).toBe(0)
  })

  test('url is the address as the standard serialises it', () => {
    const urlOf = (url: string | URL) => createSocket(url, idle).url
    expect(urlOf('WS://Example.COM:80')).toBe('ws://example.com/')
    expect(urlOf('https://example.com/a b?c')).toBe('wss://example.com/a%20b?c')
    expect(urlOf(new URL('http://example.com/x'))).toBe('ws://example.com/x')
  })

  test('readyState runs from CONNECTING over OPEN and CLOSING to CLOSED', async () => {
    const socket = createSocket(control.urlFor('/echo', uniqueCase('ready-state')))
    const seen: [string, number][] = [['new', socket.readyState]]
    socket.onopen = () => void seen.push(['open', socket.readyState])
    socket.onclose = () => void seen.push(['close', socket.readyState])
    await until(() => socket.readyState === socket.OPEN)
    socket.close()
    seen.push(['close()', socket.readyState])
    await until(() => socket.readyState === socket.CLOSED)
    expect(seen).toEqual([
      ['new', 0],
      ['open', 1],
      ['close()', 2],
      ['close', 3],
    ])
  })

  test('protocol is what the server chose, and the offer is what was given', async () => {
    const name = uniqueCase('protocol')
    const { socket, told } = await openRecorded(control.urlFor('/protocol', name, { pick: 'last' }), {
      protocols: ['first', 'second'],
    })
    expect(socket.protocol).toBe('second')
    const { data } = await told.nth('message')
    expect(JSON.parse(data as string)).toEqual({ offered: ['first', 'second'], selected: 'second' })
    socket.close()
    await told.nth('close')
    expect(socket.protocol).toBe('')
  })

  test('a single protocol may be given as a string', async () => {
    const url = control.urlFor('/protocol', uniqueCase('protocol'))
    const { socket } = await openRecorded(url, { protocols: 'only' })
    expect(socket.protocol).toBe('only')
  })

  test('extensions are those of the link', async () => {
    const { socket } = await openRecorded(control.urlFor('/deflate', uniqueCase('extensions')))
    expect(socket.extensions.includes('permessage-deflate')).toBe(engine.offersCompression)
  })
})

describe('the constructor refuses with a SyntaxError', () => {
  test.each([
    'foo://x',
    'ftp://x/',
    'mailto:someone@example.com',
    'ws://',
    'ws://x:99999/',
    'ws://x/#',
    'ws://x/#part',
    'about:blank',
  ])('the address %s', (url) => {
    const call = () => new ReconnectingWebSocket(url, [], idle)
    expect(nameOfThrown(call)).toBe('SyntaxError')
    expect(call).toThrow(DOMException)
  })

  test.each([
    ['an empty protocol', ''],
    ['an empty protocol in a list', ['ok', '']],
    ['a space', 'a b'],
    ['a comma', ['a,b']],
    ['a control character', 'a\u0000'],
    ['a letter beyond ASCII', 'ä'],
    ['a separator', 'a/b'],
    ['a repeated protocol', ['chat', 'chat']],
    ['a repeated protocol in another case', ['chat', 'superchat', 'CHAT']],
  ])('%s', (_what, protocols) => {
    const call = () => new ReconnectingWebSocket(nowhere, protocols, idle)
    expect(nameOfThrown(call)).toBe('SyntaxError')
    expect(call).toThrow(DOMException)
  })

  test('but takes every token, and an empty list', () => {
    for (const protocols of ['a', "!#$%&'*+-.^_`|~", 'v1.chat-x', [], ['a', 'b']]) {
      expect(nameOfThrown(() => new ReconnectingWebSocket(nowhere, protocols, idle))).toBeUndefined()
    }
  })
})

describe('close(code, reason)', () => {
  const notAllowed: unknown[] = [
    0,
    500,
    999,
    1001,
    1005,
    1006,
    1012,
    1015,
    2999,
    5000,
    66536,
    -1,
    NaN,
    null,
    'x',
  ]

  test.each(notAllowed)('refuses the code %s with an InvalidAccessError', (code) => {
    const socket = createSocket(nowhere, idle)
    const call = () => socket.close(code as number)
    expect(nameOfThrown(call)).toBe('InvalidAccessError')
    expect(call).toThrow(DOMException)
  })

  test.each(['x'.repeat(124), 'ü'.repeat(62), '😀'.repeat(31), '\ud800'.repeat(42)])(
    'refuses a reason above 123 bytes with a SyntaxError',
    (reason) => {
      const socket = createSocket(nowhere, idle)
      expect(nameOfThrown(() => socket.close(1000, reason))).toBe('SyntaxError')
      expect(nameOfThrown(() => socket.close(undefined, reason))).toBe('SyntaxError')
    },
  )

  test('what it refuses does not close', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('refused-close')))
    expect(() => socket.close(1001)).toThrow()
    expect(() => socket.close(1000, 'x'.repeat(124))).toThrow()
    socket.send('still here')
    expect((await told.nth('message')).data).toBe('still here')
    expect(socket.readyState).toBe(1)
  })

  test.each([
    [1000, ''],
    [1000, 'done'],
    [3000, 'x'.repeat(123)],
    [4999, 'grüße 😀'],
  ])('says %d with its reason to the server, and in the event', async (code, reason) => {
    const name = uniqueCase('close-code')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.close(code, reason)
    const event = await told.nth('close')
    expect([event.code, event.reason, event.wasClean]).toEqual([code, reason, true])
    const [connection] = await until(async () => {
      const all = await control.connections(name)
      return all[0]?.state === 'closed' && all
    })
    expect([connection?.closeCode, connection?.closeReason]).toEqual([code, reason])
    expect(told.order('error')).toEqual([])
  })

  test('the event says 1005 where no code was given', async () => {
    const name = uniqueCase('close-1005')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.close()
    const event = await told.nth('close')
    expect([event.code, event.reason, event.wasClean]).toEqual([emptyClose.code, '', emptyClose.wasClean])
    await until(async () => (await control.connections(name))[0]?.closeCode === 1005)
  })

  test('a reason without a code goes out with 1000', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('close-reason')))
    socket.close(undefined, 'only a reason')
    const event = await told.nth('close')
    expect([event.code, event.reason]).toEqual([1000, 'only a reason'])
  })

  test('arguments are converted as WebIDL does it', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('close-webidl')))
    socket.close('3001' as never, 404 as never)
    const event = await told.nth('close')
    expect([event.code, event.reason]).toEqual([3001, '404'])
  })

  test('a reason of null is converted too, and leaves nothing hanging', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('close-null')))
    socket.close(1000, null as never)
    const event = await told.nth('close')
    expect([event.code, event.reason, event.wasClean]).toEqual([1000, 'null', true])
  })

  test('called again it changes nothing and adds no event', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('close-twice')))
    socket.close(3000, 'first')
    socket.close(3001, 'second')
    await told.nth('close')
    socket.close()
    await macrotask()
    await macrotask()
    expect(told.of('close').map(({ code, reason }) => [code, reason])).toEqual([[3000, 'first']])
  })

  test('while CONNECTING it goes to CLOSING, and ends with 1006', async () => {
    const name = uniqueCase('close-connecting')
    const { socket, told } = createRecorded(control.urlFor('/echo', name, { upgradeDelayMs: 2_000 }))
    await until(async () => (await control.connections(name)).length === 1)
    socket.close(1000, 'changed my mind')
    expect(socket.readyState).toBe(2)
    expect(told.of('close')).toHaveLength(0)
    const event = await told.nth('close')
    expect([event.code, event.wasClean, socket.readyState]).toEqual([1006, false, 3])
    await until(async () => (await control.connections(name))[0]?.state === 'closed')
    expect(told.of('open')).toHaveLength(0)
  })

  test('in the tick of its creation it gives one close event, and the server sees no connection', async () => {
    const name = uniqueCase('close-at-once')
    const { socket, told } = createRecorded(control.urlFor('/echo', name))
    socket.close()
    expect(socket.readyState).toBe(2)
    const event = await told.nth('close')
    expect([event.code, event.reason, event.wasClean]).toEqual([1006, '', false])
    expect(socket.readyState).toBe(3)
    // A second socket that comes and goes proves that the first would have been seen by now.
    const other = await openRecorded(control.urlFor('/echo', name))
    other.socket.close()
    await until(async () => (await control.connections(name))[0]?.state === 'closed')
    expect(await control.connections(name)).toHaveLength(1)
    expect(told.order('open', 'error', 'close')).toEqual(['close'])
  })
})

describe('listeners', () => {
  test('on… handlers are called with the socket as this and as target', async () => {
    const socket = createSocket(control.urlFor('/echo', uniqueCase('handlers')))
    const seen: unknown[] = []
    function handler(this: unknown, event: { type: string; target: unknown }) {
      const { currentTarget } = event as { currentTarget?: unknown }
      seen.push([event.type, this === socket, event.target === socket, currentTarget === socket])
    }
    socket.onopen = socket.onmessage = socket.onclose = handler
    expect(socket.onopen).toBe(handler)
    await until(() => socket.readyState === 1)
    socket.send('x')
    await until(() => seen.length === 2)
    socket.close()
    await until(() => seen.length === 3)
    expect(seen).toEqual(['open', 'message', 'close'].map((type) => [type, true, true, true]))
  })

  test('onerror too', async () => {
    const proxy = await control.openProxy()
    await proxy.fault({ kind: 'refuse' })
    const socket = createSocket(proxy.url, { retry: false })
    const targets: unknown[] = []
    socket.onerror = (event) => void targets.push(event.target)
    await until(() => targets.length > 0)
    expect(targets).toEqual([socket])
    await proxy.close()
  })

  test('a handler that is no function is taken for null', () => {
    const socket = createSocket(nowhere, idle)
    for (const value of [undefined, null, 1, 'x', true]) {
      socket.onmessage = () => undefined
      socket.onmessage = value as never
      expect(socket.onmessage).toBeNull()
    }
  })

  test('a replaced handler keeps its place; one that was taken away loses it', () => {
    const socket = createSocket(nowhere, idle)
    const calls: string[] = []
    socket.onopen = () => void calls.push('handler 1')
    socket.addEventListener('open', () => void calls.push('listener'))
    socket.onopen = () => void calls.push('handler 2')
    socket.dispatchEvent({ type: 'open' })
    socket.onopen = null
    socket.onopen = () => void calls.push('handler 3')
    socket.dispatchEvent({ type: 'open' })
    expect(calls).toEqual(['handler 2', 'listener', 'listener', 'handler 3'])
  })

  test('a function that is added twice is called once, and is no duplicate of the handler', () => {
    const socket = createSocket(nowhere, idle)
    const listener = vi.fn()
    socket.addEventListener('open', listener)
    socket.addEventListener('open', listener)
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(1)
    socket.onopen = listener
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(3)
    socket.removeEventListener('open', listener)
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(4)
  })

  test('once', () => {
    const socket = createSocket(nowhere, idle)
    const listener = vi.fn()
    socket.addEventListener('open', listener, { once: true })
    socket.dispatchEvent({ type: 'open' })
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(1)
    socket.addEventListener('open', listener, { once: true })
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(2)
  })

  test('signal', () => {
    const socket = createSocket(nowhere, idle)
    const listener = vi.fn()
    const abort = new AbortController()
    socket.addEventListener('open', listener, { signal: abort.signal })
    socket.dispatchEvent({ type: 'open' })
    abort.abort()
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(1)
    socket.addEventListener('open', listener, { signal: AbortSignal.abort() })
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('signal takes off the listener while the event is being told', () => {
    const socket = createSocket(nowhere, idle)
    const later = vi.fn()
    const abort = new AbortController()
    socket.addEventListener('open', () => abort.abort())
    socket.addEventListener('open', later, { signal: abort.signal })
    socket.dispatchEvent({ type: 'open' })
    expect(later).not.toHaveBeenCalled()
  })

  test('an aborted signal does not take off what was added anew', () => {
    const socket = createSocket(nowhere, idle)
    const listener = vi.fn()
    const abort = new AbortController()
    socket.addEventListener('open', listener, { signal: abort.signal })
    socket.removeEventListener('open', listener)
    socket.addEventListener('open', listener)
    abort.abort()
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('objects with handleEvent, looked up at each event', () => {
    const socket = createSocket(nowhere, idle)
    const seen: unknown[] = []
    const listener = {
      handleEvent(event: { type: string }) {
        seen.push([event.type, this === listener])
      },
    }
    socket.addEventListener('open', listener)
    socket.addEventListener('open', listener)
    socket.dispatchEvent({ type: 'open' })
    listener.handleEvent = () => void seen.push('replaced')
    socket.dispatchEvent({ type: 'open' })
    socket.removeEventListener('open', listener)
    socket.dispatchEvent({ type: 'open' })
    expect(seen).toEqual([['open', true], 'replaced'])
  })

  test('null is ignored, and something else is refused', () => {
    const socket = createSocket(nowhere, idle)
    socket.addEventListener('open', null)
    socket.removeEventListener('open', null)
    expect(() => socket.addEventListener('open', 'x' as never)).toThrow(TypeError)
  })

  test('one that is added while an event is told is not called for that event', () => {
    const socket = createSocket(nowhere, idle)
    const late = vi.fn()
    socket.addEventListener('open', () => socket.addEventListener('open', late))
    socket.dispatchEvent({ type: 'open' })
    expect(late).not.toHaveBeenCalled()
    socket.dispatchEvent({ type: 'open' })
    expect(late).toHaveBeenCalledTimes(1)
  })

  test('on and off are the same under another name', () => {
    const socket = createSocket(nowhere, idle)
    const listener = vi.fn()
    const undo = socket.on('open', listener)
    socket.dispatchEvent({ type: 'open' })
    undo()
    undo()
    socket.dispatchEvent({ type: 'open' })
    socket.on('open', listener, { once: true })
    socket.off('open', listener)
    socket.dispatchEvent({ type: 'open' })
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('a message event has data, origin and lastEventId', async () => {
    const url = control.urlFor('/echo', uniqueCase('message-event'))
    const { socket, told } = await openRecorded(url)
    socket.send('hello')
    const event = await told.nth('message')
    expect([event.data, event.origin, event.lastEventId]).toEqual(['hello', new URL(url).origin, ''])
    expect(event.target).toBe(socket)
  })
})

describe('data', () => {
  const bytes = () => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const cases: [what: string, make: () => SocketData, expected: string | number[], engineCan?: boolean][] = [
    ['text', () => 'hello', 'hello'],
    ['empty text', () => '', ''],
    ['text beyond ASCII', () => 'grüße 😀', 'grüße 😀'],
    ['text with a lone surrogate', () => 'a\ud800b', 'a\ufffdb', engine.replacesLoneSurrogates],
    ['an ArrayBuffer', () => bytes().buffer, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['an empty ArrayBuffer', () => new ArrayBuffer(0), []],
    ['a Uint8Array', bytes, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a view with an offset', () => bytes().subarray(2, 5), [3, 4, 5]],
    ['a view of larger elements', () => new Uint16Array(bytes().buffer, 2, 2), [3, 4, 5, 6]],
    ['a DataView with an offset', () => new DataView(bytes().buffer, 6), [7, 8]],
    ['a Blob', () => new Blob([bytes().subarray(0, 3)]), engine.sendsBlobs ? [1, 2, 3] : '[object Blob]'],
    ['a number, as text', () => 42 as never, '42'],
    ['null, as text', () => null as never, 'null'],
    ['an object, as text', () => ({ toString: () => 'object' }) as never, 'object'],
  ]
  for (const queued of [false, true]) {
    for (const [what, make, expected, engineCan = true] of cases) {
      if (!engineCan) continue
      test(`${what} arrives, ${queued ? 'from the queue' : 'sent while open'}`, async () => {
        const name = uniqueCase('data')
        const socket = createSocket(control.urlFor('/sink', name))
        if (!queued) await until(() => socket.readyState === 1)
        socket.send(make())
        const [message] = await until(async () => {
          const all = await control.received(name)
          return all.length > 0 && all
        })
        const { data } = message ?? {}
        expect(typeof data === 'string' ? data : Array.from(data ?? [])).toEqual(expected)
      })
    }
  }

  if (!engine.replacesLoneSurrogates)
    test('text with a lone surrogate ends the link here', async () => {
      const { socket, told } = await openRecorded(control.urlFor('/sink', uniqueCase('surrogate')))
      socket.send('a\ud800b')
      expect((await told.nth('close')).code).toBe(1007)
    })

  test('what arrives after close() is not delivered', async () => {
    const name = uniqueCase('deaf')
    const heard: unknown[] = []
    const { socket, told } = await openRecorded(control.urlFor('/sink', name))
    socket.onmessage = ({ data }) => {
      heard.push(data)
      socket.close()
    }
    await Promise.all(Array.from({ length: 10 }, (_, k) => control.serverSend(name, `${k}`).catch(() => 0)))
    await told.nth('close')
    expect(heard).toHaveLength(1)
  })

  test('send without an argument is a TypeError', () => {
    const socket = createSocket(nowhere, idle)
    expect(() => (socket.send as () => void)()).toThrow(TypeError)
    expect(socket.bufferedAmount).toBe(0)
  })

  test('what cannot become text is an error of the caller', () => {
    const socket = createSocket(nowhere, idle)
    expect(() => socket.send(Symbol('x') as never)).toThrow(TypeError)
    expect(socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('bufferedAmount counts the queue in bytes of UTF-8', async () => {
    const socket = createSocket(control.urlFor('/sink', uniqueCase('buffered')), idle)
    socket.send('grüße')
    expect(socket.bufferedAmount).toBe(7)
    socket.send(new Uint16Array(4))
    socket.send(new ArrayBuffer(3))
    socket.send(new Blob(['ü']))
    expect(socket.bufferedAmount).toBe(7 + 8 + 3 + 2)
    socket.open()
    await until(() => socket.bufferedAmount === 0)
    expect(socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('bufferedAmount counts what the native socket still holds', async () => {
    const { socket } = await openRecorded(control.urlFor('/sink', uniqueCase('buffered-native')))
    // On loopback the kernel takes some 4 MB at once.
    socket.send(new Uint8Array(engine.buffersWholeTurn ? 4_000_000 : 16_000_000))
    expect(socket.bufferedAmount).toBeGreaterThan(1_000_000)
    await until(() => socket.bufferedAmount === 0)
  })
})

describe('binaryType', () => {
  test('blob by default', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('blob')))
    socket.send(Uint8Array.of(1, 2, 3))
    const { data } = await told.nth('message')
    expect(data).toBeInstanceOf(Blob)
    expect([...new Uint8Array(await (data as Blob).arrayBuffer())]).toEqual([1, 2, 3])
  })

  test('changed while open it holds for what comes from then on, and text stays text', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/echo', uniqueCase('arraybuffer')))
    socket.binaryType = 'arraybuffer'
    expect(socket.binaryType).toBe('arraybuffer')
    socket.send(Uint8Array.of(1, 2, 3))
    socket.send('text')
    const { data } = await told.nth('message')
    expect(data).toBeInstanceOf(ArrayBuffer)
    expect([...new Uint8Array(data as ArrayBuffer)]).toEqual([1, 2, 3])
    expect((await told.nth('message', 2)).data).toBe('text')
    socket.binaryType = 'blob'
    socket.send(Uint8Array.of(4))
    expect((await told.nth('message', 3)).data).toBeInstanceOf(Blob)
  })

  test('it is kept over reconnects', async () => {
    const name = uniqueCase('binary-kept')
    const { socket, told } = await openRecorded(control.urlFor('/echo', name))
    socket.binaryType = 'arraybuffer'
    await control.serverTerminate(name)
    await told.nth('open', 2)
    expect(socket.binaryType).toBe('arraybuffer')
    socket.send(Uint8Array.of(9))
    expect((await told.nth('message')).data).toBeInstanceOf(ArrayBuffer)
  })

  test('set before there is a link it holds for the first one, as the option does', async () => {
    const url = control.urlFor('/echo', uniqueCase('binary-early'))
    const early = createRecorded(url)
    early.socket.binaryType = 'arraybuffer'
    const byOption = createRecorded(url, { binaryType: 'arraybuffer' })
    for (const { socket, told } of [early, byOption]) {
      socket.send(Uint8Array.of(9))
      expect((await told.nth('message')).data).toBeInstanceOf(ArrayBuffer)
    }
  })

  test.each(['', 'nodebuffer', 'BLOB', 'arrayBuffer', null, undefined, 7])('%s is ignored', (type) => {
    const socket = createSocket(nowhere, idle)
    socket.binaryType = type as never
    expect(socket.binaryType).toBe('blob')
    socket.binaryType = 'arraybuffer'
    socket.binaryType = type as never
    expect(socket.binaryType).toBe('arraybuffer')
  })
})

describe('as the WebSocket of other code', () => {
  /** Written against the DOM's own types, as such code is. */
  async function ask(Implementation: typeof WebSocket, url: string, question: string): Promise<unknown> {
    const socket = new Implementation(url)
    socket.binaryType = 'arraybuffer'
    const answer = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send(question)
      socket.onmessage = (event: MessageEvent) => resolve(event.data)
      socket.onerror = reject
    })
    socket.close(1000, 'thanks')
    await new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }))
    return answer
  }

  test('the class goes where the type of the global WebSocket is asked for', async () => {
    expectTypeOf<ReconnectingWebSocket['readyState']>().toExtend<WebSocket['readyState']>()
    const url = control.urlFor('/echo', uniqueCase('typeof'))
    expect(await ask(ReconnectingWebSocket, url, 'hello')).toBe('hello')
  })

  test('a subclass that fixes its options goes there too', async () => {
    class OneLink extends ReconnectingWebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols, { retry: false })
      }
    }
    const url = control.urlFor('/echo', uniqueCase('subclass'))
    expect(await ask(OneLink, url, 'hello')).toBe('hello')
    expect(new OneLink(nowhere)).toBeInstanceOf(ReconnectingWebSocket)
  })

  test('the recorder of these tests sees a plain life in the order of the standard', async () => {
    const socket = createSocket(control.urlFor('/echo', uniqueCase('order')))
    const told = record(socket)
    await told.nth('open')
    socket.send('x')
    await told.nth('message')
    socket.close()
    await told.nth('close')
    expect(told.order('open', 'message', 'error', 'close')).toEqual(['open', 'message', 'close'])
  })
})
