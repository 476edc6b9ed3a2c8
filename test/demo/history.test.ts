import { describe, expect, test } from 'vitest'
import { History } from '../../demo/page/history.js'

describe('the history of the demo page', () => {
  test('what the socket enters ends what it was in, and an attempt without a link has failed', () => {
    const history = new History()
    history.enter({ kind: 'attempt', from: 0, number: 1 })
    history.enter({ kind: 'wait', from: 10, number: 2, delayMs: 500 })
    history.enter({ kind: 'attempt', from: 510, number: 2 })
    history.enter({ kind: 'link', from: 530, number: 1 })
    expect(history.spans.map(({ kind, to, failed }) => [kind, to, failed])).toEqual([
      ['attempt', 10, true],
      ['wait', 510, undefined],
      ['attempt', 530, false],
      ['link', Infinity, undefined],
    ])
    expect(history.current?.kind).toBe('link')
  })

  test('what the person did ends nothing, and lasts as long as it is said to, or until it is ended', () => {
    const history = new History()
    history.enter({ kind: 'link', from: 0, number: 1 })
    history.harm('Cut', 5)
    const slow = history.harm('Slow', 10, Infinity)
    const { version } = history
    history.end(slow, 20)
    expect(history.version).toBeGreaterThan(version)
    expect(history.current?.to).toBe(Infinity)
    expect(history.after(6).map(({ kind, to }) => [kind, to])).toEqual([
      ['link', Infinity],
      ['harm', 20],
    ])
  })

  test('it does not grow for ever', () => {
    const history = new History()
    for (let at = 0; at < 1_000; at++) history.harm('Cut', at)
    expect(history.spans.length).toBeLessThan(200)
    expect(history.spans.at(-1)?.from).toBe(999)
  })
})
