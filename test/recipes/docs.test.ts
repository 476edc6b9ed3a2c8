import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codeBlocks } from '../../tools/code-blocks.mjs'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const recipes = read('../../docs/RECIPES.md')

describe('the files in docs/RECIPES.md', () => {
  it.each(['react-hooks.ts', 'vue-composables.ts', 'live.svelte.ts', 'fake-server.test.ts'])(
    'are those that are tested: %s',
    (file) => {
      expect(recipes).toContain(`\n${read(file).trimEnd()}\n\`\`\`\n`)
    },
  )
})

describe('docs/RECIPES.md', () => {
  const titles = [...recipes.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title)

  it('links to each of its recipes once', () => {
    const slug = (title: string) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-')
    const links = [...recipes.slice(0, recipes.indexOf('\n## ')).matchAll(/\]\(#([^)]+)\)/g)].map(
      ([, link]) => link,
    )
    expect(links.sort()).toEqual(titles.map(slug).sort())
  })

  it('gives each recipe code and a pitfall', () => {
    const sections = recipes.split(/^## /m).slice(1)
    for (const section of sections) {
      const [title = ''] = section.split('\n')
      expect(codeBlocks(section), title).not.toEqual([])
      expect(section, title).toContain('**Pitfall.**')
    }
    expect(sections.length).toBeGreaterThanOrEqual(15)
  })
})
