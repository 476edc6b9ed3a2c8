import { describe, expect, test } from 'vitest'
import { betterPeers, type Figure, verdict } from '../../bench/lib/figure.mjs'
import { goal, number, table } from '../../bench/lib/format.mjs'
import { report } from '../../bench/lib/report.mjs'

const rate: Figure = {
  id: 'rate',
  title: 'Rate',
  unit: 'messages/s',
  better: 'more',
  base: 'raw',
  compare: 'ratio',
  goal: { atLeast: 0.97 },
  references: ['ceiling'],
  samples: new Map([
    ['raw', [100, 200, 300]],
    ['Holdfast', [90, 180, 270]],
    ['rival', [99, 198, 297]],
    ['ceiling', [200, 400, 600]],
  ]),
}

const found: Figure = {
  id: 'found',
  title: 'Found',
  unit: 's',
  better: 'less',
  goal: { atMost: 15 },
  samples: new Map([
    ['Holdfast', [13.5]],
    ['rival', [Infinity]],
  ]),
}

const run = {
  chapters: [{ title: 'A chapter', method: 'How it is measured.', figures: [rate, found] }],
  machine: {
    cpu: 'a processor',
    cores: 2,
    memoryGiB: 4,
    system: 'Linux',
    node: 'v20',
    date: '2026-01-02',
    load: 0.5,
  },
  contenders: [{ name: 'rival', settings: 'its defaults' }],
  versions: [['rival', '1.2.3']] as [string, string][],
  explanations: {},
  command: 'npm run bench',
}

describe('a verdict', () => {
  test('is about the paired ratio where there is a base', () => {
    expect(verdict(rate)).toMatchObject({ met: false, value: { median: 0.9 } })
    expect(verdict({ ...rate, goal: { atLeast: 0.9 } })?.met).toBe(true)
    expect(verdict({ ...rate, goal: { atMost: 0.9 } })?.met).toBe(true)
    expect(verdict({ ...rate, goal: { atMost: 0.89 } })?.met).toBe(false)
  })

  test('is about the value where there is none', () => {
    expect(verdict(found)).toMatchObject({ met: true, value: { median: 13.5 } })
  })

  test('is about another of ours where the figure says so', () => {
    expect(verdict({ ...rate, ours: 'ceiling' })).toMatchObject({ met: true, value: { median: 2 } })
  })

  test('cannot be given without us', () => {
    const samples = new Map([['rival', [1]]])
    expect(() => verdict({ ...found, samples })).toThrow(/found has no Holdfast/)
  })
})

describe('who is better', () => {
  test('is a product, not the base nor a reference', () => {
    expect(betterPeers(rate).map(({ name }) => name)).toEqual(['rival'])
    expect(betterPeers(found)).toEqual([])
  })

  test('is better by more than the spreads', () => {
    const samples = new Map([
      ['Holdfast', [100, 90, 110]],
      ['rival', [105, 95, 115]],
    ])
    const noisy: Figure = { id: 'x', title: 'x', unit: 'x', better: 'more', samples }
    expect(betterPeers(noisy)).toEqual([])
  })
})

describe('the report', () => {
  const text = report(run)

  test('tells a missed goal as missed, and a met one as met', () => {
    expect(text).toMatch(/\| Rate +\| ≥ 0.97 × raw +\| 0.9 ± 0 × +\| \*\*missed\*\* \| 0.99 ×, rival/)
    expect(text).toMatch(/\| Found +\| ≤ 15 s +\| 13.5 s +\| met +\| never, rival/)
  })

  test('says where we lose, and why if that is known', () => {
    expect(text).toContain('- **Rate**: the goal is ≥ 0.97 × raw, we are at 0.9 ×. Not explained yet.')
    expect(text).toContain('- Rate: rival 0.99 ×; we 0.9 ×.')
    const explained = report({ ...run, explanations: { rate: 'Because.' } })
    expect(explained).toContain('we are at 0.9 ×. Because.')
  })

  test('says when the machine was busy', () => {
    expect(text).not.toContain('busy')
    const busy = report({ ...run, machine: { ...run.machine, load: 1.5 } })
    expect(busy).toContain('**The machine was busy when this run began: load 1.5 on 2 cores.')
  })

  test('says so when nothing is lost', () => {
    const won = report({ ...run, chapters: [{ title: 'x', method: 'x', figures: [found] }] })
    expect(won).toContain('Every goal is met.')
    expect(won).toContain('No other library is better')
  })

  test('names machine, versions, settings, method and every contender’s figures', () => {
    for (const part of [
      'a processor, 2 cores',
      '| 1.2.3',
      'its defaults',
      'How it is measured.',
      '(ceiling)',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toMatch(/\| raw +\| 200 ± 100 +\|/)
  })
})

test.each([
  [0, '0'],
  [0.01234, '0.012'],
  [0.9712, '0.971'],
  [3.456, '3.46'],
  [41.77, '41.8'],
  [1_234_567.8, '1,234,568'],
  [-2.5, '-2.5'],
  [Infinity, 'never'],
  [Number.NaN, 'unknown'],
])('%d is written %s', (value, written) => {
  expect(number(value)).toBe(written)
})

test('a goal names what it is measured by', () => {
  expect(goal(rate)).toBe('≥ 0.97 × raw')
  expect(goal(found)).toBe('≤ 15 s')
  expect(goal({ ...rate, compare: 'difference', goal: { atMost: 15 }, unit: 'ns' })).toBe('≤ +15 ns')
})

test('a table is aligned, so that it reads in a terminal too', () => {
  expect(table(['', 'b'], [['long one', '1']])).toBe(
    '|          | b   |\n| -------- | --- |\n| long one | 1   |',
  )
})
