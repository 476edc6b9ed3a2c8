import { existsSync } from 'node:fs'

/**
 * The program that an environment variable names, or else the first of the usual places where one is. A variable that
 * names nothing finds nothing: whoever sets it wants that program and no other.
 *
 * @param {string} variable
 * @param {readonly string[]} usualPlaces
 * @returns {string | undefined}
 */
export function findProgram(variable, usualPlaces) {
  const chosen = process.env[variable]
  return (chosen ? [chosen] : usualPlaces).find((path) => existsSync(path))
}
