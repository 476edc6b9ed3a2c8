import { HoldfastError } from '../base/errors.ts'
import { checkSignal, defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import type { Conversation } from './conversation.ts'
import { checkType } from './registry.ts'
import type { Message } from './schemas.ts'

/**
 * How long and where to wait for one message.
 *
 * @public
 */
export interface OnceOptions {
  /** How long to wait, in milliseconds. @defaultValue Infinity */
  readonly timeoutMs?: number
  /** Ends the waiting when it is aborted. */
  readonly signal?: AbortSignal
  /** Wait for a message of this room. */
  readonly room?: string
}

type Resolved = Required<Pick<OnceOptions, 'timeoutMs'>> & Omit<OnceOptions, 'timeoutMs'>

const rules: Rules<Resolved> = {
  timeoutMs: [Infinity],
  signal: [undefined, checkSignal],
  room: [undefined, 'string'],
}

const defaults: Resolved = /* @__PURE__ */ defaultsOf(rules)

/** The next message of a type, or why there will be none. */
export async function nextMessage(
  conversation: Conversation,
  type: string,
  given: OnceOptions | undefined,
): Promise<Message> {
  const { timeoutMs, signal, room } = resolveOptions(rules, defaults, given)
  checkType(type)
  signal?.throwIfAborted()
  if (conversation.over) throw conversation.over
  let release = () => {}
  try {
    return await new Promise<Message>((resolve, reject) => {
      const undo = conversation.handlers.on(type, resolve, { once: true, room })
      const late = () => reject(new HoldfastError('HF_TIMEOUT', `No ${type} within ${timeoutMs} ms`))
      const timer = timeoutMs < 2 ** 31 ? conversation.setTimer(late, timeoutMs) : undefined
      const aborted = () => reject(signal?.reason)
      signal?.addEventListener('abort', aborted)
      conversation.waiters.add(reject)
      release = () => {
        undo()
        conversation.clearTimer(timer)
        signal?.removeEventListener('abort', aborted)
        conversation.waiters.delete(reject)
      }
    })
  } finally {
    release()
  }
}
