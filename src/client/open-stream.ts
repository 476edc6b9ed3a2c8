import type { Conversation } from './conversation.ts'
import { type MessageStream, type ResolvedBufferOptions, Stream } from './message-stream.ts'

/** A stream of what `listen` brings, until its signal is aborted or the client ends. */
export function openStream<T>(
  conversation: Conversation,
  buffer: ResolvedBufferOptions,
  signal: AbortSignal | undefined,
  where: string | number,
  listen: (push: (item: T) => void) => () => void,
): MessageStream<T> {
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
  if (signal?.aborted) {
    stream.end(signal.reason)
    return stream
  }
  undo = listen((item) => stream.push(item))
  waiters.add(end)
  signal?.addEventListener('abort', abort)
  return stream
}
