/** Bundles with esbuild what Node 20 and other runtimes can't load as it is: TypeScript, and `vitest`. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { packedProject } from '../packed.mjs'
import { root } from '../root.mjs'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, root))

/** The test files of the contract suite, from the root. */
export const contractFiles = readdirSync(path('test/contract'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/contract/${name}`)

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'warning', sourcemap: 'inline' }

/** A TypeScript module as one that this Node can import. @param {string} source @returns {Promise<string>} */
export async function bundleForNode(source) {
  const outfile = path(`temp/harness/${source.replaceAll('/', '-')}.mjs`)
  await build({ ...common, entryPoints: [path(source)], outfile, platform: 'node', packages: 'external' })
  return outfile
}

/**
 * The contract suite as one module that exports `run(file)`, in the folder of the installed package: `holdfast` stays an import there, for the
 * runtime itself to resolve. One that can't resolve packages gives the `conditions` by which `holdfast` is bundled.
 *
 * @param {{ name: string, files: readonly string[], provided: Readonly<Record<string, unknown>>, conditions?: string[] }} wanted
 * @returns {Promise<string>}
 */
export async function bundleSuite({ name, files, provided, conditions }) {
  const outfile = `${packedProject}/contract-${name}.mjs`
  const imports = files.map((file) => `'${file}': () => import('./${file}')`).join(',\n')
  await build({
    ...common,
    stdin: {
      contents: `import { runFile } from './test/harness/suite.ts'\nexport const run = (file) => runFile({\n${imports}\n}, file)`,
      resolveDir: path('.'),
      loader: 'js',
    },
    outfile,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: conditions ?? [],
    external: conditions ? [] : ['holdfast'],
    alias: { vitest: path('test/harness/vitest.ts') },
    define: { HARNESS_PROVIDED: JSON.stringify(provided) },
    plugins: conditions ? [fromPackedProject] : [],
  })
  return outfile
}

/** @type {import('esbuild').Plugin} */
const fromPackedProject = {
  name: 'holdfast as installed',
  setup(build) {
    build.onResolve({ filter: /^holdfast$/ }, ({ resolveDir, ...args }) => {
      if (resolveDir === packedProject) return undefined
      return build.resolve(args.path, { kind: args.kind, resolveDir: packedProject })
    })
  },
}
