import {
  constantBackoff,
  type ProtocolSource,
  ReconnectingWebSocket,
  type SocketEventMap,
  type SocketOptions,
  type UrlSource,
} from 'holdfast'
import { onTestFinished } from 'vitest'
import type { ManualClock } from './manual-clock.ts'
import { type WaitOptions, waitFor } from './wait-for.ts'

type Events = SocketEventMap<ReconnectingWebSocket>
export type EventType = keyof Events
export type Told = { [Type in EventType]: Events[Type] }[EventType]

const eventTypes: readonly EventType[] = [
  'open',
  'message',
  'error',
  'close',
  'status',
  'reconnecting',
  'reconnected',
  'failed',
  'drop',
  'indoubt',
  'drain',
  'heartbeat',
]

/** All that a socket told, in order. */
export interface Recording {
  readonly all: readonly Told[]
  of<Type extends EventType>(type: Type): readonly Events[Type][]
  /** Waits for the n-th event of a type, counted from 1. */
  nth<Type extends EventType>(type: Type, n?: number): Promise<Events[Type]>
  /** The order in which events of these types came. */
  order(...types: readonly EventType[]): readonly string[]
}

/** Shorter than the runner's own limit, so that the error says what was waited for. */
export function until<T>(condition: () => T | Promise<T>, what?: string): ReturnType<typeof waitFor<T>> {
  const options: WaitOptions = { timeoutMs: 4_000, everyMs: 5, ...(what !== undefined && { what }) }
  return waitFor(condition, options)
}

export function record(socket: ReconnectingWebSocket): Recording {
  const all: Told[] = []
  const of = <Type extends EventType>(type: Type) =>
    all.filter((event): event is Told & Events[Type] => event.type === type)
  for (const type of eventTypes) socket.on(type, (event) => void all.push(event as Told))
  return {
    all,
    of,
    nth: (type, n = 1) => until(() => of(type)[n - 1] as never, `event ${type} number ${n}`),
    order: (...types) => all.map(({ type }) => type).filter((type) => types.includes(type)),
  }
}

export interface TestSocketOptions extends SocketOptions {
  readonly protocols?: ProtocolSource
}

/** A socket with short waits, that is closed when its test is over. */
export function createSocket(
  url: UrlSource,
  { protocols, ...options }: TestSocketOptions = {},
): ReconnectingWebSocket {
  const socket = new ReconnectingWebSocket(url, protocols, {
    backoff: constantBackoff(20),
    closeTimeoutMs: 500,
    ...options,
  })
  onTestFinished(async () => {
    socket.close()
    await (options.clock as Partial<ManualClock> | undefined)?.advance?.(60_000)
    await until(() => socket.status === 'closed', 'the socket of the test to be closed')
  })
  return socket
}

/** As `createSocket`, recorded from its first event on. */
export function createRecorded(
  url: UrlSource,
  options?: TestSocketOptions,
): { readonly socket: ReconnectingWebSocket; readonly told: Recording } {
  const socket = createSocket(url, options)
  return { socket, told: record(socket) }
}

/** An open socket, recorded from its first event on. */
export async function openRecorded(
  url: UrlSource,
  options?: TestSocketOptions,
): Promise<{ readonly socket: ReconnectingWebSocket; readonly told: Recording }> {
  const created = createRecorded(url, options)
  await created.told.nth('open')
  return created
}

/** The next macrotask, or the one after that in browsers: enough for what was due at once. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
