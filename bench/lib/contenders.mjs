/** Those who are compared on real links. */
export const contenders = ['raw ws', 'Holdfast', 'reconnecting-websocket', 'partysocket', 'socket.io']

/** Compared with raw ws, it shows what a run can tell apart. */
export const CONTROL = 'raw ws, a second time'

/** What raw ws is capable of where a program batches its writes itself. */
export const CEILING = 'raw ws, corked by hand'

/** What belongs to a contender. @template T @param {Map<string, T>} map @param {string} name @returns {T} */
export function named(map, name) {
  const found = map.get(name)
  if (found === undefined) throw new RangeError(`There is no ${name}`)
  return found
}
