/**
 * Runs nginx or haproxy in front of a server on this machine, with a short idle timeout.
 *
 *   node demo/servers/proxies/run.mjs nginx --upstream 8201 [--port 8204] [--idle 3000]
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

/** @typedef {'nginx' | 'haproxy'} ProxyName */
/** @typedef {{ port: number, upstream: number, idle: number }} ProxySettings */

const proxies = {
  nginx: { template: 'nginx.conf', args: (/** @type {string} */ file) => ['-c', file, '-e', 'stderr'] },
  haproxy: { template: 'haproxy.cfg', args: (/** @type {string} */ file) => ['-db', '-f', file] },
}

/** Where a command is; servers are often in folders that only root has on its path. @param {string} name */
export function findCommand(name) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** Writes the configuration into a folder; answers the command that runs it. */
/** @param {ProxyName} name @param {ProxySettings} settings @param {string} folder */
export function prepareProxy(name, settings, folder) {
  const { template, args } = proxies[name]
  const command = findCommand(name)
  if (command === undefined) throw new Error(`${name} is not installed`)
  const values = { ...settings, folder }
  const text = readFileSync(new URL(template, import.meta.url), 'utf8')
  const file = join(folder, template)
  writeFileSync(
    file,
    text.replaceAll(/\{\{(\w+)\}\}/g, (_all, key) => String(values[key])),
  )
  return { command, args: args(file) }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function run() {
  const options = /** @type {const} */ ({
    upstream: { type: 'string', default: '8201' },
    port: { type: 'string' },
    idle: { type: 'string', default: '3000' },
  })
  const { values, positionals } = parseArgs({ allowPositionals: true, options })
  const name = positionals[0] === 'haproxy' ? 'haproxy' : 'nginx'
  const port = Number(values.port ?? (name === 'nginx' ? 8204 : 8205))
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`))
  const settings = { port, upstream: Number(values.upstream), idle: Number(values.idle) }
  const { command, args } = prepareProxy(name, settings, folder)
  const child = spawn(command, args, { stdio: 'inherit' })
  console.log(`ws://127.0.0.1:${port}/ws`)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    rmSync(folder, { recursive: true, force: true })
    process.exitCode = code ?? 0
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) run()
