import { describe, expect, test } from 'vitest'
import { summarize } from '../../tools/harness/summary.mjs'
import type { TestResult, Told } from '../harness/report.ts'

const result = (name: string, state: TestResult['state']): TestResult => ({ name, state, errors: [] })
const files = ['a.test.ts']

/** What a file tells that runs to its end. */
const whole = (...results: readonly TestResult[]): Told[] => [
  { file: 'a.test.ts', results },
  { done: 'a.test.ts' },
]

describe('the summary of a runtime', () => {
  test('counts what passed, failed and was skipped', () => {
    const told = whole(result('one', 'passed'), result('two', 'failed'), result('three', 'skipped'))
    const { counts, text } = summarize(told, files)
    expect(counts).toMatchObject({ numPassedTests: 1, numFailedTests: 1, numPendingTests: 1 })
    expect(text).toContain('a.test.ts > two')
  })

  const passed = whole(result('one', 'passed'))
  test.each<[string, readonly Told[], readonly string[]]>([
    ['a fault beside the tests', [...passed, { fault: 'unhandled' }], files],
    ['a file that did not end', passed.slice(0, 1), files],
    ['a file that never began', passed, [...files, 'b.test.ts']],
    ['a file without tests', whole(), files],
    ['no file', [], []],
  ])('counts %s as a failure', (_what, told, wanted) => {
    expect(summarize(told, wanted).counts.numFailedTests).toBe(1)
  })
})
