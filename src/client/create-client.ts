import { envelopeHeartbeat } from '../core/heartbeat-sources.ts'
import { ReconnectingWebSocket } from '../core/reconnecting-web-socket.ts'
import { Client } from './client.ts'
import { type ClientOptions, resolveClientOptions } from './client-options.ts'
import type { ClientSchemas } from './schemas.ts'

/** Makes `createClient` for a socket of one platform. */
export function clientMaker(
  Socket: typeof ReconnectingWebSocket,
  defaults: Record<string, unknown>,
): <Options extends ClientOptions>(options: Options) => Client<SchemasOf<Options>> {
  return (given) => {
    const { options, url, protocols, socketOptions } = resolveClientOptions(given)
    const { autoConnect = true, ...rest } = { ...defaults, ...socketOptions }
    const socket = new Socket(url, protocols, { ...rest, autoConnect: false, binaryType: 'arraybuffer' })
    const client = new Client<never>(socket, options)
    if (autoConnect === true) socket.open()
    else if (autoConnect !== false) {
      throw new TypeError(`Option autoConnect must be a boolean, not ${String(autoConnect)}`)
    }
    return client as never
  }
}

/** The maps of schemas in a client's options. @public */
export type SchemasOf<Options extends ClientSchemas> = Pick<
  Options,
  Extract<keyof Options, keyof ClientSchemas>
>

/**
 * Begins a conversation. It connects at once, unless `autoConnect` is `false`. In browsers its heartbeat is
 * `envelopeHeartbeat()` unless another is given, in Node ping frames.
 *
 * @throws SyntaxError (a `DOMException`), TypeError or RangeError that names what is wrong, as the socket's constructor.
 *
 * @public
 */
export function createClient<const Options extends ClientOptions>(
  options: Options,
): Client<SchemasOf<Options>> {
  return clientMaker(ReconnectingWebSocket, { heartbeat: envelopeHeartbeat() })(options) as never
}
