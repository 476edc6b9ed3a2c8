import type { TestProject } from 'vitest/node'
import { createCertificate } from '../servers/certificate.ts'
import { createControlApi } from '../servers/control-api.ts'
import { createScriptServer } from '../servers/script-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The script server, `ws://127.0.0.1:<port>`. */
    wsUrl: string
    /** The same over TLS. */
    wssUrl: string
    /** Its certificate (PEM), to be trusted by clients that take one. */
    wssCertificate: string
    /** The control API, `http://127.0.0.1:<port>`. */
    controlUrl: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tls = createCertificate()
  const server = await createScriptServer()
  const secureServer = await createScriptServer({ book: server.book, tls })
  const control = await createControlApi({
    book: server.book,
    targetPort: server.port,
    secureTargetPort: secureServer.port,
  })
  project.provide('wsUrl', server.url)
  project.provide('wssUrl', secureServer.url)
  project.provide('wssCertificate', tls.cert)
  project.provide('controlUrl', control.url)
  return async () => {
    await control.close()
    await Promise.all([server.close(), secureServer.close()])
  }
}
