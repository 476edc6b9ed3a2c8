import { HoldfastError } from '../base/errors.ts'
import type { Envelope } from './envelope.ts'

type Fields = { readonly [name: string]: unknown }

/** The fields that an envelope owns, beside its payload. */
interface OwnFields {
  readonly type?: unknown
  readonly room?: unknown
  readonly timestamp?: unknown
  readonly id?: unknown
  readonly ref?: unknown
  readonly more?: unknown
  /** None of the wire's: only a dialect that knows positions may set it, so what came in must not have it. */
  readonly position?: unknown
}

/** The longest name that an envelope owns. */
const LONGEST_NAME = 9

/** A null or an empty string is what some serialisers write for a field that is not there. */
const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

/** Whether a value may be handed on as it is: every field that an envelope owns is in order, and none needs mending. */
export function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  const { type, room, timestamp, id, ref, more, position } = value as OwnFields
  return (
    typeof type === 'string' &&
    type !== '' &&
    (room === undefined || (typeof room === 'string' && room !== '')) &&
    (timestamp === undefined || (typeof timestamp === 'string' && timestamp !== '')) &&
    (id === undefined || (typeof id === 'string' && id !== '')) &&
    (ref === undefined || (typeof ref === 'string' && ref !== '')) &&
    (more === undefined || typeof more === 'boolean') &&
    position === undefined
  )
}

/**
 * Reads a value as an envelope: the value itself where everything is in order, else a mended copy, or `undefined` where
 * it has no `type`.
 *
 * Throws `HF_INVALID` that names the field for one that has a type, and another field that is wrong.
 */
export function toEnvelope(value: unknown): Envelope | undefined {
  return isEnvelope(value) ? value : mend(value)
}

/**
 * A value of an object by a name in any case. The name as it is goes first.
 */
export function fieldOf(source: object, name: string): unknown {
  if (Object.hasOwn(source, name)) return (source as Fields)[name]
  const folded = name.toLowerCase()
  for (const key of Object.keys(source)) {
    if (key.length === name.length && key.toLowerCase() === folded) return (source as Fields)[key]
  }
  return undefined
}

/** An envelope by hand: names in any case, numbers as ids, nulls and empty strings as nothing. */
function mend(value: unknown): Envelope | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { type, room, payload, timestamp, id, ref, more } = Object.hasOwn(value, 'type')
    ? (value as Fields)
    : fold(value as Fields)
  if (typeof type !== 'string' || type === '') return undefined
  const envelope: { -readonly [Name in keyof Envelope]: Envelope[Name] } = { type }
  // In the order in which they are written, so that mended envelopes look like others.
  if (!isAbsent(room)) envelope.room = textOf('room', room)
  if (payload !== undefined) envelope.payload = payload
  if (!isAbsent(timestamp)) envelope.timestamp = textOf('timestamp', timestamp)
  if (!isAbsent(id)) envelope.id = nameOf('id', id)
  if (!isAbsent(ref)) envelope.ref = nameOf('ref', ref)
  if (!isAbsent(more))
    envelope.more = more === true || more === false ? more : wrong('more', more, 'a boolean')
  return envelope
}

/**
 * The fields by their names in lower case. Where names differ in case alone, the first one counts. Long names are none
 * of ours, and `__proto__` is one of them.
 */
function fold(value: Fields): Fields {
  const folded: { [name: string]: unknown } = {}
  for (const key of Object.keys(value)) {
    const name = key.toLowerCase()
    if (key.length <= LONGEST_NAME && name !== '__proto__' && !Object.hasOwn(folded, name))
      folded[name] = value[key]
  }
  return folded
}

const textOf = (name: string, value: unknown): string =>
  typeof value === 'string' ? value : wrong(name, value, 'a string')

/** Servers that count their requests write numbers. */
const nameOf = (name: string, value: unknown): string =>
  typeof value === 'string'
    ? value
    : Number.isSafeInteger(value)
      ? String(value)
      : wrong(name, value, 'a string or a whole number')

function wrong(name: string, value: unknown, expected: string): never {
  const found = Array.isArray(value)
    ? 'an array'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`
  throw new HoldfastError('HF_INVALID', `The field ${name} of an envelope must be ${expected}, not ${found}`)
}
