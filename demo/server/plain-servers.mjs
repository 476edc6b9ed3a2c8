import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createPlainServer } from '../servers/ws/server.mjs'
import { buildAspnet, missingDotnet } from './aspnet.mjs'
import { startProgram } from './program.mjs'

const run = promisify(execFile)
const LOOK_MS = 20_000
/** Debian's own Python has the packages; another one that comes first may have been given them too. */
const PYTHONS = ['/usr/bin/python3', 'python3']
/** A browser sees a close code, and no HTTP status. */
const environment = { PORT: '0', REFUSE: 'after', PYTHONDONTWRITEBYTECODE: '1', DOTNET_gcServer: '0' }

async function findPython() {
  for (const path of PYTHONS) {
    const args = ['-c', 'import fastapi, uvicorn, websockets']
    if (await run(path, args, { timeout: LOOK_MS }).catch(() => undefined)) return path
  }
  return undefined
}

/** @typedef {{ port: number, exited?: Promise<unknown>, stop: () => Promise<unknown> }} Running */

/**
 * One of demo/servers/: what the page may know of it, and how it is started.
 *
 * @typedef {object} PlainServer
 * @property {string} name
 * @property {string} tokenParameter
 * @property {() => Promise<string | undefined>} missing why this machine cannot run it
 * @property {() => Promise<Running>} start
 */

/** @type {Record<string, PlainServer>} */
const table = {
  ws: {
    name: 'Node, ws',
    tokenParameter: 'token',
    missing: async () => undefined,
    async start() {
      const { port, close } = await createPlainServer({ refuse: 'after' })
      return { port, stop: close }
    },
  },
  fastapi: {
    name: 'FastAPI',
    tokenParameter: 'token',
    missing: async () =>
      (await findPython()) ? undefined : 'needs Python with fastapi, uvicorn and websockets',
    async start() {
      const script = fileURLToPath(new URL('../servers/fastapi/server.py', import.meta.url))
      return startProgram([(await findPython()) ?? 'python3', script], environment)
    },
  },
  aspnet: {
    name: 'ASP.NET Core',
    tokenParameter: 'access_token',
    missing: missingDotnet,
    start: async () => startProgram(await buildAspnet(), environment),
  },
}

/** The plain servers that the chat can talk to. Each is started when the first page wants it. */
export function createPlainServers() {
  /** @type {Map<string, Promise<Running>>} */
  const running = new Map()
  /** @type {Promise<{ id: string, name: string, missing: string | undefined }[]> | undefined} */
  let listed
  let stopped = false

  function start(id) {
    const server = table[id]
    if (!server || stopped) return Promise.reject(new Error(`There is no server ${id}`))
    const started = server.start()
    running.set(id, started)
    const forget = () => {
      if (running.get(id) === started) running.delete(id)
    }
    // One that ended, or could not be started, is started again for whoever asks next.
    started.then(({ exited }) => exited?.then(forget), forget)
    return started
  }

  async function stop(id) {
    const started = running.get(id)
    running.delete(id)
    await started?.then(({ stop }) => stop()).catch(() => {})
  }

  return {
    /** Which there are; looked up once. */
    list() {
      listed ??= Promise.all(
        Object.entries(table).map(async ([id, { name, missing }]) => ({
          id,
          name,
          missing: await missing(),
        })),
      )
      return listed
    },

    /** @param {string} id */
    has: (id) => Object.hasOwn(table, id),

    /** The port of a server that runs, started if need be. @param {string} id */
    async portOf(id) {
      const { port } = await (running.get(id) ?? start(id))
      return port
    },

    /** @param {string} id */
    tokenParameterOf: (id) => table[id]?.tokenParameter ?? 'token',

    /** Ends a server in order: it says 1001 to all its clients. The next one who comes starts it again. */
    stop,

    async close() {
      stopped = true
      await Promise.all([...running.keys()].map(stop))
    },
  }
}

/** @typedef {ReturnType<typeof createPlainServers>} PlainServers */
