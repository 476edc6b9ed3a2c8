import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProxyName } from '../../../demo/servers/proxies/run.mjs'
import { findCommand, prepareProxy } from '../../../demo/servers/proxies/run.mjs'
import type { PlainServer, RunningServer } from './plain-server.ts'
import { goodToken } from './plain-server.ts'
import { addressOf } from './plain-servers.ts'
import { accepts, freePort } from './ports.ts'
import { startProcess } from './server-process.ts'

export interface RunningProxy {
  readonly port: number
  readonly log: string
  kill(): Promise<void>
}

export interface PlainProxy {
  readonly name: ProxyName
  missing(): string | undefined
  /** Runs it in front of a port on this machine. A link on which nothing is said for `idleMs` (3000) is cut. */
  start(upstream: number, idleMs?: number): Promise<RunningProxy>
}

const defaultIdleMs = 3_000

export const plainProxies: readonly PlainProxy[] = [plainProxy('nginx'), plainProxy('haproxy')]

/** The server seen through the proxy, which stays when the server is stopped, killed or restarted. */
export function behind(proxy: PlainProxy, server: PlainServer, idleMs: number = defaultIdleMs): PlainServer {
  return {
    ...server,
    name: `${server.name} behind ${proxy.name}`,
    missing: () => proxy.missing() ?? server.missing(),
    async start(options) {
      const upstream = await server.start(options)
      const front = await proxy.start(upstream.port, idleMs).catch(async (error: unknown) => {
        await upstream.kill()
        throw error
      })
      return inFront(front, upstream, server)
    },
  }
}

function inFront(front: RunningProxy, upstream: RunningServer, server: PlainServer): RunningServer {
  return {
    port: front.port,
    get log() {
      return `${upstream.log}\n${front.log}`
    },
    url: (token = goodToken) => addressOf(front.port, server, token),
    stop: () => upstream.stop(),
    kill: () => upstream.kill(),
    restart: (changes) => upstream.restart(changes),
    async end() {
      await upstream.end()
      await front.kill()
    },
  }
}

function plainProxy(name: ProxyName): PlainProxy {
  return {
    name,
    missing: () => (findCommand(name) === undefined ? `${name} is not installed` : undefined),
    async start(upstream, idle = defaultIdleMs) {
      const port = await freePort()
      const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`))
      const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
      const command = prepareProxy(name, { port, upstream, idle }, folder)
      try {
        const running = await startProcess({ ...command, ready: (signal) => accepts(port, signal) })
        return {
          port,
          get log() {
            return running.log
          },
          async kill() {
            await running.kill()
            removeFolder()
          },
        }
      } catch (error) {
        removeFolder()
        throw error
      }
    },
  }
}
