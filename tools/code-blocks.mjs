/** @typedef {{ line: number, extension: 'ts' | 'js', code: string }} CodeBlock */

const fence = /^([ \t]*)(```+)[ \t]*(\w*)([^\n]*)\n(.*?)^\1\2[ \t]*$/gms
const inlineScript = /<script(?![^>]*\bsrc=)[^>]*>(.*?)<\/script>/gs

/** @type {Record<string, 'ts' | 'js'>} */
const extensions = { ts: 'ts', typescript: 'ts', js: 'js', javascript: 'js' }

const linesIn = (/** @type {string} */ text) => text.split('\n').length - 1

/**
 * The code of a Markdown document that can be checked; `line` counts the lines that stand before it.
 *
 * @param {string} markdown
 * @returns {CodeBlock[]}
 */
export function codeBlocks(markdown) {
  return [...markdown.matchAll(fence)].flatMap((match) => {
    const [whole, , , language = '', flags = '', body = ''] = match
    if (flags.includes('no-check')) return []
    const before = linesIn(markdown.slice(0, match.index))
    const extension = extensions[language]
    if (extension) return [{ line: before + 1, extension, code: body }]
    if (language !== 'html') return []
    return [...body.matchAll(inlineScript)].map((script) => {
      const start = whole.indexOf(body) + script.index + script[0].indexOf('>') + 1
      return {
        line: before + linesIn(whole.slice(0, start)),
        extension: /** @type {const} */ ('js'),
        code: script[1] ?? '',
      }
    })
  })
}
