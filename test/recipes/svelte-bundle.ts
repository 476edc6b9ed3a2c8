import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin, transform } from 'esbuild'
import { compile, compileModule } from 'svelte/compiler'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The component of the recipe, as docs/RECIPES.md shows it. */
async function recipe(): Promise<string> {
  const [, component] =
    /^```svelte\n(.*?)^```$/ms.exec(await readFile(here('../../docs/RECIPES.md'), 'utf8')) ?? []
  if (component === undefined) throw new Error('docs/RECIPES.md has no component')
  return component
}

/** Compiles components and modules with runes, as a bundler's plugin for Svelte does. */
const svelte: Plugin = {
  name: 'svelte',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^recipe$/ }, () => ({ path: 'chat.svelte', namespace: 'recipe' }))
    onLoad({ filter: /./, namespace: 'recipe' }, async ({ path: filename }) => {
      const { js } = compile(await recipe(), { filename, generate: 'client' })
      return { contents: js.code, loader: 'js', resolveDir: here('.') }
    })
    onLoad({ filter: /\.svelte\.ts$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', target: 'esnext' })
      const { js } = compileModule(code, { filename: path, generate: 'client' })
      return { contents: js.code, loader: 'js' }
    })
  },
}

/** What the bundle gives: Svelte's `mount` and `unmount` for browsers, and the component of the recipe. */
export interface SvelteBundle {
  mount(component: unknown, options: { target: Element; props: object }): object
  unmount(component: object): Promise<void>
  readonly Chat: unknown
}

/** Bundles the component with the Svelte that browsers get: in Node its name leads to the one for servers. */
export async function bundleSvelte(): Promise<SvelteBundle> {
  await mkdir(here('../../temp'), { recursive: true })
  const folder = await mkdtemp(here('../../temp/svelte-'))
  const outfile = join(folder, 'bundle.mjs')
  try {
    await build({
      stdin: {
        contents: "export { mount, unmount } from 'svelte'; export { default as Chat } from 'recipe'",
        resolveDir: here('.'),
      },
      outfile,
      bundle: true,
      format: 'esm',
      conditions: ['browser'],
      plugins: [svelte],
    })
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as SvelteBundle
  } finally {
    await rm(folder, { recursive: true })
  }
}
