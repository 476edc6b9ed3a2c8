import { expect, test } from 'vitest'
import { codeBlocks } from '../../tools/code-blocks.mjs'

test('finds ts and js fences, with the number of lines before them', () => {
  expect(codeBlocks('# Title\n\n```ts\nconst a = 1\n```\n\n```js\nb()\n```\n')).toEqual([
    { line: 3, extension: 'ts', code: 'const a = 1\n' },
    { line: 7, extension: 'js', code: 'b()\n' },
  ])
})

test('leaves other languages and no-check alone', () => {
  expect(codeBlocks('```sh\nnpm test\n```\n```ts no-check\n?\n```\n```\nplain\n```\n')).toEqual([])
})

test('finds indented fences, as in lists', () => {
  expect(codeBlocks('- item\n  ```ts\n  const a = 1\n  ```\n')).toEqual([
    { line: 2, extension: 'ts', code: '  const a = 1\n' },
  ])
})

test('finds inline scripts of html, not those with a src', () => {
  const html = '```html\n<script src="x.js"></script>\n<script>\n  a()\n</script>\n```\n'
  expect(codeBlocks(html)).toEqual([{ line: 2, extension: 'js', code: '\n  a()\n' }])
})
