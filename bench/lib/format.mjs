/** Numbers and tables of the report, as Markdown that also reads well in a terminal. */

/** Three digits that mean something; whole numbers from 100 on. @param {number} value @returns {string} */
export function number(value) {
  if (value === Infinity) return 'never'
  if (!Number.isFinite(value)) return 'unknown'
  if (value === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) })
}

/** @param {import('./statistics.mjs').Summary} summary @param {number} rounds @returns {string} */
export function summary({ median, spread }, rounds) {
  return rounds > 1 && Number.isFinite(spread) ? `${number(median)} ± ${number(spread)}` : number(median)
}

/** @param {import('./figure.mjs').Figure} figure @returns {string} */
export function goal({ goal: wanted, base, compare, unit }) {
  if (!wanted) return ''
  const sign = 'atLeast' in wanted ? '≥' : '≤'
  const limit = 'atLeast' in wanted ? wanted.atLeast : wanted.atMost
  if (base === undefined) return `${sign} ${number(limit)} ${unit}`
  return compare === 'difference' ? `${sign} +${number(limit)} ${unit}` : `${sign} ${number(limit)} × ${base}`
}

/** A value in the terms of its goal. @param {import('./figure.mjs').Figure} figure @param {string} text */
export function inTermsOf({ base, compare, unit }, text) {
  if (base === undefined || text === 'never') return text === 'never' ? text : `${text} ${unit}`
  return compare === 'difference' ? `+${text} ${unit}`.replace('+-', '-') : `${text} ×`
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows @returns {string} */
export function table(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
