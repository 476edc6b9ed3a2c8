import type { HoldfastError } from '../base/errors.ts'
import type { InboundMessage, Inbox, PeerError } from '../wire/dialect.ts'
import type { PeerLimits } from '../wire/limits.ts'
import type { Piece } from '../wire/piece.ts'
import type { ClientEventMap } from './client-events.ts'
import type { Message, SchemaMap } from './schemas.ts'
import { Sequence } from './sequence.ts'
import {
  checkInTime,
  pathOf,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
  type Timers,
} from './standard-schema.ts'

/** As many messages may wait behind one whose schema thinks. */
const MOST_WAITING = 10_000

/** Where what arrived goes. */
export interface InboundHost extends Timers {
  /** Whether it answers a request of ours. */
  takeReply(message: InboundMessage): boolean
  takeError(error: PeerError): boolean
  /** Whether it is a request of the peer's that somebody handles. */
  takeRequest(message: InboundMessage): boolean
  takeCancel(ref: string): void
  takePiece(piece: Piece, isRelayed: boolean): void
  takeAbort(id: string): void
  takePing(): void
  announce(limits: PeerLimits): void
  /** Brings it to its handlers, now or when delivery is due. */
  deliver(message: InboundMessage): void
  deliverFrame(type: number, payload: Uint8Array): void
  /** A message was dropped: too many wait. */
  overrun(): void
  tell<Name extends keyof ClientEventMap>(name: Name, event: ClientEventMap[Name]): void
}

/** Sorts what arrives: answers, requests, checked messages, and what is none of these. */
export class Inbound implements Inbox {
  readonly #schemas: ReadonlyMap<string, StandardSchema> | undefined
  readonly #sequence: Sequence
  readonly #host: InboundHost

  constructor(schemas: SchemaMap | undefined, host: InboundHost) {
    this.#schemas = schemas && new Map(Object.entries(schemas) as [string, StandardSchema][])
    this.#host = host
    this.#sequence = new Sequence(MOST_WAITING, () => host.overrun())
  }

  message(message: InboundMessage): void {
    const host = this.#host
    if (host.takeReply(message) || host.takeRequest(message)) return
    const schemas = this.#schemas
    if (!schemas) {
      // No closure where nothing waits: that is the way of nearly all messages.
      if (this.#sequence.isEmpty) host.deliver(message)
      else this.#sequence.add(() => host.deliver(message))
      return
    }
    const schema = schemas.get(message.type)
    if (!schema) {
      this.#sequence.add(() => host.tell('unknown', message as Message))
      return
    }
    const result = checkInTime(schema, message.payload, host)
    if ('then' in result) this.#await(message, result)
    else if (this.#sequence.isEmpty) this.#checked(message, result)
    else this.#sequence.add(() => this.#checked(message, result))
  }

  #checked(message: InboundMessage, result: SchemaResult<unknown>): void {
    if (result.issues) this.#invalid(message, result.issues)
    // What the schema left as it was needs no new object.
    else if (result.value === message.payload) this.#host.deliver(message)
    else this.#host.deliver({ ...message, payload: result.value })
  }

  #invalid(message: InboundMessage, issues: readonly SchemaIssue[]): void {
    this.#host.tell('invalid', { message, issues, paths: issues.map(pathOf) })
  }

  #await(message: InboundMessage, result: Promise<SchemaResult<unknown>>): void {
    const settle = this.#sequence.await()
    void result.then((checked) => settle(() => this.#checked(message, checked)))
  }

  frame(type: number, payload: Uint8Array): void {
    if (this.#sequence.isEmpty) this.#host.deliverFrame(type, payload)
    else this.#sequence.add(() => this.#host.deliverFrame(type, payload))
  }

  error(error: PeerError): void {
    if (!this.#host.takeError(error)) this.#sequence.add(() => this.#host.tell('error', error))
  }

  cancel(ref: string): void {
    this.#host.takeCancel(ref)
  }

  piece(piece: Piece, isRelayed = false): void {
    this.#host.takePiece(piece, isRelayed)
  }

  abort(id: string): void {
    this.#host.takeAbort(id)
  }

  ping(): void {
    this.#host.takePing()
  }

  announce(limits: PeerLimits): void {
    this.#host.announce(limits)
  }

  raw(text: string): void {
    this.#sequence.add(() => this.#host.tell('raw', { text }))
  }

  malformed(data: string | Uint8Array, error: HoldfastError): void {
    this.#sequence.add(() => this.#host.tell('malformed', { data, error }))
  }
}
