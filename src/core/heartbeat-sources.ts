import type { SocketData } from '../base/data.ts'
import { envelopeMessages } from './envelope-messages.ts'
import { type HeartbeatOptions, resolveHeartbeat } from './heartbeat.ts'
import { Pulse, type PulseHost } from './pulse.ts'

/**
 * How a heartbeat speaks where there are no protocol ping frames, that is in browsers: what is sent, and what
 * counts as its answer. What these functions recognise is not delivered to `message` listeners.
 *
 * @public
 */
export interface HeartbeatMessages {
  /** The message to send. The `id` is new for each ping. */
  ping(id: string): SocketData
  /** Returns the id that a message answers, `true` for an answer without an id, or anything else for no answer. */
  readPong(data: unknown): string | boolean | undefined
  /** What the peer's own ping is answered with; `undefined` for a message that is not one, or is not to be answered. */
  answer?(data: unknown): SocketData | undefined
}

/** Those that can tell at a glance that a message is none of theirs: asked first, for each message. */
export interface QuickMessages extends HeartbeatMessages {
  passes?(data: unknown): boolean
}

/**
 * A heartbeat to give as the option of that name. It is imported, so that a page that needs none loads none.
 *
 * @public
 */
export interface HeartbeatSource {
  /** Called once by each socket; what goes in and out is internal. */
  start(host: unknown, prefix: string): unknown
}

function source(options: HeartbeatOptions | undefined, messages?: QuickMessages): HeartbeatSource {
  const resolved = resolveHeartbeat(options)
  return { start: (host, prefix) => new Pulse(resolved, messages, host as PulseHost, prefix) }
}

/**
 * Protocol ping frames, which every server answers. Only `ws` can send them, so this is for Node, where it is the
 * default.
 *
 * @public
 */
export function pingFrames(options?: HeartbeatOptions): HeartbeatSource {
  return source(options)
}

/**
 * The heartbeat of the envelope convention: `{"type":"ping","id":"…"}`, answered by `{"type":"pong"}`, with or
 * without the id. The peer's own `{"type":"ping"}` is answered, but never one that has an id: such a ping is
 * another client's, relayed.
 *
 * @public
 */
export function envelopeHeartbeat(options?: HeartbeatOptions): HeartbeatSource {
  return source(options, envelopeMessages)
}

/**
 * A heartbeat in the words of your own protocol.
 *
 * @public
 */
export function messageHeartbeat(messages: HeartbeatMessages, options?: HeartbeatOptions): HeartbeatSource {
  if (typeof messages?.ping !== 'function' || typeof messages.readPong !== 'function') {
    throw new TypeError('messageHeartbeat needs an object with ping and readPong')
  }
  return source(options, messages)
}
