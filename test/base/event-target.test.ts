import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { SocketEventTarget } from '../../src/base/event-target.ts'

interface Tick {
  readonly type: string
  readonly n?: number
  readonly defaultPrevented?: boolean
}

interface Events {
  tick: Tick
  tock: Tick
  message: Tick
}

class Target extends SocketEventTarget<Events> {
  readonly reported: unknown[] = []

  report(error: unknown): void {
    this.reported.push(error)
  }

  get ontick(): unknown {
    return this.handler('tick')
  }

  set ontick(value: unknown) {
    this.setHandler('tick', value)
  }

  tick(n = 0): void {
    this.dispatchEvent({ type: 'tick', n } as Tick)
  }
}

let target: Target
let calls: string[]
beforeEach(() => {
  target = new Target()
  calls = []
})

const note = (name: string) => () => void calls.push(name)

describe('listeners', () => {
  test('are called in the order in which they came, with the event, and with the socket as this', () => {
    const seen: unknown[] = []
    target.addEventListener('tick', function (this: unknown, event) {
      seen.push(this, event.n)
    })
    target.addEventListener('tick', note('second'))
    target.tick(7)
    expect(seen).toEqual([target, 7])
    expect(calls).toEqual(['second'])
  })

  test('of one type hear nothing of another', () => {
    target.addEventListener('tock', note('tock'))
    target.tick()
    expect(calls).toEqual([])
  })

  test('that are there already are not added again', () => {
    const listener = note('once')
    const object = { handleEvent: note('object') }
    for (let k = 0; k < 3; k++) {
      target.addEventListener('tick', listener)
      target.addEventListener('tick', object)
    }
    target.tick()
    expect(calls).toEqual(['once', 'object'])
    target.removeEventListener('tick', listener)
    target.tick()
    expect(calls).toEqual(['once', 'object', 'object'])
  })

  test('the same one may listen to two types', () => {
    const listener = note('both')
    target.addEventListener('tick', listener)
    target.addEventListener('tock', listener)
    target.removeEventListener('tick', listener)
    target.dispatchEvent({ type: 'tock' })
    expect(calls).toEqual(['both'])
  })

  test('that are null or missing are ignored, as in the standard', () => {
    target.addEventListener('tick', null)
    target.addEventListener('tick', undefined as never)
    target.removeEventListener('tick', null)
    target.tick()
    expect(target.reported).toEqual([])
  })

  test.each(['text', 5, true, Symbol('x')])('that are %o are a TypeError', (listener) => {
    expect(() => target.addEventListener('tick', listener as never)).toThrow(TypeError)
    expect(() => target.addEventListener('tick', listener as never)).toThrow(/tick/)
  })

  test('removing what is not there does nothing', () => {
    target.addEventListener('tick', note('a'))
    target.removeEventListener('tick', () => {})
    target.off('tick', () => {})
    target.tick()
    expect(calls).toEqual(['a'])
  })

  test.each([null, undefined, false, true, {}, { capture: true }, { passive: true }])(
    'options %o',
    (options) => {
      target.addEventListener('tick', note('a'), options as never)
      target.tick()
      target.tick()
      expect(calls).toEqual(['a', 'a'])
    },
  )
})

describe('an object as a listener', () => {
  test('is called by its handleEvent of that moment, with itself as this', () => {
    const object = {
      name: 'first',
      handleEvent(event: Tick) {
        calls.push(`${this.name} ${event.n}`)
      },
    }
    target.addEventListener('tick', object)
    target.tick(1)
    object.handleEvent = () => void calls.push('replaced')
    target.tick(2)
    expect(calls).toEqual(['first 1', 'replaced'])
  })

  test('without handleEvent harms nobody', () => {
    target.addEventListener('tick', {} as never)
    target.addEventListener('tick', note('after'))
    target.tick()
    expect(calls).toEqual(['after'])
  })
})

describe('once', () => {
  test('means once, also when the listener dispatches again', () => {
    target.addEventListener(
      'tick',
      ({ n }) => {
        calls.push(`once ${n}`)
        target.tick(2)
      },
      { once: true },
    )
    target.tick(1)
    target.tick(3)
    expect(calls).toEqual(['once 1'])
  })

  test('also when the event comes again from a listener before it', () => {
    let again = true
    target.addEventListener('tick', () => {
      if (again) {
        again = false
        target.tick(2)
      }
    })
    target.addEventListener('tick', ({ n }) => calls.push(`once ${n}`), { once: true })
    target.tick(1)
    expect(calls).toEqual(['once 2'])
  })

  test('can be removed before, and added again after', () => {
    const listener = note('once')
    target.on('tick', listener, { once: true })
    target.off('tick', listener)
    target.tick()
    expect(calls).toEqual([])
    for (let k = 0; k < 2; k++) {
      target.on('tick', listener, { once: true })
      target.tick()
    }
    expect(calls).toEqual(['once', 'once'])
  })
})

describe('a signal', () => {
  test('ends the listening', () => {
    const abort = new AbortController()
    target.addEventListener('tick', note('a'), { signal: abort.signal })
    target.addEventListener('tick', note('b'))
    target.tick()
    abort.abort()
    target.tick()
    expect(calls).toEqual(['a', 'b', 'b'])
  })

  test('that is aborted already lets nothing begin', () => {
    target.addEventListener('tick', note('a'), { signal: AbortSignal.abort() })
    target.tick()
    expect(calls).toEqual([])
  })

  test('aborted during a dispatch stops those after', () => {
    const abort = new AbortController()
    target.addEventListener('tick', () => abort.abort())
    target.addEventListener('tick', note('late'), { signal: abort.signal })
    target.tick()
    expect(calls).toEqual([])
  })

  test('that many share ends them all, and no other', () => {
    const abort = new AbortController()
    for (let k = 0; k < 5; k++) {
      target.addEventListener('tick', note(`mine ${k}`), { signal: abort.signal })
      target.addEventListener('tick', note(`yours ${k}`))
    }
    abort.abort()
    target.tick()
    expect(calls).toEqual([0, 1, 2, 3, 4].map((k) => `yours ${k}`))
  })

  test('does not keep a listener that was removed, or called once', () => {
    const abort = new AbortController()
    const listening = new Set<unknown>()
    const signal = {
      aborted: false,
      addEventListener: (_type: string, listener: unknown) => listening.add(listener),
      removeEventListener: (_type: string, listener: unknown) => listening.delete(listener),
    } as unknown as AbortSignal
    const undo = target.on('tick', note('a'), { signal })
    target.on('tick', note('b'), { signal, once: true })
    expect(listening.size).toBe(2)
    undo()
    target.tick()
    expect(listening.size).toBe(0)
    abort.abort()
  })

  test('aborted after the listener was removed does not remove another', () => {
    const abort = new AbortController()
    const listener = note('a')
    target.addEventListener('tick', listener, { signal: abort.signal })
    target.removeEventListener('tick', listener)
    target.addEventListener('tick', listener)
    target.addEventListener('tick', note('b'))
    abort.abort()
    target.tick()
    expect(calls).toEqual(['a', 'b'])
  })
})

describe('during a dispatch', () => {
  test('a listener that is removed is not called any more', () => {
    const later = note('later')
    target.addEventListener('tick', () => target.removeEventListener('tick', later))
    target.addEventListener('tick', later)
    target.addEventListener('tick', note('last'))
    target.tick()
    expect(calls).toEqual(['last'])
  })

  test('a listener that is added is called from the next event on', () => {
    for (const before of [0, 1, 2]) {
      const fresh = new Target()
      const heard: string[] = []
      for (let k = 0; k < before; k++) fresh.addEventListener('tick', () => {})
      fresh.addEventListener('tick', () => fresh.addEventListener('tick', () => void heard.push('new')), {
        once: true,
      })
      fresh.tick()
      expect(heard).toEqual([])
      fresh.tick()
      expect(heard).toEqual(['new'])
    }
  })

  test('a listener that removes itself does not make the next one miss the event', () => {
    const first = () => {
      calls.push('first')
      target.removeEventListener('tick', first)
    }
    target.addEventListener('tick', first)
    target.addEventListener('tick', note('second'))
    target.tick()
    target.tick()
    expect(calls).toEqual(['first', 'second', 'second'])
  })
})

describe('a listener that throws', () => {
  test('is reported, and the others hear the event all the same', () => {
    const errors = [new Error('function'), 'a thrown string', undefined]
    for (const error of errors) {
      target.addEventListener('tick', () => {
        throw error
      })
    }
    const inHandle = new Error('object')
    target.addEventListener('tick', {
      handleEvent() {
        throw inHandle
      },
    })
    target.addEventListener('tick', note('after'))
    expect(() => target.tick()).not.toThrow()
    expect(target.reported).toEqual([...errors, inHandle])
    expect(calls).toEqual(['after'])
  })

  test('once is gone after it', () => {
    target.addEventListener(
      'tick',
      () => {
        throw new Error('x')
      },
      { once: true },
    )
    target.tick()
    target.tick()
    expect(target.reported).toHaveLength(1)
  })
})

describe('an on… attribute', () => {
  test('is null at first, and what was set after', () => {
    expect(target.ontick).toBeNull()
    const handler = note('on')
    target.ontick = handler
    expect(target.ontick).toBe(handler)
    target.tick()
    target.ontick = null
    expect(target.ontick).toBeNull()
    target.tick()
    expect(calls).toEqual(['on'])
  })

  test.each([undefined, 5, 'text', true, Symbol('x')])('that is set to %o is null', (value) => {
    target.ontick = note('on')
    target.ontick = value
    expect(target.ontick).toBeNull()
    target.tick()
    expect(calls).toEqual([])
  })

  test('that is set to an object keeps it and does nothing: it is no function, and handleEvent is for listeners', () => {
    const object = { handleEvent: note('object') }
    target.ontick = object
    expect(target.ontick).toBe(object)
    target.tick()
    expect(calls).toEqual([])
    expect(target.reported).toEqual([])
  })

  test('has its place from when it was first set, and keeps it when it is replaced', () => {
    target.addEventListener('tick', note('before'))
    target.ontick = note('on')
    target.addEventListener('tick', note('after'))
    target.ontick = note('replaced')
    target.tick()
    expect(calls).toEqual(['before', 'replaced', 'after'])
    calls.length = 0
    target.ontick = null
    target.ontick = note('new')
    target.tick()
    expect(calls).toEqual(['before', 'after', 'new'])
  })

  test('is no duplicate of the same function as a listener, and is not removed with it', () => {
    const both = note('both')
    target.ontick = both
    target.addEventListener('tick', both)
    target.tick()
    target.removeEventListener('tick', both)
    target.tick()
    expect(calls).toEqual(['both', 'both', 'both'])
  })

  test('that is replaced during the dispatch is called as the new one', () => {
    target.addEventListener('tick', () => {
      target.ontick = note('new')
    })
    target.ontick = note('old')
    target.tick()
    expect(calls).toEqual(['new'])
  })

  test('has the socket as this', () => {
    let that: unknown
    target.ontick = function (this: unknown) {
      that = this
    }
    target.tick()
    expect(that).toBe(target)
  })
})

describe('on and off', () => {
  test('on returns its undo, which may be called twice', () => {
    const undo = target.on('tick', note('a'))
    target.on('tick', note('b'))
    undo()
    undo()
    target.tick()
    expect(calls).toEqual(['b'])
  })

  test('off removes what addEventListener added, and the other way round', () => {
    const listener = note('a')
    target.addEventListener('tick', listener)
    target.off('tick', listener)
    target.on('tick', listener)
    target.removeEventListener('tick', listener)
    target.tick()
    expect(calls).toEqual([])
  })

  test('an undo of an old listening does not end a new one of the same function', () => {
    const listener = note('a')
    const undo = target.on('tick', listener)
    undo()
    target.on('tick', listener)
    undo()
    target.tick()
    expect(calls).toEqual(['a'])
  })
})

test('on() wants a listener', () => {
  for (const nothing of [null, undefined, 7, 'f'])
    expect(() => target.on('tick', nothing as never)).toThrow(TypeError)
})

test('dispatchEvent answers whether the default is still wanted', () => {
  expect(target.dispatchEvent({ type: 'tick' })).toBe(true)
  expect(target.dispatchEvent({ type: 'tick', defaultPrevented: true })).toBe(false)
  expect(target.dispatchEvent(new Event('nobody listens'))).toBe(true)
})

test('names like those of Object.prototype are ordinary types', () => {
  const any = target as unknown as { addEventListener(type: string, listener: () => void): void }
  for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(() => target.dispatchEvent({ type })).not.toThrow()
    any.addEventListener(type, note(type))
    target.dispatchEvent({ type })
  }
  expect(calls).toEqual(['constructor', '__proto__', 'toString', 'hasOwnProperty'])
})

test('thousands of listeners come and go', () => {
  const undos = Array.from({ length: 3_000 }, (_, k) => target.on('tick', note(`${k}`)))
  target.tick()
  expect(calls).toHaveLength(3_000)
  for (const undo of undos) undo()
  target.tick()
  expect(calls).toHaveLength(3_000)
  expect(target.emitter.listenerCount('tick')).toBe(0)
})

test.each(['tick', 'message'] as const)(
  'any use of %s calls what the platform’s own EventTarget calls',
  (type) => {
    const step = fc.record({
      do: fc.constantFrom('add', 'add once', 'add with signal', 'remove', 'abort', 'dispatch', 'dispatch'),
      who: fc.nat(4),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ours = new Target()
        const theirs = new EventTarget()
        const heard: [number[], number[]] = [[], []]
        const listeners = [0, 1, 2, 3, 4].map((who) => [
          () => void heard[0].push(who),
          () => void heard[1].push(who),
        ]) as [() => void, () => void][]
        let abort = new AbortController()
        for (const { do: what, who } of steps) {
          const [mine, native] = listeners[who] as [() => void, () => void]
          const options = {
            once: what === 'add once',
            ...(what === 'add with signal' && { signal: abort.signal }),
          }
          if (what === 'add with signal') {
            // Node ends the listening that is there already by the signal of a duplicate; the standard does not.
            ours.removeEventListener(type, mine)
            theirs.removeEventListener(type, native)
          }
          if (what.startsWith('add')) {
            ours.addEventListener(type, mine, options)
            theirs.addEventListener(type, native, options)
          } else if (what === 'remove') {
            ours.removeEventListener(type, mine)
            theirs.removeEventListener(type, native)
          } else if (what === 'abort') {
            abort.abort()
            abort = new AbortController()
          } else {
            if (type === 'message') ours.tellMessage({ type })
            else ours.tick()
            theirs.dispatchEvent(new Event(type))
          }
          expect(heard[0]).toEqual(heard[1])
        }
      }),
      { numRuns: 300 },
    )
  },
)
