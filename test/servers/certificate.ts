import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

const day = 24 * 60 * 60 * 1000
const tags = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, utf8: 0x0c, time: 0x17 } as const
const constructed = { sequence: 0x30, set: 0x31 } as const
const oids = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
} as const

/**
 * A fresh self-signed certificate (X.509 v3, P-256) for localhost and the loopback addresses, so that no
 * key lies in the repository and none runs out. node:crypto signs, but cannot build one: hence the DER.
 */
export function createCertificate(now: Date = new Date()): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(oid(oids.ecdsaWithSha256))
  const name = sequence(
    der(constructed.set, sequence(oid(oids.commonName), der(tags.utf8, Buffer.from('localhost')))),
  )
  const body = sequence(
    der(0xa0, der(tags.integer, Buffer.of(2))),
    der(tags.integer, serialNumber()),
    algorithm,
    name,
    sequence(time(now.getTime() - day), time(now.getTime() + 30 * day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions())),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = sequence(body, algorithm, der(tags.bits, Buffer.of(0), signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', certificate),
  }
}

function extensions(): Buffer[] {
  const loopback6 = Buffer.alloc(16)
  loopback6[15] = 1
  const names = sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.of(127, 0, 0, 1)),
    der(0x87, loopback6),
  )
  return [
    extension(oids.subjectAltName, names),
    // Not a CA: some clients refuse a CA's certificate as a server's own.
    extension(oids.basicConstraints, sequence(), true),
    extension(oids.extendedKeyUsage, sequence(oid(oids.serverAuth))),
  ]
}

function extension(id: readonly number[], value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(tags.boolean, Buffer.of(0xff))] : []
  return sequence(oid(id), ...flag, der(tags.octets, value))
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(constructed.sequence, ...parts)
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes))
}

/** YYMMDDhhmmssZ, which holds until 2049. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return der(tags.time, Buffer.from(`${digits}Z`))
}

/** Positive, and without a leading zero byte, as DER wants an integer. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
