/** A figure: one quantity of several contenders, and what is wanted of ours. */
import { pairedDifferences, pairedRatios, summarize } from './statistics.mjs'

/** Ours, where a figure names nobody else. */
const OURS = 'Holdfast'

/**
 * `samples` has one value a round for each contender. `base` names whom all are compared with, by the ratio to it or
 * the difference from it. The goal is on that comparison, or on the value itself where there is no base.
 *
 * @typedef {'ratio' | 'difference'} Comparison
 * @typedef {{ atLeast: number } | { atMost: number }} Goal
 * @typedef {{
 *   id: string,
 *   title: string,
 *   unit: string,
 *   better: 'more' | 'less',
 *   samples: Map<string, readonly number[]>,
 *   base?: string,
 *   compare?: Comparison,
 *   references?: readonly string[],
 *   goal?: Goal,
 *   ours?: string,
 * }} Figure `references` are shown, but are nobody's product.
 *
 * @typedef {import('./statistics.mjs').Summary} Summary
 * @typedef {{ name: string, value: Summary, compared: Summary | undefined, rounds: number }} Standing
 * @typedef {{ goal: Goal, met: boolean, value: Summary }} Verdict
 */

/** Where each contender stands. @param {Figure} figure @returns {Standing[]} */
export function standings(figure) {
  const base = figure.base === undefined ? undefined : figure.samples.get(figure.base)
  const join = figure.compare === 'difference' ? pairedDifferences : pairedRatios
  return [...figure.samples].map(([name, values]) => ({
    name,
    value: summarize(values),
    compared: base && name !== figure.base ? summarize(join(values, base)) : undefined,
    rounds: values.length,
  }))
}

/** Where we stand. @param {Figure} figure @returns {Standing} */
export function ourStanding(figure) {
  const { ours = OURS } = figure
  const standing = standings(figure).find(({ name }) => name === ours)
  if (!standing) throw new Error(`${figure.id} has no ${ours}`)
  return standing
}

/** Whether the goal is met, by the median. @param {Figure} figure @returns {Verdict | undefined} */
export function verdict(figure) {
  const { goal } = figure
  if (!goal) return undefined
  const value = judged(ourStanding(figure))
  const met = 'atLeast' in goal ? value.median >= goal.atLeast : value.median <= goal.atMost
  return { goal, met, value }
}

/** What contenders are compared by. @param {Standing} standing @returns {Summary} */
export function judged({ value, compared }) {
  return compared ?? value
}

/** The products beside ours: neither what all are compared with nor a reference. @param {Figure} figure @returns {Standing[]} */
export function peersOf(figure) {
  const { base, references = [] } = figure
  return standings(figure).filter(
    ({ name }) => !name.startsWith(OURS) && name !== base && !references.includes(name),
  )
}

/** The peers that are better than we are, by more than both spreads together. @param {Figure} figure @returns {Standing[]} */
export function betterPeers(figure) {
  const mine = judged(ourStanding(figure))
  const sign = figure.better === 'more' ? 1 : -1
  return peersOf(figure).filter((peer) => {
    const theirs = judged(peer)
    return (theirs.median - mine.median) * sign > theirs.spread + mine.spread
  })
}
