import { spawnSync } from 'node:child_process'

/**
 * What a program says of its version, the number alone.
 *
 * @param {string} program
 * @param {readonly string[]} [args]
 * @returns {string | undefined}
 */
export function programVersion(program, args = ['--version']) {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 })
  return stdout?.match(/\d+(\.\d+)+/)?.[0]
}
