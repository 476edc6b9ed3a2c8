/** docs/BENCHMARKS.md out of a run. Pure: what it says depends on what it is given only. */
import { CONTROL } from './contenders.mjs'
import { betterPeers, judged, ourStanding, peersOf, standings, verdict } from './figure.mjs'
import { goal, inTermsOf, number, summary, table } from './format.mjs'

/**
 * @typedef {import('./figure.mjs').Figure} Figure
 * @typedef {{ title: string, method: string, figures: readonly Figure[] }} Chapter
 * @typedef {{
 *   chapters: readonly Chapter[],
 *   machine: import('./machine.mjs').Machine,
 *   contenders: readonly { name: string, settings: string }[],
 *   versions: readonly (readonly [name: string, version: string])[],
 *   explanations: Record<string, string>,
 *   command: string,
 * }} Run
 */

/** @param {Run} run @returns {string} */
export function report(run) {
  const figures = run.chapters.flatMap((chapter) => chapter.figures)
  return `${[
    '# Benchmarks',
    `Made by \`${run.command}\`; do not edit. Nothing here is asserted by a test: the figures are of one machine and one day.`,
    ...busy(run.machine),
    '## At a glance',
    glance(figures),
    '## Where we lose',
    losses(figures, run.explanations),
    '## Machine and versions',
    machine(run),
    '## Method',
    method(run),
    ...run.chapters.flatMap(chapter),
  ].join('\n\n')}\n`
}

/** A run beside other work is worth little, and says so. @param {Run['machine']} machine @returns {string[]} */
function busy({ load, cores }) {
  if (load <= cores / 2) return []
  return [
    `**The machine was busy when this run began: load ${number(load)} on ${cores} cores. Do not trust these figures.**`,
  ]
}

/** @param {readonly Figure[]} figures */
function glance(figures) {
  const rows = figures.flatMap((figure) => {
    const judgement = verdict(figure)
    if (!judgement) return []
    const { rounds } = ourStanding(figure)
    const measured = inTermsOf(figure, summary(judgement.value, rounds))
    return [[figure.title, goal(figure), measured, judgement.met ? 'met' : '**missed**', bestPeer(figure)]]
  })
  return table(['figure', 'goal', 'Holdfast', '', 'best of the others'], rows)
}

/** @param {Figure} figure */
function bestPeer(figure) {
  const sign = figure.better === 'more' ? -1 : 1
  const [best] = peersOf(figure).sort((a, b) => sign * (judged(a).median - judged(b).median))
  if (!best) return ''
  return `${inTermsOf(figure, number(judged(best).median))}, ${best.name}`
}

/** What the base line misses when it is measured against itself, where that was done. @param {Figure} figure */
function noise(figure) {
  const control = standings(figure).find(({ name }) => name === CONTROL)
  return control
    ? `; ${figure.base} against itself is at ${inTermsOf(figure, number(judged(control).median))}`
    : ''
}

/** @param {readonly Figure[]} figures @param {Record<string, string>} explanations */
function losses(figures, explanations) {
  const missed = figures.flatMap((figure) => {
    const judgement = verdict(figure)
    if (!judgement || judgement.met) return []
    const measured = inTermsOf(figure, number(judgement.value.median))
    const why = explanations[figure.id] ?? 'Not explained yet.'
    return [
      `- **${figure.title}**: the goal is ${goal(figure)}, we are at ${measured}${noise(figure)}. ${why}`,
    ]
  })
  const beaten = figures.flatMap((figure) => {
    const better = betterPeers(figure)
    if (better.length === 0) return []
    const mine = inTermsOf(figure, number(judged(ourStanding(figure)).median))
    const theirs = better.map((peer) => `${peer.name} ${inTermsOf(figure, number(judged(peer).median))}`)
    return [`- ${figure.title}: ${theirs.join(', ')}; we ${mine}.`]
  })
  return [
    missed.length === 0 ? 'Every goal is met.' : `Goals that are missed:\n\n${missed.join('\n')}`,
    beaten.length === 0
      ? 'No other library is better at any of these.'
      : `Others are better, by more than the spreads of both, at:\n\n${beaten.join('\n')}`,
  ].join('\n\n')
}

/** @param {Run} run */
function machine({ machine: on, versions, contenders }) {
  const rows = [
    ['processor', `${on.cpu}, ${on.cores} cores`],
    ['memory', `${on.memoryGiB} GiB`],
    ['system', on.system],
    ['Node', on.node],
    ['date', on.date],
    ['load before the run', number(on.load)],
    ...versions.map(([name, version]) => [name, version]),
  ]
  const settings = contenders.map(({ name, settings: text }) => [name, text])
  return `${table(['', ''], rows)}\n\n${table(['contender', 'settings'], settings)}`
}

/** @param {Run} run */
function method({ chapters }) {
  const rounds = Math.max(
    ...chapters.flatMap(({ figures }) =>
      figures.flatMap((figure) => standings(figure).map((it) => it.rounds)),
    ),
  )
  return [
    'Server and clients are processes of their own on one machine, linked over loopback; each contender has its own client process, which stays up, so that its code is warm. The contenders take turns in rounds (A B C, B C A, C A B), after rounds that do not count.',
    `A figure is the median of the rounds, at most ${rounds} of them, ± the median distance from it. Where it is compared, the ratio or difference is taken within each round, and its median is shown: what slows a whole round down falls out.`,
    'The server of the contenders that speak plain WebSocket does as little as it can: frames are counted unread and made beforehand, so that the client limits the rate. Socket.IO has a protocol of its own and hence its own server, which may limit it. No compression is used.',
  ].join('\n\n')
}

/** @param {Chapter} chapter @returns {string[]} */
function chapter({ title, method: how, figures }) {
  return [`## ${title}`, how, ...figures.flatMap((figure) => [`### ${figure.title}`, figureTable(figure)])]
}

/** @param {Figure} figure */
function figureTable(figure) {
  const { base, compare, unit, references = [] } = figure
  const rows = standings(figure).map(({ name, value, compared, rounds }) => [
    references.includes(name) && name !== base ? `(${name})` : name,
    summary(value, rounds),
    ...(base === undefined ? [] : [compared ? inTermsOf(figure, summary(compared, rounds)) : '']),
  ])
  const comparison = base === undefined ? [] : [compare === 'difference' ? `over ${base}` : `of ${base}`]
  const wanted = figure.goal ? `\n\nGoal: ${goal(figure)}.` : ''
  return `${table(['', unit, ...comparison], rows)}${wanted}`
}
