import { expect, test } from 'vitest'
import { Samples } from '../../demo/page/samples.js'

test('samples go back as far as they are shown, and one further', () => {
  const samples = new Samples(1_000)
  samples.add(0, 5)
  samples.add(500, 6)
  samples.add(1_000, null)
  samples.add(1_700, 8)
  expect(samples.ago(1_700)).toEqual([
    [-1.2, -0.7, 0],
    [6, null, 8],
  ])
  expect(samples.since(1_700)).toEqual([8])
})
