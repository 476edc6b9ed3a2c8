import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts'

/**
 * One schema a message type.
 *
 * @public
 */
export type SchemaMap = Readonly<Record<string, StandardSchema>>

/** The schemas of a request: of what is asked, and of what is answered. Each may be left out. @public */
export interface RequestSchemas {
  readonly input?: StandardSchema
  readonly output?: StandardSchema
}

/**
 * What is said on a connection, by schemas. Without a map its messages are not checked, and their payloads are `unknown`.
 *
 * @public
 */
export interface ClientSchemas {
  /** What is expected from the server; types that are not in it reach the event `unknown`. */
  readonly messages?: SchemaMap | undefined
  /** What we send. @defaultValue `messages`, since what one sends into a room is what others receive */
  readonly sends?: SchemaMap | undefined
  /** What we ask. */
  readonly requests?: Readonly<Record<string, RequestSchemas>> | undefined
  /** What the server may ask, see `handle`. */
  readonly serves?: Readonly<Record<string, RequestSchemas>> | undefined
}

/** What handlers get, by type. @public */
export type OutputsOf<Map> = { readonly [Type in keyof Map & string]: SchemaOutput<Map[Type]> }
/** What is sent, by type. @public */
export type InputsOf<Map> = { readonly [Type in keyof Map & string]: SchemaInput<Map[Type]> }
/** Without a map: any type, with a payload that nobody has checked. @public */
export type Anything = Readonly<Record<string, unknown>>

/**
 * A payload and options as the last arguments of a call: the payload may be left out only where `undefined` fits.
 *
 * @public
 */
export type PayloadAndOptions<Payload, Options> = undefined extends Payload
  ? [payload?: Payload, options?: Options]
  : [payload: Payload, options?: Options]

/** Payloads that we receive, by type. @public */
export type ReceivedPayloads<S extends ClientSchemas> = S['messages'] extends object
  ? OutputsOf<S['messages']>
  : Anything

/** Payloads that we send, by type. @public */
export type SentPayloads<S extends ClientSchemas> = S['sends'] extends object
  ? InputsOf<S['sends']>
  : S['messages'] extends object
    ? InputsOf<S['messages']>
    : Anything

/** Requests that we make, by type: what is asked and what is answered. @public */
export type RequestTypes<S extends ClientSchemas> =
  S['requests'] extends Readonly<Record<string, RequestSchemas>>
    ? {
        readonly [Type in keyof S['requests'] & string]: {
          readonly input: SchemaInput<S['requests'][Type]['input']>
          readonly output: SchemaOutput<S['requests'][Type]['output']>
        }
      }
    : Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>>

/** Requests that the server makes, by type: what it asks, checked, and what we answer. @public */
export type ServedTypes<S extends ClientSchemas> =
  S['serves'] extends Readonly<Record<string, RequestSchemas>>
    ? {
        readonly [Type in keyof S['serves'] & string]: {
          readonly input: SchemaOutput<S['serves'][Type]['input']>
          readonly output: SchemaInput<S['serves'][Type]['output']>
        }
      }
    : Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>>

/**
 * A message as handlers get it.
 *
 * @public
 */
export interface Message<Payload = unknown, Type extends string = string> {
  readonly type: Type
  readonly room?: string | undefined
  readonly payload: Payload
  /** When the sender made it: RFC 3339, in UTC; where the sender said so. */
  readonly timestamp?: string | undefined
  readonly id?: string | undefined
}
