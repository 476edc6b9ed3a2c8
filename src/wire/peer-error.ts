import type { PeerError } from './dialect.ts'
import type { Envelope } from './envelope.ts'
import { fieldOf } from './envelope-guard.ts'

/** A name or a code: servers that count write numbers. */
export const asName = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : Number.isSafeInteger(value) ? String(value) : undefined

/**
 * What an `error` envelope says, whatever of it is there: the payload may be an object, a mere string, or missing, with
 * the fields beside the type. A field that makes no sense is passed over: a complaint that is badly worded is still one.
 */
export function readPeerError(envelope: Envelope, source: object): PeerError {
  const { payload, room, ref } = envelope
  if (typeof payload === 'string') return { code: 'error', message: payload, retryable: false, ref, room }
  const fields = typeof payload === 'object' && payload !== null ? payload : source
  const message = fieldOf(fields, 'message')
  const retryAfterMs = fieldOf(fields, 'retryAfterMs')
  return {
    code: asName(fieldOf(fields, 'code')) ?? 'error',
    message: typeof message === 'string' ? message : '',
    retryable: fieldOf(fields, 'retryable') === true,
    ref: asName(fieldOf(fields, 'ref')) ?? ref,
    room: asName(fieldOf(fields, 'room')) ?? room,
    retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined,
  }
}
