import { MESSAGE_BYTES } from '../lib/chat-message.mjs'
import { named } from '../lib/contenders.mjs'
import { interleave } from '../lib/rounds.mjs'
import { figureOf } from './scene.mjs'

const BASE = 'JSON.parse alone'
const AGAIN = `${BASE}, a second time`

const schemas = ['zod/mini', 'zod', 'valibot', 'arktype']
const withSchema = (/** @type {string} */ schema) => `Holdfast, ${schema}`

/** @type {[name: string, contender: { client: boolean, schema?: string }][]} */
const validated = schemas.map((schema) => [withSchema(schema), { client: true, schema }])

/** @type {Map<string, { client: boolean, schema?: string }>} */
const contenders = new Map([
  [BASE, { client: false }],
  [AGAIN, { client: false }],
  ['Holdfast', { client: true }],
  ...validated,
])

const counts = {
  full: { warmUp: 3, rounds: 15, batches: 200 },
  quick: { warmUp: 2, rounds: 5, batches: 40 },
  tiny: { warmUp: 0, rounds: 1, batches: 2 },
}

const NO_CODE = '--disallow-code-generation-from-strings'

/** @type {import('./scene.mjs').Scene} */
export const textIn = {
  title: 'A text message on its way in',
  method: `A chat message of ${MESSAGE_BYTES} B comes from a socket that does nothing; a client parses it, checks the envelope, checks the payload where there is a schema, and calls the one handler of its type. Beside it is a handler on the same socket that calls \`JSON.parse\` and nothing else. CPU time of the process. Where no code may be made from strings, as under a strict Content-Security-Policy, schemas that compile themselves cannot.`,
  async measure(context) {
    const { warmUp, rounds, batches } = counts[context.scale]
    const names = [...contenders.keys()]
    for (const schema of schemas) {
      const name = withSchema(schema)
      const settings = `a schema of the payload by \`${schema}\``
      context.contenders.set(name, {
        name,
        settings,
        packages: [schema.replace(/[/].*/, '')],
        server: 'lean',
      })
    }

    /** @param {string[]} execArgv */
    const measured = async (execArgv) => {
      const workers = new Map(names.map((name) => [name, context.start('workers/text-in.mjs', { execArgv })]))
      await Promise.all(
        [...contenders].map(([name, contender]) => named(workers, name).ask('load', contender)),
      )
      return interleave(names, { warmUp, rounds }, (name) => named(workers, name).ask('measure', { batches }))
    }

    /** @type {Omit<import('../lib/figure.mjs').Figure, 'samples' | 'id' | 'title'>} */
    const about = {
      unit: 'ns',
      better: 'less',
      base: BASE,
      compare: 'ratio',
      references: [AGAIN],
      goal: { atMost: 1.1 },
    }
    return [
      figureOf(await measured([]), 'ns', { ...about, id: 'text-in', title: 'Text in, no schema' }),
      figureOf(await measured([NO_CODE]), 'ns', {
        ...about,
        id: 'text-in-no-code',
        title: 'Text in, no schema, no code from strings',
      }),
    ]
  },
}
