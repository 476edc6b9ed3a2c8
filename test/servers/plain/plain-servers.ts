import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { builtProgram, missingDotnet } from './aspnet-build.ts'
import type { PlainServer, PlainServerOptions, RunningServer } from './plain-server.ts'
import { goodToken } from './plain-server.ts'
import { freePort } from './ports.ts'
import type { Command, ServerProcess } from './server-process.ts'
import { startProcess } from './server-process.ts'

type Traits = Omit<PlainServer, 'start'>

const pathOf = (file: string): string =>
  fileURLToPath(new URL(`../../../demo/servers/${file}`, import.meta.url))

export const wsServer: PlainServer = plainServer(
  {
    name: 'ws',
    tokenParameter: 'token',
    refusalStatus: 401,
    pings: 'frames',
    dialectOptions: {},
    hasPiecewise: true,
    missing: () => undefined,
  },
  () => ({ command: process.execPath, args: [pathOf('ws/server.mjs')] }),
)

export const fastapiServer: PlainServer = plainServer(
  {
    name: 'fastapi',
    tokenParameter: 'token',
    refusalStatus: 403,
    pings: 'messages',
    dialectOptions: {},
    hasPiecewise: false,
    missing: () => (pythonWithPackages() ? undefined : 'Python has no fastapi, uvicorn and websockets'),
  },
  () => ({
    command: pythonWithPackages() ?? 'python3',
    args: [pathOf('fastapi/server.py')],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  }),
)

export const aspnetServer: PlainServer = plainServer(
  {
    name: 'aspnet',
    tokenParameter: 'access_token',
    refusalStatus: 401,
    pings: 'frames',
    dialectOptions: { payload: 'string' },
    hasPiecewise: true,
    missing: missingDotnet,
  },
  async () => ({
    command: 'dotnet',
    args: [await builtProgram()],
    env: { DOTNET_gcServer: '0', DOTNET_NOLOGO: '1' },
  }),
)

/** Every plain server; `missing()` says which of them this machine cannot run. */
export const plainServers: readonly PlainServer[] = [wsServer, fastapiServer, aspnetServer]

function plainServer(traits: Traits, commandOf: () => Command | Promise<Command>): PlainServer {
  return {
    ...traits,
    async start(options = {}) {
      const port = await freePort()
      let wanted = options
      const spawn = async (): Promise<ServerProcess> => {
        const command = await commandOf()
        return startProcess({ ...command, env: { ...command.env, ...environmentOf(port, wanted) } })
      }
      let running = await spawn()
      const server: RunningServer = {
        port,
        get log() {
          return running.log
        },
        url: (token = goodToken) => addressOf(port, traits, token),
        stop: () => running.stop(),
        kill: () => running.kill(),
        async restart(changes = {}) {
          await running.kill()
          wanted = { ...wanted, ...changes }
          running = await spawn()
        },
        end: () => running.kill(),
      }
      return server
    },
  }
}

export function addressOf(port: number, { tokenParameter }: Traits, token: string): string {
  return `ws://127.0.0.1:${port}/ws?${new URLSearchParams({ [tokenParameter]: token })}`
}

function environmentOf(port: number, options: PlainServerOptions): Record<string, string> {
  const { tokens, refuse, pingIntervalMs, maxMessageBytes, piecewise, compression } = options
  const values = {
    PORT: port,
    TOKENS: tokens?.join(','),
    REFUSE: refuse,
    PING_MS: pingIntervalMs,
    MAX_MESSAGE_BYTES: maxMessageBytes,
    PIECEWISE: piecewise ? 1 : undefined,
    COMPRESSION: compression ? 1 : undefined,
  }
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

let python: { readonly path: string | undefined } | undefined

/** Debian's own Python has its packages; another one first on the path may have been given them, too. */
function pythonWithPackages(): string | undefined {
  python ??= {
    path: ['/usr/bin/python3', 'python3'].find(
      (path) => spawnSync(path, ['-c', 'import fastapi, uvicorn, websockets']).status === 0,
    ),
  }
  return python.path
}
