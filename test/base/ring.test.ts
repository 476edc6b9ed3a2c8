import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from '../../src/base/ring.ts'

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant('push' as const) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
    fc.constantFrom('unshift', 'peek', 'push many', 'shift many'),
  ),
  { maxLength: 200 },
)

test('does what an array does', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const ring = new Ring<number>()
      const model: number[] = []
      let next = 0
      for (const step of sequence) {
        const times = step.endsWith('many') ? 700 : 1
        for (let time = 0; time < times; time++) {
          if (step.startsWith('push')) {
            ring.push(next)
            model.push(next++)
          } else if (step === 'unshift') {
            ring.unshift(next)
            model.unshift(next++)
          } else if (step.startsWith('shift')) expect(ring.shift()).toBe(model.shift())
          expect(ring.peek()).toBe(model[0])
          expect(ring.size).toBe(model.length)
        }
      }
      while (model.length > 0) expect(ring.shift()).toBe(model.shift())
      expect(ring.shift()).toBeUndefined()
      expect(ring.size).toBe(0)
    }),
  )
})

test('what left is not held on to', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const ring = new Ring<object>()
  const gone = (() => {
    const items = Array.from({ length: 5 }, () => ({}))
    for (const item of items) ring.push(item)
    for (let k = 0; k < 3; k++) ring.shift()
    return items.map((item) => new WeakRef(item))
  })()
  // A WeakRef keeps its target until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(gone.map((ref) => ref.deref() === undefined)).toEqual([true, true, true, false, false])
  expect(ring.size).toBe(2)
})

test('two rings share nothing', () => {
  const [a, b] = [new Ring<number>(), new Ring<number>()]
  a.push(1)
  expect([b.size, b.peek(), b.shift()]).toEqual([0, undefined, undefined])
  for (let k = 0; k < 3_000; k++) a.push(k)
  while (a.size > 0) a.shift()
  expect([a.peek(), a.shift()]).toEqual([undefined, undefined])
  a.unshift(7)
  expect([new Ring().size, a.peek()]).toEqual([0, 7])
})
