import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InDoubt } from '../../src/core/in-doubt.ts'

/** All that was written since the last proof, and how much of it stood there at the last ping. */
class NaiveDoubt {
  written: string[] = []
  marked = 0
  readonly keep: number

  constructor(keep: number) {
    this.keep = keep
  }

  settle() {
    const { written } = this
    this.written = []
    this.marked = 0
    if (written.length === 0) return undefined
    const bytes = written.reduce((sum, data) => sum + data.length, 0)
    return { count: written.length, bytes, messages: this.keep ? written.slice(-this.keep) : [] }
  }
}

const operations = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('wrote' as const), data: fc.string({ maxLength: 9 }) }),
    },
    fc.record({ do: fc.constantFrom('mark', 'prove') }),
    fc.record({ do: fc.constant('settle' as const) }),
  ),
  { maxLength: 100 },
)

describe('what was written and not proven', () => {
  test('is counted and kept as a naive list would', () => {
    fc.assert(
      fc.property(fc.nat(5), operations, (keep, steps) => {
        const doubt = new InDoubt(keep)
        const model = new NaiveDoubt(keep)
        for (const step of steps) {
          if (step.do === 'wrote') {
            doubt.wrote(step.data)
            model.written.push(step.data)
          } else if (step.do === 'mark') {
            doubt.mark()
            model.marked = model.written.length
          } else if (step.do === 'prove') {
            doubt.prove()
            model.written.splice(0, model.marked)
            model.marked = 0
          } else expect(doubt.settle()).toEqual(model.settle())
          expect(doubt.count).toBe(model.written.length)
        }
        expect(doubt.settle()).toEqual(model.settle())
        expect(doubt.settle()).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('an answer proves what was written before its ping, not what came after', () => {
    const doubt = new InDoubt(10)
    doubt.wrote('before')
    doubt.mark()
    doubt.wrote('after')
    doubt.prove()
    expect(doubt.settle()).toEqual({ count: 1, bytes: 5, messages: ['after'] })
  })

  test('of more messages than are kept the last are told, and all are counted', () => {
    const doubt = new InDoubt(2)
    for (const message of ['a', 'b', 'c', 'd']) doubt.wrote(message)
    expect(doubt.settle()).toEqual({ count: 4, bytes: 4, messages: ['c', 'd'] })
  })

  test('none are kept unless asked for', () => {
    const doubt = new InDoubt(0)
    doubt.wrote('a')
    expect(doubt.settle()).toEqual({ count: 1, bytes: 1, messages: [] })
  })

  test('bytes are those of binary data, and what is kept is a copy', () => {
    const bytes = new Uint8Array([1, 2, 3])
    const doubt = new InDoubt(1)
    doubt.wrote(bytes.subarray(1))
    bytes.fill(9)
    const { count, bytes: size, messages } = doubt.settle() ?? {}
    expect([count, size]).toEqual([1, 2])
    expect([...new Uint8Array(messages?.[0] as ArrayBuffer)]).toEqual([2, 3])
  })

  test('a ping of the old link proves nothing of the new one', () => {
    const doubt = new InDoubt(0)
    doubt.wrote('a')
    doubt.mark()
    doubt.settle()
    doubt.wrote('b')
    doubt.prove()
    expect(doubt.settle()).toMatchObject({ count: 1 })
  })
})
