import { ReconnectingWebSocket } from '../core/reconnecting-web-socket.node.ts'
import type { Client } from './client.ts'
import type { ClientOptions } from './client-options.ts'
import { clientMaker, type SchemasOf } from './create-client.ts'

/** The same on Node's platform. */
export function createClient<const Options extends ClientOptions>(
  options: Options,
): Client<SchemasOf<Options>> {
  return clientMaker(ReconnectingWebSocket, {})(options) as never
}
