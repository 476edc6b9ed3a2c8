/**
 * `npm run bench`: measures everything and writes docs/BENCHMARKS.md.
 *
 *   --quick          fewer and shorter rounds, in less than two minutes; prints the report and writes nothing
 *   --tiny           a few messages each, to see whether all still runs; the figures mean nothing
 *   --only a,b       only these scenes; prints, and writes nothing
 *   --out file       writes the report there
 *   --json           prints the samples instead of the report
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { root } from '../tools/root.mjs'
import { explanations } from './explanations.mjs'
import { Context } from './lib/context.mjs'
import { describeMachine, versionsOf } from './lib/machine.mjs'
import { report } from './lib/report.mjs'
import { scenes } from './scenes/index.mjs'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

const scale = given.tiny ? 'tiny' : given.quick ? 'quick' : 'full'
const names = given.only?.split(',') ?? Object.keys(scenes)
const isWhole = scale === 'full' && given.only === undefined
const out = given.out ?? (isWhole ? new URL('docs/BENCHMARKS.md', root) : undefined)

const machine = describeMachine()
const context = new Context(scale)
const chapters = []
try {
  for (const name of names) {
    const scene = scenes[name]
    if (!scene) throw new RangeError(`There is no scene ${name}: ${Object.keys(scenes).join(', ')}`)
    const started = performance.now()
    const figures = await scene.measure(context)
    chapters.push({ name, title: scene.title, method: scene.method, figures })
    console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
} finally {
  await context.stop()
}

if (given.json) {
  const samples = chapters.map(({ name, figures }) => [
    name,
    Object.fromEntries(figures.map(({ id, samples: of }) => [id, Object.fromEntries(of)])),
  ])
  console.log(JSON.stringify(Object.fromEntries(samples)))
} else {
  const contenders = [...context.contenders.values()]
  const text = report({
    chapters,
    machine,
    contenders,
    versions: versionsOf(contenders.map(({ packages }) => packages)),
    explanations,
    command: `npm run bench${scale === 'full' ? '' : ` -- --${scale}`}`,
  })
  if (out === undefined) console.log(text)
  else writeFileSync(out, text)
}
