/** The statistics of the report. All of them are robust: a busy moment of the machine moves them little. */

/**
 * The middle of a list, and how far the values stand from it in the middle (median absolute deviation).
 *
 * @typedef {{ median: number, spread: number }} Summary
 */

/** @param {readonly number[]} values @returns {number} */
export function median(values) {
  return quantile(values, 0.5)
}

/**
 * The value below which a share of the list lies, interpolated between neighbours.
 *
 * @param {readonly number[]} values @param {number} share from 0 to 1 @returns {number}
 */
export function quantile(values, share) {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  // Of two that never ended, the difference is no number.
  return below === above ? below : below + (above - below) * (place - Math.floor(place))
}

/** @param {readonly number[]} values @returns {Summary} */
export function summarize(values) {
  const middle = median(values)
  return { median: middle, spread: median(values.map((value) => Math.abs(value - middle))) }
}

/**
 * Ratios round by round: what slows a whole round down stands above and below the line, and falls out.
 *
 * @param {readonly number[]} values @param {readonly number[]} base @returns {number[]}
 */
export function pairedRatios(values, base) {
  return paired(values, base, (value, other) => value / other)
}

/** As `pairedRatios`. @param {readonly number[]} values @param {readonly number[]} base @returns {number[]} */
export function pairedDifferences(values, base) {
  return paired(values, base, (value, other) => value - other)
}

/**
 * @param {readonly number[]} values @param {readonly number[]} base
 * @param {(value: number, other: number) => number} join @returns {number[]}
 */
function paired(values, base, join) {
  if (values.length !== base.length) {
    throw new RangeError(`${values.length} rounds cannot be paired with ${base.length}`)
  }
  return values.map((value, round) => join(value, base[round] ?? Number.NaN))
}
