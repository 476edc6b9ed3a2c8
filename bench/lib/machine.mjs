/** Where and with what a run was made. Nothing that names the machine or its owner. */
import os from 'node:os'
import { installedVersion } from '../../tools/installed-version.mjs'

/** @typedef {{ cpu: string, cores: number, memoryGiB: number, system: string, node: string, date: string, load: number }} Machine */

/** @returns {Machine} */
export function describeMachine() {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() || 'an unnamed processor',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release().split('-')[0]}, ${os.arch()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: os.loadavg()[0] ?? 0,
  }
}

/** @param {Iterable<readonly string[]>} packages @returns {[name: string, version: string][]} each once, by name */
export function versionsOf(packages) {
  const names = new Set([...packages].flat())
  return [...names].sort().map((name) => [name, installedVersion(name)])
}
