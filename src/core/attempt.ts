import type { BinaryType } from '../base/data.ts'
import type { NativeSocket, Platform } from '../base/platform.ts'
import { parseProtocols, parseUrl } from './address.ts'
import type { Link } from './link.ts'
import { type LossKind, unclean } from './loss.ts'
import type { AttemptContext, ProtocolSource, UrlSource } from './options.ts'
import type { Settings } from './settings.ts'

/** Where to connect: what the user gave as address and protocols. */
export interface Sources {
  readonly url: UrlSource
  readonly protocols: ProtocolSource
}

export interface Opened {
  readonly url: string
  readonly native: NativeSocket
}

function ask<T>(
  source: T | ((context: AttemptContext) => T | Promise<T>),
  context: AttemptContext,
): T | Promise<T> {
  return typeof source === 'function'
    ? (source as (context: AttemptContext) => T | Promise<T>)(context)
    : source
}

/**
 * Asks for address, protocols and implementation, and opens a native socket. Nothing of it happens in the caller's
 * own turn, so that `new` and `close()` in one tick open nothing. Answers `undefined` when it was aborted on the
 * way; throws the cause of a failure.
 */
export async function openAttempt(
  sources: Sources,
  context: AttemptContext,
  settings: Settings,
  platform: Platform,
  binaryType: () => BinaryType,
  link: Link,
): Promise<Opened | undefined> {
  const { WebSocket, getWebSocket, webSocketOptions } = settings
  let kind: LossKind = 'url'
  try {
    const source = await ask<string | URL>(sources.url, context)
    const protocols = parseProtocols(await ask<string | readonly string[]>(sources.protocols, context))
    const url = parseUrl(source, platform.resolveUrl)
    kind = 'setup'
    const Implementation = WebSocket ?? (await getWebSocket?.())
    if (!Implementation) await platform.prepare?.()
    if (context.signal.aborted) return undefined
    const request = { url, protocols, binaryType: binaryType(), WebSocket: Implementation, webSocketOptions }
    return { url, native: platform.open(request, link) }
  } catch (error) {
    throw unclean(kind, error)
  }
}
