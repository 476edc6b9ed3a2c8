/**
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} Counts
 */

/**
 * Whatever is wrong besides a test counts as one more that failed: a fault, a file without tests, an early end.
 *
 * @param {readonly import('../../test/harness/report.ts').Told[]} told
 * @param {readonly string[]} files
 * @returns {{ counts: Counts, text: string }}
 */
export function summarize(told, files) {
  const ran = told.flatMap((one) => ('results' in one ? [one] : []))
  const tests = ran.flatMap(({ file, results }) => results.map((result) => ({ file, ...result })))
  const of = (/** @type {'passed' | 'failed' | 'skipped'} */ wanted) =>
    tests.filter(({ state }) => state === wanted)
  const faults = told.flatMap((one) => ('fault' in one ? [one.fault] : []))
  for (const file of files) {
    if (!told.some((one) => 'done' in one && one.done === file)) faults.push(`${file}: ended before its end`)
    else if (!ran.some((one) => one.file === file && one.results.length > 0))
      faults.push(`${file}: ran no test`)
  }
  if (files.length === 0) faults.push('there is no such file')
  const failures = of('failed').map(({ file, name, errors }) => `✗ ${file} > ${name}\n${errors.join('\n')}`)
  const counts = {
    numPassedTests: of('passed').length,
    numFailedTests: failures.length + faults.length,
    numPendingTests: of('skipped').length,
    numTodoTests: 0,
  }
  const total = `${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped`
  return { counts, text: [...failures, ...faults.map((fault) => `✗ ${fault}`), total].join('\n\n') }
}
