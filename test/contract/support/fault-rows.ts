/** What can befall a link that is open, and what the socket is to say of it. */
import { type Fault, hostileClientFrames, hostileServerFrames } from './control.ts'
import { engine } from './engine.ts'
import { type FaultBench, faultOptions, heartbeatWith } from './fault-bench.ts'
import type { TestSocketOptions } from './sockets.ts'

export interface FaultRow {
  readonly name: string
  readonly fault: Fault
  /** 1006, or what the peer says of broken frames. */
  readonly code: number
  readonly kind: 'close' | 'protocol' | 'heartbeat'
}

const silent = (name: string, fault: Fault): FaultRow => ({ name, fault, kind: 'heartbeat', code: 1006 })
const ended = (name: string, fault: Fault, code = 1006): FaultRow => ({ name, fault, kind: 'close', code })
const broken = (name: string, fault: Fault): FaultRow => ({
  name,
  fault,
  kind: engine.brokenFrames,
  code: 1006,
})

const toClient = (bytes: readonly number[] | Uint8Array): Fault => ({ kind: 'inject', to: 'client', bytes })
const toServer = (bytes: readonly number[] | Uint8Array): Fault => ({ kind: 'inject', to: 'server', bytes })

export const faultRows: readonly FaultRow[] = [
  silent('black hole', { kind: 'blackHole' }),
  silent('black hole to the server', { kind: 'blackHole', direction: 'toServer' }),
  silent('black hole to the client', { kind: 'blackHole', direction: 'toClient' }),
  silent('stall', { kind: 'stall' }),
  silent('stall to the server', { kind: 'stall', direction: 'toServer' }),
  silent('stall to the client', { kind: 'stall', direction: 'toClient' }),
  ended('reset', { kind: 'reset' }),
  ended('fin', { kind: 'fin' }),
  ended('half close to the client', { kind: 'halfClose', side: 'client' }),
  ended('half close to the server', { kind: 'halfClose', side: 'server' }),
  ended('cut in mid-frame by a reset', { kind: 'cut', afterBytes: 3, direction: 'toServer', how: 'reset' }),
  ended('cut in mid-frame by a fin', { kind: 'cut', afterBytes: 3, direction: 'toClient', how: 'fin' }),
  silent('cut in mid-frame by a black hole', {
    kind: 'cut',
    afterBytes: 3,
    direction: 'toClient',
    how: 'blackHole',
  }),
  broken('corrupt byte to the client', { kind: 'corrupt', atByte: 0, direction: 'toClient' }),
  ended('corrupt byte to the server', { kind: 'corrupt', atByte: 0, direction: 'toServer' }, 1002),
  ...(engine.checksUtf8 ? [broken('bad UTF-8 to the client', toClient(hostileServerFrames.badUtf8))] : []),
  ended('bad UTF-8 to the server', toServer(hostileClientFrames.badUtf8), 1007),
  broken('reserved bits to the client', toClient(hostileServerFrames.reservedBits)),
  ended('reserved bits to the server', toServer(hostileClientFrames.reservedBits), 1002),
]

/** A verdict of the heartbeat comes soon where it is what the row is about; elsewhere it would only race with the end. */
export function optionsFor({ kind }: FaultRow): TestSocketOptions {
  const ms = kind === 'heartbeat' ? 200 : 4_000
  return { ...faultOptions, heartbeat: heartbeatWith({ intervalMs: ms, timeoutMs: ms, probeTimeoutMs: ms }) }
}

/** No new link gets through while a test looks at what the loss of the old one led to. */
export async function strike({ proxy }: FaultBench, fault: Fault): Promise<void> {
  await proxy.fault({ kind: 'refuse' }, 'new')
  await proxy.fault(fault, 'live')
}
