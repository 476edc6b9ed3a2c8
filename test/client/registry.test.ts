import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Registry } from '../../src/client/registry.ts'

const names = fc.constantFrom('a', 'b', '__proto__', 'constructor')
const rooms = fc.constantFrom(undefined, 'x', 'y', '__proto__')
const steps = fc.oneof(
  fc.record({ do: fc.constant('on' as const), name: names, room: rooms, once: fc.boolean() }),
  fc.record({ do: fc.constant('undo' as const), at: fc.nat() }),
  fc.record({ do: fc.constant('tell' as const), name: names, room: rooms }),
)

test('a handler hears exactly what it asked for, from its adding to its end; the answer says whether any did', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 50 }), (list) => {
      const registry = new Registry(() => {})
      const model: {
        name: string
        room: string | undefined
        once: boolean
        live: boolean
        undo: () => void
        ended: number
        heard: number[]
        due: number[]
      }[] = []
      list.forEach((step, at) => {
        if (step.do === 'on') {
          const { name, room, once } = step
          const entry = {
            name,
            room,
            once,
            live: true,
            undo: () => {},
            ended: 0,
            heard: [] as number[],
            due: [] as number[],
          }
          entry.undo = registry.on(
            name,
            (event: number) => entry.heard.push(event),
            { once, room },
            () => entry.ended++,
          )
          model.push(entry)
        } else if (step.do === 'undo') {
          const entry = model[step.at % model.length]
          entry?.undo()
          if (entry) entry.live = false
        } else {
          const { name, room } = step
          const due = model.filter(
            (entry) => entry.live && entry.name === name && (entry.room === undefined || entry.room === room),
          )
          for (const entry of due) {
            entry.due.push(at)
            if (entry.once) entry.live = false
          }
          expect(registry.tell(name, at, room)).toBe(due.length > 0)
        }
        for (const { heard, due, live, ended } of model) {
          expect(heard).toEqual(due)
          expect(ended).toBe(live ? 0 : 1)
        }
      })
    }),
  )
})

test('what ends a handler is told once, also where it never began', () => {
  const registry = new Registry(() => {})
  const ended = vi.fn()
  registry.on('a', () => {}, { signal: AbortSignal.abort() }, ended)
  expect(ended).toHaveBeenCalledOnce()
  const abort = new AbortController()
  const undo = registry.on('a', () => {}, { signal: abort.signal, once: true }, ended)
  const released = vi.spyOn(abort.signal, 'removeEventListener')
  registry.tell('a', 1)
  expect(released).toHaveBeenCalledOnce()
  abort.abort()
  undo()
  expect(ended).toHaveBeenCalledTimes(2)
})
