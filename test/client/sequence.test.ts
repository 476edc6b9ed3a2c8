import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sequence } from '../../src/client/sequence.ts'

test('whatever is known at once and whatever is awaited, all is done once, in the order of its arrival', () => {
  const actions = fc.array(fc.constantFrom('now', 'later', 'settle'), { maxLength: 60 })
  fc.assert(
    fc.property(actions, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (list, picks) => {
      const sequence = new Sequence()
      const done: number[] = []
      const open: ((wrong?: boolean) => void)[] = []
      let count = 0
      const settleOne = (pick: number) => {
        const [settle] = open.splice(pick % open.length, 1)
        settle?.()
        // It counts once.
        settle?.(true)
      }
      list.forEach((action, at) => {
        const n = count
        if (action === 'settle') settleOne(picks[at] ?? 0)
        else if (action === 'now') sequence.add(() => done.push(n))
        else {
          const settle = sequence.await()
          open.push((wrong) => settle(() => done.push(wrong ? -1 : n)))
        }
        if (action !== 'settle') count++
        expect(done).toEqual(Array.from({ length: count - sequence.size }, (_, index) => index))
      })
      while (open.length > 0) settleOne(0)
      expect(done).toEqual(Array.from({ length: count }, (_, index) => index))
      expect(sequence.isEmpty).toBe(true)
    }),
  )
})

test('what arrives while something is done comes after all that waits', () => {
  const sequence = new Sequence()
  const done: string[] = []
  const settle = sequence.await()
  sequence.add(() => done.push('second'))
  settle(() => {
    done.push('first')
    sequence.add(() => done.push('third'))
  })
  expect(done).toEqual(['first', 'second', 'third'])
})
