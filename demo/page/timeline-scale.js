/** Narrower than that, less of the past is shown: a wait of a second must still be seen. */
const NARROW = 560

/** The lanes, from top to bottom: where each is, and how high. Above each stands its name. */
export const lanes = {
  harm: { name: 'You', top: 18, height: 20 },
  link: { name: 'Link', top: 62, height: 26 },
  wait: { name: 'Waits', top: 112, height: 44 },
}
export const axisTop = 164
export const height = 184

/**
 * How time is laid out over a width. The present does not stand at the right edge: what is planned is drawn too.
 *
 * @param {number} width
 */
export function scaleFor(width) {
  const narrow = width < NARROW
  const pastMs = narrow ? 30_000 : 60_000
  const futureMs = narrow ? 10_000 : 20_000
  const perMs = width / (pastMs + futureMs)
  return { width, narrow, pastMs, futureMs, perMs, nowX: pastMs * perMs }
}

/** @typedef {ReturnType<typeof scaleFor>} Scale */

/**
 * The part of time that is seen, in the coordinates of what scrolls.
 *
 * @param {Scale} scale
 * @param {number} now
 */
export function viewAt({ width, narrow, perMs, nowX }, now) {
  const left = now * perMs - nowX
  return { now, wide: !narrow, left, right: left + width, x: (time) => time * perMs }
}

/** @typedef {ReturnType<typeof viewAt>} View */
