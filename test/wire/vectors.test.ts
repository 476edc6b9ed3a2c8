import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isHoldfastError } from '../../src/base/errors.ts'
import { encodeUtf8 } from '../../src/wire/bytes.ts'
import type { Operation } from '../../src/wire/dialect.ts'
import { envelopeDialect } from '../../src/wire/envelope-dialect.ts'
import type { EnvelopeDialectOptions } from '../../src/wire/envelope-options.ts'
import type { Piece } from '../../src/wire/piece.ts'
import { cutMessage, pieceOf } from '../../src/wire/pieces.ts'
import { Reassembler } from '../../src/wire/reassembler.ts'
import { type Call, fromHex, recordingInbox, toHex } from './recording-inbox.ts'

// The vectors of docs/vectors, as any other implementation would run them.

interface Named {
  readonly name: string
  readonly options?: EnvelopeDialectOptions
}

interface Envelopes {
  readonly decode: readonly (Named & { text: string; calls: Call[] })[]
  readonly encode: readonly (Named & { operation: Operation; text?: string; error?: string })[]
}

interface Frames {
  readonly frames: readonly (Named & { littleEndian?: boolean; hex: string; type: number; payload: string })[]
  readonly read: readonly (Named & { hex: string; error: string })[]
  readonly write: readonly (Named & { type: number; error: string })[]
}

interface Cut extends Named {
  readonly id: string
  readonly text?: string
  readonly hex?: string
  readonly maxPieceBytes: number
  readonly total: number
  readonly size: number
  readonly binary: readonly string[]
  readonly littleEndian: readonly string[]
  readonly envelopes: readonly string[]
}

interface Fragments {
  readonly cut: readonly Cut[]
  readonly aborts: readonly (Named & {
    id: string
    binary: string
    littleEndian: string
    envelope: string
  })[]
  readonly sequences: readonly (Named & { messages: string[]; results: string[]; whole?: string })[]
  readonly malformed: readonly (Named & { text: string })[]
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../docs/vectors/${name}.json`, import.meta.url), 'utf8')) as T

const envelopes = read<Envelopes>('envelopes')
const frames = read<Frames>('frames')
const fragments = read<Fragments>('fragments')

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return isHoldfastError(error) ? error.code : String(error)
  }
  return undefined
}

/** What a client hears when these messages arrive. */
function heard(
  messages: readonly (string | Uint8Array)[],
  options?: EnvelopeDialectOptions,
): readonly Call[] {
  const { inbox, calls } = recordingInbox()
  const decoder = envelopeDialect(options).decoder(inbox)
  for (const message of messages) {
    if (typeof message === 'string') decoder.text(message)
    else decoder.binary(message)
  }
  return calls
}

describe('envelopes', () => {
  test.each(envelopes.decode)('in: $name', ({ text, options, calls }) => {
    expect(heard([text], options)).toEqual(calls)
  })

  test.each(envelopes.encode)('out: $name', ({ operation, options, text, error }) => {
    const dialect = envelopeDialect(options)
    expect(codeOf(() => dialect.encode(operation))).toBe(error)
    if (text !== undefined) expect(dialect.encode(operation)).toBe(text)
  })
})

describe('frames', () => {
  test.each(frames.frames)('$name', ({ littleEndian = false, hex, type, payload }) => {
    expect(heard([fromHex(hex)], { littleEndian })).toEqual([['frame', type, payload]])
    const operation = { op: 'frame', type, payload: fromHex(payload) } as const
    const dialect = envelopeDialect({ littleEndian })
    expect(toHex(dialect.encode(operation) as Uint8Array)).toBe(hex)
    expect(toHex(dialect.encode({ ...operation, transient: true }) as Uint8Array)).toBe(hex)
  })

  test.each(frames.read)('in: $name', ({ hex, error }) => {
    expect(heard([fromHex(hex)])).toEqual([['malformed', hex, error]])
  })

  test.each(frames.write)('out: $name', ({ type, error }) => {
    const operation = { op: 'frame', type, payload: new Uint8Array(1) } as const
    expect(codeOf(() => envelopeDialect().encode(operation))).toBe(error)
  })
})

describe('pieces', () => {
  test.each(fragments.cut)('$name', (row) => {
    const isText = row.text !== undefined
    const bytes = row.text === undefined ? fromHex(row.hex ?? '') : encodeUtf8(row.text)
    const cut = cutMessage(row.id, bytes, isText, row.maxPieceBytes)
    expect([cut.total, cut.size]).toEqual([row.total, row.size])
    const pieces = Array.from({ length: cut.total }, (_, index) => pieceOf(cut, index))
    const written = (options: EnvelopeDialectOptions) =>
      pieces.map((piece) => envelopeDialect(options).encode({ op: 'piece', piece }))
    const hex = (options: EnvelopeDialectOptions) =>
      written(options).map((message) => toHex(message as Uint8Array))
    expect(hex({ pieces: 'binary' })).toEqual(row.binary)
    expect(hex({ pieces: 'binary', littleEndian: true })).toEqual(row.littleEndian)
    expect(written({ pieces: 'text' })).toEqual(row.envelopes)

    const expected = pieces.map((piece) => ['piece', { ...piece, data: toHex(piece.data) }])
    expect(heard(row.binary.map(fromHex))).toEqual(expected)
    expect(heard(row.littleEndian.map(fromHex), { littleEndian: true })).toEqual(expected)
    expect(heard(row.envelopes)).toEqual(expected)
  })

  test.each(fragments.aborts)('$name', ({ id, binary, littleEndian, envelope }) => {
    const abort = (options: EnvelopeDialectOptions) =>
      envelopeDialect(options).encode({ op: 'abort', id, isText: true })
    expect(toHex(abort({ pieces: 'binary' }) as Uint8Array)).toBe(binary)
    expect(toHex(abort({ pieces: 'binary', littleEndian: true }) as Uint8Array)).toBe(littleEndian)
    expect(abort({ pieces: 'text' })).toBe(envelope)
    expect(heard([fromHex(binary), envelope])).toEqual([
      ['abort', id],
      ['abort', id],
    ])
    expect(heard([fromHex(littleEndian)], { littleEndian: true })).toEqual([['abort', id]])
  })

  test.each(fragments.malformed)('refused: $name', ({ text }) => {
    expect(heard([text])).toEqual([['malformed', text, 'HF_BAD_FRAGMENT']])
  })
})

describe('pieces as they arrive', () => {
  test.each(fragments.sequences)('$name', ({ messages, results, whole }) => {
    const reassembler = new Reassembler()
    const told: string[] = []
    let last: string | undefined
    const decoder = envelopeDialect().decoder({
      ...recordingInbox().inbox,
      piece(piece: Piece) {
        const added = reassembler.add(piece, 0)
        told.push(added.is)
        if (added.is === 'complete') last = toHex(added.data)
      },
      abort(id) {
        reassembler.abort(id)
        told.push('aborted')
      },
      malformed: () => told.push('malformed'),
    })
    for (const message of messages) decoder.binary(fromHex(message))
    expect(told).toEqual(results)
    expect(last).toBe(whole)
  })
})
