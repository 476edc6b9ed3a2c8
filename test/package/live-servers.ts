import { afterAll, beforeAll } from 'vitest'
import { uniqueCase } from '../contract/support/control.ts'
import { type ControlApi, createControlApi } from '../servers/control-api.ts'
import { createScriptServer, type ScriptServer } from '../servers/script-server.ts'

export interface LiveServer {
  readonly wsUrl: string
  readonly controlUrl: string
  readonly caseName: string
}

/** What live.mjs is to see. */
export const livedThrough = ['queued before the first link', 1006, 3, 1000, 'closed']

/** The servers that live.mjs talks to, for the tests of a file; each call begins a new case. */
export function useLiveServers(): () => LiveServer {
  let server: ScriptServer
  let control: ControlApi
  beforeAll(async () => {
    server = await createScriptServer()
    control = await createControlApi({ book: server.book, targetPort: server.port })
  })
  afterAll(async () => {
    await control.close()
    await server.close()
  })
  return () => ({ wsUrl: server.url, controlUrl: control.url, caseName: uniqueCase('live') })
}
