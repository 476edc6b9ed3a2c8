import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { fromBase64, toBase64 } from '../../src/wire/base64.ts'

type Patched = { prototype: { toBase64?: unknown }; fromBase64?: unknown }
const patched = Uint8Array as unknown as Patched
const own = { toBase64: patched.prototype.toBase64, fromBase64: patched.fromBase64 }

/** The platform's newer way; where it has none, stand-ins after its specification, as far as it is used here. */
function installNative() {
  patched.prototype.toBase64 =
    own.toBase64 ??
    function (this: Uint8Array) {
      return Buffer.from(this).toString('base64')
    }
  patched.fromBase64 =
    own.fromBase64 ?? ((text: string) => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0)))
}

function removeNative() {
  delete patched.prototype.toBase64
  delete patched.fromBase64
}

afterEach(() => {
  removeNative()
  if (own.toBase64) patched.prototype.toBase64 = own.toBase64
  if (own.fromBase64) patched.fromBase64 = own.fromBase64
})

describe.each([
  ['where the platform has toBase64', installNative],
  ['where it has not', removeNative],
])('%s', (_, prepare) => {
  test('any bytes become what everybody calls Base64, and come back', () => {
    prepare()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
      }),
    )
  })

  test('the length may be more than an engine takes arguments', () => {
    prepare()
    const bytes = new Uint8Array(300_001).map((_, index) => index * 7)
    expect(toBase64(bytes) === Buffer.from(bytes).toString('base64')).toBe(true)
    expect(Buffer.compare(fromBase64(toBase64(bytes)) ?? new Uint8Array(), bytes)).toBe(0)
  })

  test.each(['*', 'a', 'ab=c', 'abcd====', 'äöü', 'ab_-'])('%j is no Base64', (text) => {
    prepare()
    expect(fromBase64(text)).toBeUndefined()
  })

  test('a missing padding and white space do no harm', () => {
    prepare()
    expect(fromBase64(' AQ I\n')).toEqual(new Uint8Array([1, 2]))
  })
})
