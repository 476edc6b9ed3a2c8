import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { built, inRoot } from './dist.ts'
import { probe } from './probe.ts'

describe('importing starts nothing and captures nothing', () => {
  test.each(built)('$path', ({ format, path }) => {
    const { touched, resources } = probe(format, path)
    expect(touched).toEqual([])
    expect(resources).toEqual([])
  })
})

describe('the probe sees', () => {
  const planted: [code: string, seen: string][] = [
    ['setTimeout(() => {}, 1)', 'setTimeout()'],
    ['const random = Math.random()', 'random()'],
    ['const start = performance.now()', 'now()'],
    ['const start = Date.now()', 'now()'],
    ['const id = crypto.randomUUID()', 'randomUUID()'],
    ['const Native = globalThis.WebSocket', 'WebSocket'],
    ['const isBrowser = typeof document', 'document'],
    ["import 'ws'", 'NativeModule net'],
  ]

  test.each(planted)('%s', (code, seen) => {
    mkdirSync(inRoot('temp'), { recursive: true })
    writeFileSync(inRoot('temp/planted.mjs'), code)
    expect(probe('esm', 'temp/planted.mjs').touched).toContain(seen)
  })

  test('a timer that stays', () => {
    writeFileSync(inRoot('temp/planted.mjs'), 'setInterval(() => {}, 1e6)')
    expect(() => probe('esm', 'temp/planted.mjs', 1_500)).toThrow('ETIMEDOUT')
  })
})
