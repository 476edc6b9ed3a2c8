/**
 * One row of what is wanted: its figures, and in a few words how they come about.
 *
 * @typedef {{ title: string, method: string, measure(context: import('../lib/context.mjs').Context): Promise<import('../lib/figure.mjs').Figure[]> }} Scene
 */

/**
 * One figure out of what `interleave` answered.
 *
 * @param {Map<string, Map<string, number[]>>} measured @param {string} key
 * @param {Omit<import('../lib/figure.mjs').Figure, 'samples'>} about
 * @returns {import('../lib/figure.mjs').Figure}
 */
export function figureOf(measured, key, about) {
  const samples = measured.get(key)
  if (!samples) throw new Error(`Nothing was measured for ${key}`)
  return { ...about, samples }
}
