/**
 * One row of what is wanted: its figures, and in a few words how they come about.
 *
 * @typedef {{ title: string, method: string, measure(context: import('../lib/context.mjs').Context): Promise<import('../lib/figure.mjs').Figure[]> }} Scene
 */

/** Those who are compared on real links. */
export const contenders = ['raw ws', 'Holdfast', 'reconnecting-websocket', 'partysocket', 'socket.io']

/** Compared with raw ws, it shows what a run can tell apart. */
export const CONTROL = 'raw ws, a second time'

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

/** @template T @param {Map<string, T>} map @param {string} name @returns {T} */
export function named(map, name) {
  const found = map.get(name)
  if (found === undefined) throw new RangeError(`There is no ${name}`)
  return found
}
