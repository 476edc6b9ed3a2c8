/** The four bundlers with what is usual for a browser, and nothing for this package. */

import commonjs from '@rollup/plugin-commonjs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build as esbuild } from 'esbuild'
import { rollup } from 'rollup'
import { build as vite } from 'vite'
import webpack from 'webpack'
import { packedProject } from '../../tools/packed.mjs'

export interface Bundled {
  readonly file: string
  /** Every module that went into the bundle, as an absolute path. */
  readonly inputs: readonly string[]
}

/** Bundles an entry of the project into `<folder>/bundle.js`. */
export type Bundle = (entry: string, folder: string) => Promise<Bundled>

const bundleWithVite: Bundle = async (entry, folder) => {
  const result = await vite({
    root: packedProject,
    configFile: false,
    logLevel: 'silent',
    build: {
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: { input: entry, output: { entryFileNames: 'bundle.js' } },
    },
  })
  if (!('output' in result)) throw new Error('Vite gave no output')
  const inputs = result.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  return { file: `${folder}/bundle.js`, inputs }
}

const bundleWithWebpack: Bundle = (entry, folder) =>
  new Promise((resolve, reject) => {
    const compiler = webpack({
      mode: 'production',
      target: 'web',
      context: packedProject,
      entry,
      output: { path: folder, filename: 'bundle.js' },
    })
    compiler.run((error, stats) => {
      compiler.close(() => undefined)
      if (error || !stats || stats.hasErrors()) {
        reject(error ?? new Error(stats?.toString()))
        return
      }
      const inputs = [...stats.compilation.modules].flatMap((module) => [...modulesIn(module)])
      resolve({ file: `${folder}/bundle.js`, inputs })
    })
  })

/** webpack joins modules into one that names no file of its own. */
function* modulesIn(module: webpack.Module & { modules?: webpack.Module[] }): Generator<string> {
  const name = module.nameForCondition()
  if (name) yield name
  for (const inner of module.modules ?? []) yield* modulesIn(inner)
}

const bundleWithEsbuild: Bundle = async (entry, folder) => {
  const { metafile } = await esbuild({
    absWorkingDir: packedProject,
    entryPoints: [entry],
    outfile: `${folder}/bundle.js`,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    metafile: true,
  })
  return {
    file: `${folder}/bundle.js`,
    inputs: Object.keys(metafile.inputs).map((path) => `${packedProject}/${path}`),
  }
}

const bundleWithRollup: Bundle = async (entry, folder) => {
  const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true }), commonjs()] })
  const { output } = await bundle.write({ file: `${folder}/bundle.js`, format: 'es' })
  await bundle.close()
  return {
    file: `${folder}/bundle.js`,
    inputs: output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])),
  }
}

export const bundlers: readonly (readonly [name: string, bundle: Bundle])[] = [
  ['Vite', bundleWithVite],
  ['webpack', bundleWithWebpack],
  ['esbuild', bundleWithEsbuild],
  ['Rollup', bundleWithRollup],
]
