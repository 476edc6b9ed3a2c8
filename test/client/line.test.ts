/** A line of messages agrees with a plain list, whatever is taken out of its middle. */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Ring } from '../../src/base/ring.ts'
import { Line } from '../../src/client/line.ts'
import { Outgoing } from '../../src/client/outgoing.ts'

/** Ends its wait where it stands, as the outbox does. */
function bury(message: Outgoing): void {
  message.drop('aborted')
  message.line?.bury()
}

function replace(old: Outgoing, message: Outgoing): void {
  message.owner = old.owner ?? old
  message.owner.heir = message
  message.line = old.line
  old.drop('conflated')
}

const act = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'push' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'unshift' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'shift' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('bury' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replace' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'move' as const }) },
)

test('a line holds what was put in and neither taken, dropped nor replaced, in order', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400, size: 'max' }), (acts) => {
      let line = new Line()
      let list: Outgoing[] = []
      let n = 0
      for (const step of acts) {
        const fresh = new Outgoing(n++, 'small', 'x')
        const index = 'which' in step ? step.which % Math.max(list.length, 1) : 0
        const chosen = list[index]
        if (step.do === 'push') {
          line.push(fresh)
          list.push(fresh)
        } else if (step.do === 'unshift') {
          line.unshift(fresh)
          list.unshift(fresh)
        } else if (step.do === 'shift') expect(line.shift()).toBe(list.shift())
        else if (step.do === 'bury' && chosen) {
          bury(chosen)
          list.splice(index, 1)
        } else if (step.do === 'replace' && chosen) {
          replace(chosen, fresh)
          list[index] = fresh
        } else if (step.do === 'move') {
          const other = new Line()
          for (const message of line.takeAll()) other.push(message)
          expect(line.size).toBe(0)
          line = other
          list = [...list]
        }
        expect(line.size).toBe(list.length)
        expect([...line]).toEqual(list)
        expect(line.head()).toBe(list[0])
        expect(line.first(({ type }) => Number(type) % 3 === 0)).toBe(
          list.find(({ type }) => Number(type) % 3 === 0),
        )
      }
    }),
    { numRuns: 60 },
  )
})

test('a line does not keep the dead: not more of them than of the living, or 64', () => {
  const line = new Line()
  const messages = Array.from({ length: 10_000 }, (_, n) => new Outgoing(n, 'small', 'x'))
  for (const message of messages) line.push(message)
  for (const message of messages.slice(1)) bury(message)
  const looks = vi.spyOn(Ring.prototype, 'at')
  expect([...line]).toHaveLength(1)
  expect(looks.mock.calls.length).toBeLessThanOrEqual(1 + 64)
  looks.mockRestore()
  expect(line.size).toBe(1)
  expect([...line]).toEqual([messages[0]])
  expect(line.shift()).toBe(messages[0])
  expect([line.size, line.head()]).toEqual([0, undefined])
})
