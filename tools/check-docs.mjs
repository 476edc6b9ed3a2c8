/**
 * Type-checks the code of README.md and docs/ against the built package, as a reader would use it: fenced blocks in
 * ts and js, and inline scripts of html. A fence that says `ts no-check` is left alone.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { codeBlocks } from './code-blocks.mjs'
import { root } from './root.mjs'

const temp = new URL('temp/docs/', root)
rmSync(temp, { recursive: true, force: true })
mkdirSync(temp, { recursive: true })

const docs = existsSync(new URL('docs', root))
  ? readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`)
  : []

for (const file of ['README.md', ...docs]) {
  const blocks = codeBlocks(readFileSync(new URL(file, root), 'utf8'))
  if (file === 'README.md' && blocks.length === 0) {
    console.error('README.md has no code that could be checked')
    process.exitCode = 1
  }
  for (const { line, extension, code } of blocks) {
    // Blank lines in front make the line numbers of the errors those of the document.
    const name = `${file.replaceAll(/[/\\]/g, '~')}.line-${line}.${extension}`
    writeFileSync(new URL(name, temp), `${'\n'.repeat(line)}${code}\nexport {}\n`)
  }
}

// What the script tag defines.
writeFileSync(new URL('script-tag.d.ts', temp), "declare const Holdfast: typeof import('holdfast')\n")

const tsconfig = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    rootDir: '.',
    types: ['node'],
    allowJs: true,
    checkJs: true,
    noImplicitAny: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    erasableSyntaxOnly: false,
  },
  include: ['.'],
}
writeFileSync(new URL('tsconfig.json', temp), JSON.stringify(tsconfig))

const args = ['node_modules/typescript/bin/tsc', '--project', 'temp/docs/tsconfig.json', '--pretty', 'false']
if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0) process.exitCode = 1
