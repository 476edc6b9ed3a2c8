import { onTestFinished } from 'vitest'
import type { FaultProxy } from '../../chaos/fault-proxy.ts'
import { createFaultProxy } from '../../chaos/fault-proxy.ts'
import { uniqueCase } from '../../contract/support/control.ts'
import type { Case } from '../../servers/case-book.ts'
import type { ScriptServer, ScriptServerOptions } from '../../servers/script-server.ts'
import { createScriptServer } from '../../servers/script-server.ts'

export type Query = Readonly<Record<string, string | number>>

/** A script server and a case on it, for one test. */
export interface Bench {
  readonly server: ScriptServer
  readonly case: Case
  readonly caseName: string
  /** The address of a path of the server for this case, behind `base` if there is one. */
  url(path: string, query?: Query, base?: string): string
  /** The text messages that the server received, over all links, in order. */
  texts(): readonly string[]
}

export interface FaultBench extends Bench {
  readonly proxy: FaultProxy
}

export async function createBench(options?: ScriptServerOptions): Promise<Bench> {
  const server = await createScriptServer(options)
  onTestFinished(() => server.close())
  const caseName = uniqueCase('integration')
  return {
    server,
    caseName,
    case: server.book.of(caseName),
    url: (path, query = {}, base = server.url) => {
      const url = new URL(path, base)
      for (const [name, value] of Object.entries({ case: caseName, ...query })) {
        url.searchParams.set(name, String(value))
      }
      return url.href
    },
    texts: () => server.book.of(caseName).messages.map(({ text }) => text ?? '<binary>'),
  }
}

/** Addresses lead through a fault proxy. */
export async function createFaultBench(options?: ScriptServerOptions): Promise<FaultBench> {
  const bench = await createBench(options)
  const proxy = await createFaultProxy({
    targetPort: bench.server.port,
    ...(options?.tls && { secure: true }),
  })
  onTestFinished(() => proxy.close())
  return { ...bench, proxy, url: (path, query, base = proxy.url) => bench.url(path, query, base) }
}

export function numbered(prefix: string, count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${from + index}`)
}
