import { EventEmitter } from 'eventemitter3'

/**
 * How long and how often to listen.
 *
 * @public
 */
export interface ListenOptions {
  /** Listen to one event only. */
  readonly once?: boolean
  /** Stops the listening when it is aborted. */
  readonly signal?: AbortSignal
}

/**
 * A listener as in the W3C standard: a function, or an object with `handleEvent`.
 *
 * @public
 */
export type SocketEventListener<E> = ((event: E) => unknown) | { handleEvent(event: E): unknown } | null

type Listener = SocketEventListener<never>

/** One listener of one type. It is the context in which eventemitter3 calls it. */
interface Registration {
  readonly owner: SocketEventTarget<never>
  readonly type: string
  listener: Listener
  readonly once: boolean
  /** Whether it is an `on…` attribute, which is no duplicate of a listener that was added. */
  readonly attribute: boolean
  live: boolean
  /** Takes the listener off its `signal`. */
  release: (() => void) | undefined
}

const NONE: readonly Registration[] = []

/** Calls one listener, and keeps what it throws from all others. */
function tell(registration: Registration, event: unknown): void {
  const { listener, owner } = registration
  if (!registration.live) return
  if (registration.once) owner.unregister(registration)
  try {
    if (typeof listener === 'function') listener.call(owner, event as never)
    else if (!registration.attribute) listener?.handleEvent?.(event as never)
  } catch (error) {
    owner.report(error)
  }
}

function deliver(this: Registration, event: unknown): void {
  tell(this, event)
}

/**
 * An emitter under two faces: the W3C one (`addEventListener`, `on…` attributes) and a typed one (`on`, `off`).
 * eventemitter3 carries the events; each listener is isolated from what the others throw.
 *
 * @public
 */
export abstract class SocketEventTarget<Events extends object> {
  /** @internal */
  readonly emitter: EventEmitter = new EventEmitter()
  /** Replaced, never changed: as small as it can be, and the empty one is shared by all. */
  #registrations: readonly Registration[] = NONE
  /** The listener of `message`, while there is just one. */
  #soleOfMessage: Registration | undefined

  /** @internal */
  abstract report(error: unknown): void

  /** Tells a message. The one listener that most sockets have is called without the emitter, which costs more than all else here. @internal */
  tellMessage(event: unknown): void {
    if (this.#soleOfMessage) tell(this.#soleOfMessage, event)
    else this.emitter.emit('message', event)
  }

  /** Listens to one type of event. Returns the undo. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (event: Events[Type]) => unknown,
    options?: ListenOptions,
  ): () => void {
    const registration = this.#listen(type, listener, options)
    return () => {
      if (registration?.live) this.unregister(registration)
    }
  }

  /** Stops what `on` began. */
  off<Type extends keyof Events & string>(type: Type, listener: (event: Events[Type]) => unknown): void {
    this.removeEventListener(type, listener)
  }

  /** As in the W3C standard: a listener that is there already is not added again. */
  addEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: SocketEventListener<Events[Type]>,
    options?: boolean | (ListenOptions & { readonly capture?: boolean; readonly passive?: boolean }),
  ): void {
    if (listener !== null && listener !== undefined) this.#listen(type, listener, options)
  }

  /** As in the W3C standard. */
  removeEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: SocketEventListener<Events[Type]>,
  ): void {
    const found = this.#find(type, listener as Listener, false)
    if (found) this.unregister(found)
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
    const listener = (typeof value === 'function' || typeof value === 'object' ? value : null) as Listener
    const found = this.#find(type, undefined, true)
    if (!found) listener && this.#register(type, listener, false, true)
    else if (listener) found.listener = listener
    else this.unregister(found)
  }

  /** Answers the registration, unless the same listener is there already or its signal is aborted. */
  #listen(
    type: string,
    listener: unknown,
    options: boolean | ListenOptions | undefined,
  ): Registration | undefined {
    if (typeof listener !== 'function' && (typeof listener !== 'object' || !listener)) {
      throw new TypeError(`The listener of ${type} must be a function or an object, not ${String(listener)}`)
    }
    const { once = false, signal } = typeof options === 'object' ? (options ?? {}) : {}
    if (signal?.aborted || this.#find(type, listener as Listener, false)) return undefined
    const registration = this.#register(type, listener as Listener, once, false)
    if (!signal) return registration
    const stop = () => this.unregister(registration)
    signal.addEventListener('abort', stop)
    registration.release = () => signal.removeEventListener('abort', stop)
    return registration
  }

  #register(type: string, listener: Listener, once: boolean, attribute: boolean): Registration {
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
    this.#keep(this.#registrations.concat(registration))
    this.emitter.on(type, deliver, registration)
    return registration
  }

  /** @internal */
  unregister(of: object): void {
    const registration = of as Registration
    registration.live = false
    registration.release?.()
    this.#keep(this.#registrations.filter((other) => other !== registration))
    this.emitter.off(registration.type, deliver, registration)
  }

  #keep(registrations: readonly Registration[]): void {
    this.#registrations = registrations
    const ofMessage = registrations.filter(({ type }) => type === 'message')
    this.#soleOfMessage = ofMessage.length === 1 ? ofMessage[0] : undefined
  }

  #find(type: string, listener: Listener | undefined, attribute: boolean): Registration | undefined {
    return this.#registrations.find(
      (it) => it.type === type && it.attribute === attribute && (attribute || it.listener === listener),
    )
  }
}
