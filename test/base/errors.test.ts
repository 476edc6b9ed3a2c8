import vm from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HoldfastError, isHoldfastError, redactUrl } from '../../src/base/errors.ts'

describe('HoldfastError', () => {
  test('is an Error with a code to branch on', () => {
    const cause = new Error('below')
    const error = new HoldfastError('HF_STOPPED', 'No more', {
      cause,
      retryable: true,
      url: 'wss://peer.test/',
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'HoldfastError',
      code: 'HF_STOPPED',
      message: 'HF_STOPPED: No more',
      cause,
      retryable: true,
      url: 'wss://peer.test/',
    })
  })

  test('is not retryable unless it says so', () => {
    expect(new HoldfastError('HF_CLOSED', 'x').retryable).toBe(false)
  })
})

describe('isHoldfastError', () => {
  test('knows its own, and those of another realm or copy', () => {
    expect(isHoldfastError(new HoldfastError('HF_CLOSED', 'x'))).toBe(true)
    const foreign = vm.runInNewContext(`Object.assign(new Error('x'), { code: 'HF_CLOSED' })`)
    expect(foreign).not.toBeInstanceOf(Error)
    expect(isHoldfastError(foreign)).toBe(true)
  })

  test.each([
    undefined,
    null,
    0,
    'HF_CLOSED',
    {},
    new Error('HF_CLOSED'),
    Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('x'), { code: 5 }),
    { code: Object.create(null) },
    { code: Symbol('HF_CLOSED') },
    new DOMException('x', 'SyntaxError'),
  ])('%o is none', (value) => {
    expect(isHoldfastError(value)).toBe(false)
  })
})

describe('an address in a log', () => {
  test.each([
    ['wss://peer.test/path', 'wss://peer.test/path'],
    ['wss://peer.test/', 'wss://peer.test/'],
    ['', ''],
    ['wss://user:pass@peer.test/path', 'wss://peer.test/path'],
    ['wss://user@peer.test/', 'wss://peer.test/'],
    ['wss://peer.test/path?token=x', 'wss://peer.test/path?…'],
    ['wss://peer.test/path#token', 'wss://peer.test/path?…'],
    ['wss://peer.test/?a=1#b', 'wss://peer.test/?…'],
    ['wss://peer.test/@name/x', 'wss://peer.test/@name/x'],
  ])('%s → %s', (given, redacted) => {
    expect(redactUrl(given)).toBe(redacted)
  })

  const secret = fc.stringMatching(/^[A-Za-z0-9!$&'()*+,;=:@/?%-]{1,20}$/).map((it) => `hunter2${it}`)

  test('never tells user, password, query or fragment', () => {
    fc.assert(
      fc.property(
        fc.option(secret),
        fc.option(secret),
        fc.option(secret),
        fc.option(secret),
        (user, password, query, hash) => {
          const url = new URL('wss://peer.test/some/path')
          url.username = user ?? ''
          url.password = password ?? ''
          url.search = query ?? ''
          url.hash = hash ?? ''
          const redacted = redactUrl(url.href)
          expect(redacted).not.toContain('hunter2')
          expect(redacted).toMatch(/^wss:\/\/peer\.test\/some\/path/)
        },
      ),
    )
  })

  test.each([
    'wss://user:hunter2@hunter2@peer.test/',
    'wss://user:p@hunter2@peer.test/path?x',
    'wss://peer.test/?a=1\nhunter2',
    'not a url at all?hunter2',
    '//hunter2:hunter2@peer.test',
  ])('not even when it is no proper address: %j', (given) => {
    expect(redactUrl(given)).not.toContain('hunter2')
  })
})
