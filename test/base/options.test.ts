import { describe, expect, test } from 'vitest'
import { defaultsOf, type Rules, reject, resolveOptions } from '../../src/base/options.ts'

interface Sample {
  readonly count: number
  readonly name: string
  readonly on: boolean
  readonly mode: 'a' | 'b'
  readonly fn: (() => void) | undefined
  readonly even: number
}

const rules: Rules<Sample> = {
  count: [5, 2],
  name: ['x'],
  on: [false],
  mode: ['a', ['a', 'b']],
  fn: [undefined, 'function'],
  even: [4, (value, path) => ((value as number) % 2 === 0 ? value : reject(path, value, 'an even number'))],
}
const defaults = defaultsOf(rules)
const resolve = (given: unknown) => resolveOptions(rules, defaults, given, 'sample.')

test('what is not given is the default', () => {
  const { count, name, on, mode, fn, even } = resolve({})
  expect([count, name, on, mode, fn, even]).toEqual([5, 'x', false, 'a', undefined, 4])
  expect(resolve(undefined).count).toBe(5)
  expect(resolve({ count: undefined }).count).toBe(5)
})

test('what is given is laid over it, and the defaults stay as they are', () => {
  expect(resolve({ count: 2, mode: 'b', even: 8 })).toMatchObject({ count: 2, mode: 'b', even: 8, name: 'x' })
  expect(defaults).toEqual({ count: 5, name: 'x', on: false, mode: 'a', fn: undefined, even: 4 })
})

test('each result is an object of its own', () => {
  expect(resolve(undefined)).not.toBe(resolve(undefined))
  expect(resolve({})).not.toBe(defaults)
})

test('later changes of what was given change nothing', () => {
  const given = { count: 3 }
  const resolved = resolve(given)
  given.count = 99
  expect(resolved.count).toBe(3)
})

describe('what is wrong is named', () => {
  test.each<[unknown, new (message: string) => Error, RegExp]>([
    [{ count: 1 }, RangeError, /Option sample\.count must be a number of at least 2, not 1/],
    [{ count: Number.NaN }, RangeError, /sample\.count.*NaN/],
    [{ count: '3' }, TypeError, /sample\.count must be a number, not "3"/],
    [{ name: 3 }, TypeError, /sample\.name must be a string, not 3/],
    [{ on: 1 }, TypeError, /sample\.on must be a boolean, not 1/],
    [{ on: null }, TypeError, /sample\.on.*null/],
    [{ mode: 'c' }, TypeError, /sample\.mode must be one of a, b, not "c"/],
    [{ fn: {} }, TypeError, /sample\.fn must be a function, not an object/],
    [{ fn: null }, TypeError, /sample\.fn.*null/],
    [{ even: 3 }, Error, /sample\.even must be an even number, not 3/],
    [{ counts: 3 }, TypeError, /Unknown option sample\.counts/],
    [null, TypeError, /Option sample must be an object, not null/],
    [7, TypeError, /Option sample must be an object, not 7/],
    [{ name: Symbol('s') }, TypeError, /sample\.name.*Symbol\(s\)/],
    [{ name: Object.create(null) }, TypeError, /sample\.name.*an object/],
    [{ name: 5n }, TypeError, /sample\.name.*5/],
  ])('%o', (given, Kind, message) => {
    expect(() => resolve(given)).toThrow(Kind)
    expect(() => resolve(given)).toThrow(message)
  })

  test('a group without a prefix is called options', () => {
    expect(() => resolveOptions(rules, defaults, 5)).toThrow(/Option options must be an object, not 5/)
  })

  test('names of Object.prototype are unknown options', () => {
    for (const name of ['toString', 'constructor', 'valueOf'])
      expect(() => resolve({ [name]: 1 })).toThrow(name)
    expect(() => resolve(JSON.parse('{"__proto__":{"count":9}}'))).toThrow(/__proto__/)
  })
})
