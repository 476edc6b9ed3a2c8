import commonjs from '@rollup/plugin-commonjs'
import resolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import typescript from '@rollup/plugin-typescript'
import { entries, entryName, external, iifeFile, platforms } from './tools/entries.mjs'

const compile = () =>
  typescript({
    tsconfig: 'tsconfig.json',
    // Declarations come from tools/types.mjs; without them TypeScript refuses isolatedDeclarations.
    compilerOptions: { noEmit: false, declaration: false, isolatedDeclarations: false, inlineSources: true },
    noEmitOnError: true,
  })

/** @param {string} id */
const isExternal = (id) => external.some((name) => id === name || id.startsWith(`${name}/`))

/** All entries of a platform in one build, so that what two entries share exists once. */
/** @param {(typeof platforms)[number]} platform */
const modules = (platform) => ({
  input: Object.fromEntries(
    entries.flatMap((entry) => (entry[platform] ? [[entryName(entry), entry[platform]]] : [])),
  ),
  external: isExternal,
  plugins: [compile()],
  output: /** @type {const} */ (['es', 'cjs']).map((format) => {
    const extension = format === 'es' ? 'js' : 'cjs'
    return {
      dir: `dist/${platform}`,
      format,
      exports: /** @type {const} */ ('named'),
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `shared/[name]-[hash].${extension}`,
      generatedCode: { preset: /** @type {const} */ ('es2015'), symbols: false },
      sourcemap: true,
    }
  }),
})

/** @param {string} input @param {string} name */
const scriptTag = (input, name) => ({
  input,
  // eventemitter3's ESM file wraps its CommonJS one, hence the commonjs plugin.
  plugins: [resolve({ browser: true }), commonjs(), compile()],
  output: {
    file: iifeFile,
    format: /** @type {const} */ ('iife'),
    name,
    exports: /** @type {const} */ ('named'),
    generatedCode: { preset: /** @type {const} */ ('es2015'), symbols: false },
    sourcemap: true,
    // No `toplevel`: it would rename the global itself. All our names are inside the function anyway.
    plugins: [
      terser({
        ecma: 2020,
        // None of terser's unsafe options: eventemitter3 calls plain functions with `new`.
        compress: { passes: 3 },
        format: { comments: false },
      }),
    ],
  },
})

export default [
  ...platforms.map(modules),
  ...entries.flatMap(({ web, iife }) => (web && iife ? [scriptTag(web, iife)] : [])),
]
