import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSources, parseProtocols, parseUrl } from '../../src/core/address.ts'

const absolute = (url: string) => new URL(url)
const onPage = (url: string) => new URL(url, 'https://page.test/dir/index.html')

function thrownBy(run: () => unknown): DOMException {
  try {
    run()
  } catch (error) {
    return error as DOMException
  }
  throw new Error('Nothing was thrown')
}

function expectSyntaxError(run: () => unknown): void {
  const error = thrownBy(run)
  expect(error).toBeInstanceOf(DOMException)
  expect(error.name).toBe('SyntaxError')
  expect(error.code).toBe(12)
}

// After web-platform-tests, websockets/constructor and websockets/Create-*.
describe('an address', () => {
  test.each([
    ['ws://peer.test', 'ws://peer.test/'],
    ['wss://peer.test/path?query=1', 'wss://peer.test/path?query=1'],
    ['http://peer.test/path', 'ws://peer.test/path'],
    ['https://peer.test:8443/path', 'wss://peer.test:8443/path'],
    ['ws://peer.test:80/', 'ws://peer.test/'],
    ['wss://peer.test:443/', 'wss://peer.test/'],
    ['WSS://PEER.test/Path', 'wss://peer.test/Path'],
    ['ws://user:secret@peer.test/', 'ws://user:secret@peer.test/'],
    ['ws://[::1]:99/', 'ws://[::1]:99/'],
    ['ws://peer.test/ä b', 'ws://peer.test/%C3%A4%20b'],
    [' ws://peer.test/ ', 'ws://peer.test/'],
    ['ws:peer.test', 'ws://peer.test/'],
    ['ws://bücher.test/', 'ws://xn--bcher-kva.test/'],
    ['ws://peer.test/http/', 'ws://peer.test/http/'],
  ])('%s → %s', (given, href) => {
    expect(parseUrl(given, absolute)).toBe(href)
    expect(parseUrl(new URL(given), absolute)).toBe(href)
  })

  test.each([
    ['/live', 'wss://page.test/live'],
    ['live', 'wss://page.test/dir/live'],
    ['?x=1', 'wss://page.test/dir/index.html?x=1'],
    ['//other.test/live', 'wss://other.test/live'],
    ['', 'wss://page.test/dir/index.html'],
  ])('%s on a page → %s', (given, href) => {
    expect(parseUrl(given, onPage)).toBe(href)
  })

  test.each([
    'no url',
    '/relative',
    '',
    'ws://',
    'wss://peer.test:99999/',
    'ws://peer.test:port/',
    'ws://a b/',
    'mailto:someone@peer.test',
    'ftp://peer.test/',
    'file:///etc/passwd',
    'about:blank',
    'javascript:alert(1)',
    'data:text/plain,x',
    'ws+unix:///run/socket',
    'http+ws://peer.test/',
    'wsx://peer.test/',
    'httpx://peer.test/',
    'ws://peer.test/#fragment',
    'ws://peer.test/path?query#',
    'ws://peer.test/#',
    'https://peer.test/#x',
  ])('%s is a SyntaxError', (given) => {
    expectSyntaxError(() => parseUrl(given, absolute))
  })

  test.each([undefined, null, 5, {}, Symbol('x')])('%s from a provider is a SyntaxError', (given) => {
    expectSyntaxError(() => parseUrl(given as never, absolute))
  })

  test('what an invalid address says does not tell its secrets', () => {
    const secrets = ['hunter2', 'token-1']
    for (const given of [
      'ws://user:hunter2@peer.test:99999/?t=token-1',
      'ws://user:hunter2@peer.test/?t=token-1#token-1',
      'x://user:hunter2@p/?token-1',
    ]) {
      const { message } = thrownBy(() => parseUrl(given, absolute))
      for (const secret of secrets) expect(message).not.toContain(secret)
    }
  })

  test('every address is one of ws or wss without a fragment, or a SyntaxError', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()),
        (given) => {
          let href: string
          try {
            href = parseUrl(given, absolute)
          } catch (error) {
            expect((error as DOMException).name).toBe('SyntaxError')
            return
          }
          expect(new URL(href)).toMatchObject({ href, hash: '' })
          expect(['ws:', 'wss:']).toContain(new URL(href).protocol)
        },
      ),
    )
  })
})

describe('subprotocols', () => {
  test.each<[string | readonly string[], string[]]>([
    ['chat', ['chat']],
    [[], []],
    [['chat'], ['chat']],
    [
      ['chat', 'superchat.v2'],
      ['chat', 'superchat.v2'],
    ],
    ["!#$%&'*+-.^_`|~09azAZ", ["!#$%&'*+-.^_`|~09azAZ"]],
  ])('%o', (given, list) => {
    expect(parseProtocols(given)).toEqual(list)
  })

  test('the list is our own', () => {
    const given = ['chat']
    expect(parseProtocols(given)).not.toBe(given)
  })

  test.each<[string | readonly string[]]>([
    [''],
    [['']],
    ['a b'],
    ['a,b'],
    ['a/b'],
    ['a;b'],
    ['a:b'],
    ['a"b'],
    ['a(b'],
    ['a@b'],
    ['a[b'],
    ['a\\b'],
    ['a{b'],
    ['a\tb'],
    ['a\nb'],
    ['a\n'],
    ['\u0000'],
    ['\u007f'],
    ['ü'],
    ['\ud800'],
    [['chat', 'chat']],
    [['chat', 'CHAT']],
    [['a', 'b', 'a']],
    [['chat', 'not a token']],
  ])('%j is a SyntaxError', (given) => {
    expectSyntaxError(() => parseProtocols(given))
  })

  test('exactly the tokens of HTTP are accepted', () => {
    const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
    for (let code = 0; code < 300; code++) {
      const character = String.fromCharCode(code)
      const accepted = (() => {
        try {
          return parseProtocols(`x${character}`).length === 1
        } catch {
          return false
        }
      })()
      expect(accepted, `character ${code}`).toBe(token.test(character))
    }
  })
})

describe('what is known from the start', () => {
  test('is checked then', () => {
    expect(checkSources('ws://peer.test', [], absolute)).toBe('ws://peer.test/')
    expectSyntaxError(() => checkSources('nonsense', [], absolute))
    expectSyntaxError(() => checkSources('ws://peer.test', 'a b', absolute))
    expectSyntaxError(() => checkSources(() => 'ws://peer.test', ['a', 'a'], absolute))
  })

  test('providers are not asked', () => {
    const ask = () => {
      throw new Error('asked')
    }
    expect(checkSources(ask, ask, absolute)).toBe('')
  })
})
