import EventEmitter from 'eventemitter3'

/** How long and how often to listen. */
export interface ListenOptions {
  /** Listen to one event only. */
  readonly once?: boolean
  /** Stops the listening when it is aborted. */
  readonly signal?: AbortSignal
}

type Callback<E> = (event: E) => unknown
type Listener<E> = Callback<E> | { handleEvent(event: E): unknown } | null

/** One listener of one type. It is the context in which eventemitter3 calls `deliver`. */
interface Registration {
  readonly owner: EventTargetFace<never>
  readonly type: string
  listener: Listener<never>
  readonly once: boolean
  /** Whether it is an `on…` attribute, which is no duplicate of a listener that was added. */
  readonly attribute: boolean
  live: boolean
  /** Takes the listener off its `signal`. */
  release: (() => void) | undefined
}

type Deliver = (event: unknown) => void

/** Calls one listener, and keeps what it throws from all others. */
function deliver(this: Registration, event: never): void {
  const { listener, owner } = this
  if (!this.live) return
  if (this.once) remove(this)
  try {
    if (typeof listener === 'function') listener.call(owner, event)
    else listener?.handleEvent?.(event)
  } catch (error) {
    owner.report(error)
  }
}

function remove(registration: Registration): void {
  const { owner, type } = registration
  registration.live = false
  registration.release?.()
  owner.registrations.splice(owner.registrations.indexOf(registration), 1)
  owner.emitter.off(type, deliver as Deliver, registration)
}

/**
 * An emitter under two faces: the W3C one (`addEventListener`, `on…` attributes) and a typed one (`on`, `off`).
 * eventemitter3 carries the events; each listener is isolated from what the others throw.
 */
export abstract class EventTargetFace<Events extends object> {
  /** @internal */
  readonly emitter: EventEmitter = new EventEmitter()
  /** @internal */
  readonly registrations: Registration[] = []

  /** @internal */
  abstract report(error: unknown): void

  /** Listens to one type of event. Returns the undo. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: Callback<Events[Type]>,
    options?: ListenOptions,
  ): () => void {
    this.addEventListener(type, listener, options)
    return () => this.off(type, listener)
  }

  /** Stops what `on` began. */
  off<Type extends keyof Events & string>(type: Type, listener: Callback<Events[Type]>): void {
    this.removeEventListener(type, listener)
  }

  /** As in the W3C standard: a listener that is there already is not added again. */
  addEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: Listener<Events[Type]>,
    options?: boolean | (ListenOptions & { readonly capture?: boolean; readonly passive?: boolean }),
  ): void {
    if (listener === null || listener === undefined) return
    if (typeof listener !== 'function' && typeof listener !== 'object') {
      throw new TypeError(`The listener of ${type} must be a function or an object, not ${String(listener)}`)
    }
    const { once = false, signal } = typeof options === 'object' ? (options ?? {}) : {}
    if (signal?.aborted || this.#find(type, listener as Listener<never>, false)) return
    const registration = this.#register(type, listener as Listener<never>, once, false)
    if (!signal) return
    const stop = () => remove(registration)
    signal.addEventListener('abort', stop)
    registration.release = () => signal.removeEventListener('abort', stop)
  }

  /** As in the W3C standard. */
  removeEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: Listener<Events[Type]>,
  ): void {
    const found = this.#find(type, listener as Listener<never>, false)
    if (found) remove(found)
  }

  /** As in the W3C standard, except that the event keeps its own `target`. */
  dispatchEvent(event: { readonly type: string; readonly defaultPrevented?: boolean }): boolean {
    this.emitter.emit(event.type, event)
    return !event.defaultPrevented
  }

  /** The handler of an `on…` attribute. @internal */
  protected handler(type: string): never {
    return (this.#find(type, undefined, true)?.listener ?? null) as never
  }

  /** Sets an `on…` attribute; a handler keeps its place among the listeners when it is replaced. @internal */
  protected setHandler(type: string, value: unknown): void {
    const listener = (
      typeof value === 'function' || typeof value === 'object' ? value : null
    ) as Listener<never>
    const found = this.#find(type, undefined, true)
    if (!found) listener && this.#register(type, listener, false, true)
    else if (listener) found.listener = listener
    else remove(found)
  }

  #register(type: string, listener: Listener<never>, once: boolean, attribute: boolean): Registration {
    const owner = this as never
    const registration: Registration = {
      owner,
      type,
      listener,
      once,
      attribute,
      live: true,
      release: undefined,
    }
    this.registrations.push(registration)
    this.emitter.on(type, deliver as Deliver, registration)
    return registration
  }

  #find(type: string, listener: Listener<never> | undefined, attribute: boolean): Registration | undefined {
    return this.registrations.find(
      (it) => it.type === type && it.attribute === attribute && (attribute || it.listener === listener),
    )
  }
}
