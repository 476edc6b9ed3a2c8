import { afterEach, expect, test, vi } from 'vitest'
import type { NativeEnd, NativeEvents } from '../../src/base/platform.ts'
import { pageSignals } from '../../src/platform/page-signals.ts'
import { hear, webPlatform } from '../../src/platform/web.ts'
import { createStub } from '../contract/support/stub-web-socket.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** What is told of a native socket that ends so. */
function heardOf(code: number, reason: string, wasClean: boolean, isDenos = false): NativeEnd | undefined {
  const { WebSocket } = createStub()
  const native = new WebSocket('ws://x/')
  const ends: NativeEnd[] = []
  hear(native as never, { closed: (end: NativeEnd) => void ends.push(end) } as NativeEvents, isDenos)
  ;(native as unknown as { end(...told: unknown[]): void }).end(code, reason, wasClean)
  return ends[0]
}

test('a close is told as it came', () => {
  for (const [code, reason] of [
    [1005, ''],
    [4001, 'bye'],
  ] as const) {
    expect(heardOf(code, reason, true)).toMatchObject({ code, reason, wasClean: true })
  }
})

test('Deno’s clean 1005, which it also tells of a link that was cut while it closed, is not believed', () => {
  expect(heardOf(1005, '', true, true)).toEqual({ code: 0, reason: '', wasClean: false })
  expect(heardOf(1000, '', true, true)).toMatchObject({ code: 1000, wasClean: true })
})

test('in Deno an implementation that was given is believed, Deno’s own is not', () => {
  const { WebSocket } = createStub()
  vi.stubGlobal('Deno', {})
  vi.stubGlobal('WebSocket', WebSocket)
  for (const [given, code] of [
    [WebSocket, 1005],
    [undefined, 0],
  ] as const) {
    const ends: NativeEnd[] = []
    const request = {
      url: 'ws://x/',
      protocols: [],
      binaryType: 'blob',
      webSocketOptions: undefined,
    } as const
    const events = { closed: (end: NativeEnd) => void ends.push(end) } as NativeEvents
    const native = webPlatform.open({ ...request, protocols: [], WebSocket: given }, events)
    ;(native as unknown as { end(...told: unknown[]): void }).end(1005, '', true)
    expect(ends).toMatchObject([{ code }])
  }
})

test('signals are there where there is something to listen to', () => {
  expect(webPlatform.signals).toBeUndefined()
  vi.stubGlobal('addEventListener', () => {})
  expect(webPlatform.signals).toBe(pageSignals)
})
