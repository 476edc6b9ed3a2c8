/** workerd resolves no packages and reads no folders: it is told of each module by a configuration. */
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * Writes a configuration by which `workerd test` runs a test file: in a test handler, because I/O belongs to an event
 * there. Only loopback can be reached.
 *
 * @param {string} suite the bundle
 * @param {string} script what imports the bundle and exports the handler
 */
export function workerdConfig(suite, script) {
  const path = script.replace(/\.mjs$/, '.capnp')
  writeFileSync(path, configuration(basename(suite), basename(script)))
  return path
}

const configuration = (/** @type {string} */ suite, /** @type {string} */ script) =>
  `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["local"])),
  ],
);

const suite :Workerd.Worker = (
  modules = [
    (name = "${script}", esModule = embed "${script}"),
    (name = "${suite}", esModule = embed "${suite}"),
  ],
  compatibilityDate = "2026-11-01",
);
`
