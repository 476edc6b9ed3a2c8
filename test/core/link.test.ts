import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Link, type LinkHost } from '../../src/core/link.ts'
import type { LossCause } from '../../src/core/loss.ts'

/** Hears what a link tells, and holds its macrotasks back until the test lets them run. */
class Listener implements LinkHost {
  readonly told: unknown[] = []
  readonly losses: LossCause[] = []
  #tasks: (() => void)[] = []

  linkOpened(generation: number): void {
    this.told.push(['opened', generation])
  }
  received(data: unknown): void {
    this.told.push(['received', data])
  }
  lost(generation: number, cause: LossCause): void {
    this.told.push(['lost', generation])
    this.losses.push(cause)
  }
  peerPinged(): void {
    this.told.push(['pinged'])
  }
  ponged(id: string): void {
    this.told.push(['ponged', id])
  }
  defer(callback: () => void): void {
    this.#tasks.push(callback)
  }
  runTasks(): void {
    for (const task of this.#tasks.splice(0)) task()
  }
}

function started() {
  const listener = new Listener()
  return { listener, link: new Link(listener, 7) }
}

const clean = { code: 4001, reason: 'bye', wasClean: true }
const unclean = { code: 1006, reason: '', wasClean: false }

describe('how a link ends', () => {
  test('a close tells its code, reason and cleanness', () => {
    const { link, listener } = started()
    link.opened()
    link.closed(clean)
    expect(listener.losses).toMatchObject([{ kind: 'close', ...clean }])
  })

  test('a close before the link was open is a refusal, with the code that came', () => {
    const { link, listener } = started()
    link.closed(unclean)
    expect(listener.losses).toMatchObject([{ kind: 'refused', ...unclean }])
  })

  test('an error waits one macrotask for the close with the true code, which then carries the error', () => {
    const { link, listener } = started()
    const error = new Error('reset')
    link.opened()
    link.errored(error)
    expect(listener.losses).toEqual([])
    link.closed(clean)
    listener.runTasks()
    expect(listener.losses).toMatchObject([{ kind: 'close', ...clean, error }])
  })

  test.each([
    [false, 'refused'],
    [true, 'close'],
  ])('an error without a close ends it after that macrotask (open before: %s)', (open, kind) => {
    const { link, listener } = started()
    const error = new Error('refused')
    if (open) link.opened()
    link.errored(error)
    listener.runTasks()
    expect(listener.losses).toMatchObject([{ kind, ...unclean, error }])
    link.closed(clean)
    expect(listener.losses).toHaveLength(1)
  })

  test('an HTTP answer ends it with its status, whatever follows', () => {
    const { link, listener } = started()
    link.refused(503, 9_000)
    link.errored(new Error('Unexpected server response: 503'))
    link.closed(unclean)
    listener.runTasks()
    expect(listener.losses).toMatchObject([{ kind: 'http', status: 503, retryAfterMs: 9_000, ...unclean }])
  })

  test('without Retry-After there is no retryAfterMs', () => {
    const { link, listener } = started()
    link.refused(403, undefined)
    expect(listener.losses[0]).not.toHaveProperty('retryAfterMs')
  })

  test.each([0, undefined, Number.NaN])(
    'the code %s, as some platforms give, is the standard’s 1006',
    (code) => {
      const { link, listener } = started()
      link.closed({ code: code as number, reason: '', wasClean: false })
      expect(listener.losses[0]?.code).toBe(1006)
    },
  )

  test('without a close frame there is no reason, whatever the platform says', () => {
    const { link, listener } = started()
    link.opened()
    link.closed({ code: 1006, reason: 'a text of the platform’s own', wasClean: true })
    expect(listener.losses).toMatchObject([unclean])
  })
})

describe('nothing', () => {
  const everything = (link: Link) => {
    link.opened()
    link.received('x')
    link.pinged()
    link.ponged('x')
    link.errored(new Error('late'))
    link.refused(500, undefined)
    link.closed(clean)
  }

  test('is heard of a link that was dropped', () => {
    const { link, listener } = started()
    link.drop()
    everything(link)
    listener.runTasks()
    expect(listener.told).toEqual([])
  })

  test('is heard after the end', () => {
    const { link, listener } = started()
    link.opened()
    link.closed(clean)
    const { length } = listener.told
    everything(link)
    listener.runTasks()
    expect(listener.told).toHaveLength(length)
  })

  test('of an error is heard when the link is dropped meanwhile', () => {
    const { link, listener } = started()
    link.errored(new Error('x'))
    link.drop()
    listener.runTasks()
    expect(listener.told).toEqual([])
  })
})

test('in any order and any number, it ends exactly once, with the code of a close that came in time', () => {
  const happening = fc.constantFrom(
    'opened',
    'received',
    'errored',
    'closed',
    'refused',
    'tasks',
    'pinged',
    'ponged',
  )
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (sequence) => {
      const { link, listener } = started()
      let expected: string | undefined
      let pending = false
      for (const step of sequence) {
        if (step === 'tasks') {
          if (pending) expected ??= 'error'
          pending = false
          listener.runTasks()
        } else if (step === 'closed') {
          expected ??= 'closed'
          link.closed(clean)
        } else if (step === 'refused') {
          expected ??= 'http'
          link.refused(500, undefined)
        } else if (step === 'errored') {
          pending = true
          link.errored('x')
        } else if (step === 'opened') link.opened()
        else if (step === 'pinged') link.pinged()
        else link[step]('x')
        expect(listener.losses).toHaveLength(expected ? 1 : 0)
      }
      const [loss] = listener.losses
      if (expected === 'closed') expect(loss).toMatchObject(clean)
      if (expected === 'http') expect(loss).toMatchObject({ kind: 'http', status: 500, code: 1006 })
      if (expected === 'error') expect(loss).toMatchObject({ code: 1006, wasClean: false, error: 'x' })
      const end = listener.told.findIndex((it) => (it as [string])[0] === 'lost')
      if (end !== -1) expect(end).toBe(listener.told.length - 1)
    }),
    { numRuns: 500 },
  )
})
