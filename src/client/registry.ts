import { HoldfastError } from '../base/errors.ts'
import { checkSignal, defaultsOf, type Rules, resolveOptions } from '../base/options.ts'

/**
 * How long, how often and to whom to listen.
 *
 * @public
 */
export interface MessageListenOptions {
  /** Stops the listening when it is aborted. */
  readonly signal?: AbortSignal
  /** Hear one message only. */
  readonly once?: boolean
  /** Hear only messages of this room. */
  readonly room?: string | undefined
}

type Resolved = Required<Omit<MessageListenOptions, 'signal' | 'room'>> &
  Pick<MessageListenOptions, 'signal' | 'room'>

const rules: Rules<Resolved> = {
  signal: [undefined, checkSignal],
  once: [false],
  room: [undefined, 'string'],
}

const defaults: Resolved = /* @__PURE__ */ defaultsOf(rules)

/** A number or a mistake must not hear what is meant for others. */
export function checkType(type: unknown): void {
  if (typeof type === 'string' && type !== '') return
  throw new HoldfastError('HF_BAD_TYPE', `A type is a text that is not empty, not ${String(type) || '""'}`)
}

type Handler = (event: never) => unknown

interface Registration {
  readonly handler: Handler
  readonly once: boolean
  live: boolean
  release(): void
}

/** Replaced, never changed, so that a list that is being told of something stays as it is. */
type List = readonly Registration[]

interface Entry {
  /** Those who hear all of a name. */
  all: List
  /** Those who hear one room: a client in thousands of rooms must not ask each for each message. */
  rooms: Map<string, List> | undefined
}

/** Handlers by name, and by name and room. A handler that throws is reported and stops no other. */
export class Registry {
  readonly #entries = new Map<string | number, Entry>()
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** Adds a handler. `ended` is called when it hears no more, for whatever reason. */
  on(
    name: string | number,
    handler: Handler,
    options?: MessageListenOptions,
    ended?: () => void,
  ): () => void {
    const { signal, once, room } = options ? resolveOptions(rules, defaults, options) : defaults
    if (typeof handler !== 'function') {
      throw new TypeError(`The handler of ${name} must be a function, not ${String(handler)}`)
    }
    if (signal?.aborted) {
      ended?.()
      return () => {}
    }
    const undo = () => {
      if (!registration.live) return
      registration.live = false
      signal?.removeEventListener('abort', undo)
      this.#replace(name, room, (list) => list.filter((other) => other !== registration))
      ended?.()
    }
    const registration: Registration = { handler, once, live: true, release: undo }
    signal?.addEventListener('abort', undo)
    this.#replace(name, room, (list) => list.concat(registration))
    return undo
  }

  #replace(name: string | number, room: string | undefined, change: (list: List) => List): void {
    const entry = this.#entries.get(name) ?? { all: [], rooms: undefined }
    if (room === undefined) entry.all = change(entry.all)
    else {
      entry.rooms ??= new Map()
      const list = change(entry.rooms.get(room) ?? [])
      if (list.length > 0) entry.rooms.set(room, list)
      else entry.rooms.delete(room)
    }
    if (entry.all.length > 0 || entry.rooms?.size) this.#entries.set(name, entry)
    else this.#entries.delete(name)
  }

  /** Tells all who want to hear it. Answers whether there was anybody. */
  tell(name: string | number, event: unknown, room?: string): boolean {
    const entry = this.#entries.get(name)
    if (!entry) return false
    // Both are looked up first: a handler may change them.
    const { all } = entry
    const here = room === undefined ? undefined : entry.rooms?.get(room)
    // By index: an iterator costs as much as a short handler.
    for (let index = 0; index < all.length; index++) this.#call(all[index] as Registration, event)
    if (here) for (let index = 0; index < here.length; index++) this.#call(here[index] as Registration, event)
    return all.length > 0 || here !== undefined
  }

  #call(registration: Registration, event: unknown): void {
    if (!registration.live) return
    if (registration.once) registration.release()
    try {
      const answer = registration.handler(event as never)
      // An async handler that fails must not end the process as an unhandled rejection without a name.
      if (answer !== undefined && answer instanceof Promise) answer.catch(this.#report)
    } catch (error) {
      this.#report(error)
    }
  }
}
