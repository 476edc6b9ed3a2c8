/**
 * Measures several contenders in interleaved rounds: A B C, B C A, C A B and so on. Whatever drifts in the machine
 * meanwhile meets all of them alike, and none is always the first.
 *
 * @param {readonly string[]} names
 * @param {{ warmUp: number, rounds: number }} counts
 * @param {(name: string) => Promise<Record<string, number>>} measure one round of one contender, several figures at once
 * @returns {Promise<Map<string, Map<string, number[]>>>} by figure, by contender: one value a round
 */
export async function interleave(names, { warmUp, rounds }, measure) {
  /** @type {Map<string, Map<string, number[]>>} */
  const figures = new Map()
  for (let round = -warmUp; round < rounds; round++) {
    const first = (round + warmUp) % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const measured = await measure(name)
      if (round < 0) continue
      for (const [figure, value] of Object.entries(measured)) {
        const samples = figures.get(figure) ?? new Map(names.map((each) => [each, []]))
        figures.set(figure, samples)
        samples.get(name)?.push(value)
      }
    }
  }
  return figures
}
