import type { HoldfastError } from '../../src/base/errors.ts'
import type { Inbox } from '../../src/wire/dialect.ts'

/** One call of an inbox: its name and what it was given; of an error its code, of bytes their hexadecimal digits. */
export type Call = readonly [name: keyof Inbox, ...given: unknown[]]

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

/** JSON has neither bytes nor `undefined`. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]))
}

/** An inbox that keeps what it is told. */
export function recordingInbox(): { readonly inbox: Inbox; readonly calls: Call[] } {
  const calls: Call[] = []
  const note =
    (name: keyof Inbox) =>
    (...given: unknown[]): void => {
      calls.push([name, ...given.map(plain)])
    }
  const inbox: Inbox = {
    message: note('message'),
    error: note('error'),
    cancel: note('cancel'),
    frame: note('frame'),
    piece: note('piece'),
    abort: note('abort'),
    ping: note('ping'),
    announce: note('announce'),
    raw: note('raw'),
    malformed: (data, error: HoldfastError) => note('malformed')(data, error.code),
  }
  return { inbox, calls }
}
