import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EnvironmentSignal } from '../../src/base/signals.ts'
import { pageSignals } from '../../src/platform/page-signals.ts'

let page: { hidden: boolean }
let windowTarget: EventTarget
let told: EnvironmentSignal[]

const tell = (signal: EnvironmentSignal) => void told.push(signal)

function stubWindow(): void {
  windowTarget = new EventTarget()
  vi.stubGlobal('addEventListener', windowTarget.addEventListener.bind(windowTarget))
  vi.stubGlobal('removeEventListener', windowTarget.removeEventListener.bind(windowTarget))
}

beforeEach(() => {
  told = []
  page = { hidden: false }
  stubWindow()
  vi.stubGlobal('document', page)
  vi.stubGlobal('navigator', { onLine: true })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('on a page', () => {
  test.each<[string, EnvironmentSignal]>([
    ['online', 'online'],
    ['offline', 'offline'],
    ['pagehide', 'hide'],
    ['pageshow', 'show'],
    ['freeze', 'hide'],
    ['resume', 'show'],
    ['visibilitychange', 'wake'],
  ])('%s means %s', (type, signal) => {
    pageSignals.subscribe(tell)
    windowTarget.dispatchEvent(new Event(type))
    expect(told).toEqual([signal])
  })

  test('a page that becomes hidden is no reason to wake', () => {
    pageSignals.subscribe(tell)
    page.hidden = true
    windowTarget.dispatchEvent(new Event('visibilitychange'))
    expect(told).toEqual([])
    page.hidden = false
    windowTarget.dispatchEvent(new Event('visibilitychange'))
    expect(told).toEqual(['wake'])
  })

  test('a network that is gone already is told at once; one that is there, or unknown, is not', () => {
    pageSignals.subscribe(tell)
    vi.stubGlobal('navigator', {})
    pageSignals.subscribe(tell)
    vi.stubGlobal('navigator', undefined)
    pageSignals.subscribe(tell)
    expect(told).toEqual([])
    vi.stubGlobal('navigator', { onLine: false })
    pageSignals.subscribe(tell)
    expect(told).toEqual(['offline'])
  })

  test('the undo leaves no listener behind', () => {
    const added = vi.fn()
    const removed = vi.fn()
    vi.stubGlobal('addEventListener', added)
    vi.stubGlobal('removeEventListener', removed)
    pageSignals.subscribe(tell)()
    expect(removed.mock.calls).toEqual(added.mock.calls)
    expect(added.mock.calls.length).toBeGreaterThan(0)
  })

  test('two sockets listen side by side, and one undo is one', () => {
    const undo = pageSignals.subscribe(tell)
    pageSignals.subscribe(tell)
    windowTarget.dispatchEvent(new Event('online'))
    undo()
    undo()
    windowTarget.dispatchEvent(new Event('online'))
    expect(told).toEqual(['online', 'online', 'online'])
  })
})

describe('elsewhere', () => {
  test('a worker has no page, but a network', () => {
    vi.stubGlobal('document', undefined)
    const undo = pageSignals.subscribe(tell)
    windowTarget.dispatchEvent(new Event('offline'))
    undo()
    windowTarget.dispatchEvent(new Event('online'))
    expect(told).toEqual(['offline'])
  })
})
