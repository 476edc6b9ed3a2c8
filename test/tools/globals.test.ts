import { expect, test, vi } from 'vitest'
import { plantSource } from './planted-source.ts'

// Each starts a compiler or a linter.
vi.setConfig({ testTimeout: 30_000 })

const banned = [
  'export const t = setTimeout(() => {}, 1)',
  'export const later = { setTimeout }',
  'export const later = (start = setInterval) => start',
  'clearTimeout(1)',
  'export const now = Date.now()',
  "export const now = Date['now']()",
  'export const { now } = Date',
  'export const now = new Date()',
  'export const clock = Date',
  'export const dice = Math.random',
  'export const { random } = Math',
  'export const stop = AbortSignal.timeout(5)',
  'export const socket = new WebSocket("ws://x")',
  'export const Native = globalThis.WebSocket',
  'export class Mine extends WebSocket {}',
  'export const here = typeof window',
  'export const online = navigator.onLine',
  'document.title = "x"',
  'performance.mark("x")',
  'export const platform = process.platform',
  'export const bytes = Buffer.alloc(1)',
  'console.log(1)',
  'export const id = crypto.randomUUID()',
]

const allowed = [
  'export const f = (clock: { setTimeout(f: () => void): void }) => clock.setTimeout(() => {})',
  'export const f = (setTimeout: (ms: number) => void) => setTimeout(1)',
  'export interface Clock { now(): number; setTimeout(f: () => void, ms: number): void }',
  'export const clock = { now: () => 1, setTimeout: () => 2 }',
  'export type Native = typeof WebSocket',
  'export function f(socket: WebSocket): void { socket.close() }',
  'export class Mine implements Pick<WebSocket, "url"> { url = "" }',
  'export const at = new Date(5).toISOString()',
  'export const at = Date.parse("2020-01-01")',
  'export const isDate = (x: unknown) => x instanceof Date',
  'export const most = Math.max(1, 2)',
  'queueMicrotask(() => {})',
  'export const both = AbortSignal.any([])',
  'export const text = new TextEncoder().encode("")',
  'export const performance = 3; export const twice = performance * 2',
]

const name = (index: number) => `core/file-${index}.ts`
const plant = (lines: readonly string[]) =>
  plantSource(Object.fromEntries(lines.map((line, index) => [name(index), `${line}\nexport {}\n`])))

test('every use of a banned global is found', () => {
  using source = plant(banned)
  const found = new Set(source.layerFaults().map((fault) => fault.split(':')[0]))
  expect(banned.filter((_, index) => !found.has(name(index)))).toEqual([])
})

test('what only looks like one is left alone', () => {
  using source = plant(allowed)
  expect(source.layerFaults()).toEqual([])
})

test('platform may use them all', () => {
  using source = plantSource({
    'platform/all.ts': banned.map((line) => `{ ${line.replace('export ', '')} }`).join('\n'),
  })
  expect(source.layerFaults()).toEqual([])
})

test('biome shows the usual ones in the editor', () => {
  using source = plantSource({
    'core/timer.ts': 'export const t = setTimeout(() => {}, 1)\n',
    'core/socket.ts': 'export const Native = globalThis.WebSocket\n',
    'platform/timer.ts': 'export const t = setTimeout(() => {}, 1)\n',
  })
  const faults = source.biomeFaults().filter((fault) => fault.includes('noRestrictedGlobals'))
  expect(faults.sort()).toEqual(['core/socket.ts noRestrictedGlobals', 'core/timer.ts noRestrictedGlobals'])
})
