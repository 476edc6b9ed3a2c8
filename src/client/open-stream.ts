import { checkSignal, defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import type { Conversation } from './conversation.ts'
import {
  type BufferOptions,
  type MessageStream,
  type ResolvedBufferOptions,
  resolveBuffer,
  Stream,
} from './message-stream.ts'

/**
 * How a loop reads messages.
 *
 * @public
 */
export interface ReadOptions {
  /** Ends the loop when it is aborted, with its reason. */
  readonly signal?: AbortSignal
  /** How much the reader may leave waiting. @defaultValue 1000 messages, then `drop-oldest` */
  readonly buffer?: BufferOptions
}

interface Resolved {
  readonly signal?: AbortSignal | undefined
  readonly buffer: ResolvedBufferOptions
  readonly room?: string | undefined
}

const rules: Rules<Resolved> = {
  signal: [undefined, checkSignal],
  buffer: [/* @__PURE__ */ resolveBuffer(undefined), (given) => resolveBuffer(given)],
  room: [undefined, 'string'],
}

const defaults: Resolved = /* @__PURE__ */ defaultsOf(rules)

/** A stream of what `listen` brings, until its signal is aborted or the client ends. */
export function openStream<T>(
  conversation: Conversation,
  where: string | number,
  given: ReadOptions | undefined,
  listen: (push: (item: T) => void, room: string | undefined) => () => void,
): MessageStream<T> {
  const { signal, buffer, room } = resolveOptions(rules, defaults, given)
  const { waiters } = conversation
  let undo: (() => void) | undefined
  const abort = () => stream.end(signal?.reason)
  const end = (error?: unknown) => stream.end(error)
  const stream = new Stream<T>(
    buffer,
    () => {
      undo?.()
      waiters.delete(end)
      signal?.removeEventListener('abort', abort)
    },
    () => conversation.tell('overrun', { where }),
  )
  const over = signal?.aborted ? signal.reason : conversation.over
  if (over !== undefined) {
    stream.end(over)
    return stream
  }
  undo = listen((item) => stream.push(item), room)
  waiters.add(end)
  signal?.addEventListener('abort', abort)
  return stream
}
