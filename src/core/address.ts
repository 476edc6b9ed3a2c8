import { redactUrl } from '../base/errors.ts'
import type { ProtocolSource, UrlSource } from './options.ts'

/** The grammar of a subprotocol is that of an HTTP token (RFC 9110, section 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** The most that fits a close frame beside its code: 125 - 2 (RFC 6455, section 5.5). */
export const MAX_REASON_BYTES = 123

function syntaxError(message: string): never {
  throw new DOMException(message, 'SyntaxError')
}

/** The address as the W3C standard serialises it; throws its SyntaxError. `http` and `https` are read as `ws` and `wss`. */
export function parseUrl(source: string | URL, resolve: (url: string) => URL): string {
  // A function that gives nothing would else lead to the address `undefined` beside the page.
  if (source === undefined || source === null) syntaxError(`The URL must be a string or a URL, not ${source}`)
  let url: URL
  try {
    url = resolve(String(source))
  } catch {
    return syntaxError(`The URL '${redactUrl(String(source))}' is invalid`)
  }
  const href = url.href.replace(/^http/, 'ws')
  if (!/^wss?:/.test(href))
    syntaxError(`The URL's scheme must be ws, wss, http or https, not ${url.protocol}`)
  if (href.includes('#')) syntaxError('The URL must have no fragment')
  return href
}

/**
 * The list of subprotocols; throws the standard's SyntaxError for one that is no token or stands there twice. What is
 * no list counts as text, as in the standard: options in the place of protocols are thus refused.
 */
export function parseProtocols(source: string | readonly string[]): string[] {
  const isList = typeof source === 'object' && Symbol.iterator in source
  if (!isList && typeof source === 'object') {
    syntaxError('The subprotocols must be a string or a list; options are the third argument')
  }
  const protocols = isList ? Array.from(source, String) : [String(source)]
  const seen = new Set<string>()
  for (const protocol of protocols) {
    const folded = protocol.toLowerCase()
    if (!TOKEN.test(protocol)) syntaxError(`The subprotocol '${protocol}' is invalid`)
    if (seen.has(folded)) syntaxError(`The subprotocol '${protocol}' is given twice`)
    seen.add(folded)
  }
  return protocols
}

/** Whether an address is known from the start; what a function will answer is only known at each attempt. */
export function checkSources(
  url: UrlSource,
  protocols: ProtocolSource,
  resolve: (url: string) => URL,
): string {
  if (typeof protocols !== 'function') parseProtocols(protocols)
  return typeof url === 'function' ? '' : parseUrl(url, resolve)
}
