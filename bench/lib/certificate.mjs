/** A fresh certificate for wss, in a folder of its own; clients are told of it by NODE_EXTRA_CA_CERTS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'

/** The tests' servers make theirs the same way; Node 20 cannot import TypeScript. */
const source = new URL('../../test/servers/certificate.ts', import.meta.url)

/** @returns {Promise<{ certFile: string, keyFile: string, remove(): void }>} */
export async function makeCertificate() {
  const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', format: 'esm' })
  const { createCertificate } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const { key, cert } = createCertificate()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { certFile, keyFile, remove: () => rmSync(folder, { recursive: true }) }
}
