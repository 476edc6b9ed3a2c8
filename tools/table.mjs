/**
 * @typedef {{ name: string, on: string, passed: number, failed: number, skipped: number, note: string }} Row
 * @param {readonly Row[]} rows
 */
export function printTable(rows) {
  const head = ['part', 'on', 'passed', 'failed', 'skipped', 'time, or why it was not run']
  const body = rows.map(({ name, on, passed, failed, skipped, note }) =>
    [name, on, passed, failed, skipped, note].map(String),
  )
  const widths = head.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  )
  const isNumber = (/** @type {number} */ column) => column >= 2 && column <= 4
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  console.log(
    ['', line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line), ''].join('\n'),
  )
}
