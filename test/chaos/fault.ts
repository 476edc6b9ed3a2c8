/**
 * What the fault proxy can do to a link. Plain data without imports, so that a page in a browser can
 * send it to the control API as JSON.
 */

export type OneDirection = 'toServer' | 'toClient'
export type Direction = OneDirection | 'both'
export type Side = 'client' | 'server'
export type CutStyle = 'reset' | 'fin' | 'blackHole'
/** Which links a fault is for: those that come, those that are there, or both. */
export type FaultScope = 'new' | 'live' | 'all'

/** Holds for what passes through a link until other link conditions take its place. */
export type LinkCondition =
  | { readonly kind: 'pass' }
  /** Bytes and ends (FIN, RST) are swallowed; the link itself stays open. */
  | { readonly kind: 'blackHole'; readonly direction?: Direction }
  /** Bytes are held back, not lost: the sender feels backpressure, and all arrives when it is lifted. */
  | { readonly kind: 'stall'; readonly direction?: Direction }
  | { readonly kind: 'latency'; readonly ms: number; readonly direction?: Direction }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number; readonly direction?: Direction }
  /** Written on in pieces of so many bytes (default 7), each a write of its own. */
  | { readonly kind: 'slice'; readonly bytes?: number; readonly direction?: Direction }
  /** Exactly `afterBytes` more bytes pass, then the link is cut (default: reset). */
  | {
      readonly kind: 'cut'
      readonly afterBytes: number
      readonly direction: OneDirection
      readonly how?: CutStyle
    }
  /** The byte at this offset (0 is the next one to pass) is XORed, once (default 0xff). */
  | {
      readonly kind: 'corrupt'
      readonly atByte: number
      readonly direction: OneDirection
      readonly xor?: number
    }

/** Decides what becomes of a new connection. */
export type DoorCondition =
  /** The listener is closed; the next setFault for new links without it listens on the same port again. */
  | { readonly kind: 'refuse' }
  /** Accepted, but the server never hears of it, and nothing is ever answered. */
  | { readonly kind: 'mute' }

/** Happens once: to the live links now, or (scope `new`) to each new link when it is accepted. */
export type Act =
  | { readonly kind: 'reset' }
  | { readonly kind: 'fin' }
  /** FIN to one side only; what that side sends goes on passing. */
  | { readonly kind: 'halfClose'; readonly side: Side }
  /** Raw bytes, in order behind what is already on its way to that side. */
  | { readonly kind: 'inject'; readonly to: Side; readonly bytes: Uint8Array | readonly number[] }

export type Fault = LinkCondition | DoorCondition | Act

const linkKinds: readonly string[] = [
  'pass',
  'blackHole',
  'stall',
  'latency',
  'bandwidth',
  'slice',
  'cut',
  'corrupt',
]
const doorKinds: readonly string[] = ['refuse', 'mute']
const actKinds: readonly string[] = ['reset', 'fin', 'halfClose', 'inject']

export const isLinkCondition = (fault: Fault): fault is LinkCondition => linkKinds.includes(fault.kind)
export const isAct = (fault: Fault): fault is Act => actKinds.includes(fault.kind)

/** Acts alone are meant for what is there now; everything else is the new weather for all. */
export function defaultScope(faults: readonly Fault[]): FaultScope {
  return faults.length > 0 && faults.every(isAct) ? 'live' : 'all'
}

/** A typo in a test must be loud: an unknown or half-filled fault would otherwise simply pass everything. */
export function checkFaults(faults: readonly Fault[], scope: FaultScope): void {
  if (!['new', 'live', 'all'].includes(scope)) throw new TypeError(`unknown fault scope: ${String(scope)}`)
  for (const fault of faults) {
    checkFault(fault)
    if (scope === 'live' && doorKinds.includes(fault.kind)) {
      throw new TypeError(`${fault.kind} is for new connections only; for live ones take blackHole or reset`)
    }
  }
}

function checkFault(fault: Fault): void {
  if (![...linkKinds, ...doorKinds, ...actKinds].includes(fault.kind)) {
    throw new TypeError(`unknown fault: ${JSON.stringify(fault)}`)
  }
  const fits = (name: string, allowed: readonly unknown[]): void => {
    const value = (fault as unknown as Record<string, unknown>)[name]
    if (!allowed.includes(value)) throw new TypeError(`${fault.kind}: ${name} cannot be ${String(value)}`)
  }
  const atLeast = (name: string, least: number, most = Infinity): void => {
    const value = (fault as unknown as Record<string, unknown>)[name]
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      throw new RangeError(`${fault.kind}: ${name} must be a number >= ${least}, not ${String(value)}`)
    }
  }
  if ('direction' in fault) {
    const single = fault.kind === 'cut' || fault.kind === 'corrupt'
    fits('direction', single ? ['toServer', 'toClient'] : ['toServer', 'toClient', 'both', undefined])
  }
  if (fault.kind === 'latency') atLeast('ms', 0)
  if (fault.kind === 'bandwidth') atLeast('bytesPerSecond', 1)
  if (fault.kind === 'slice' && fault.bytes !== undefined) atLeast('bytes', 1)
  if (fault.kind === 'cut') {
    atLeast('afterBytes', 0)
    fits('direction', ['toServer', 'toClient'])
    fits('how', ['reset', 'fin', 'blackHole', undefined])
  }
  if (fault.kind === 'corrupt') {
    atLeast('atByte', 0)
    fits('direction', ['toServer', 'toClient'])
    if (fault.xor !== undefined) atLeast('xor', 1, 255)
  }
  if (fault.kind === 'halfClose') fits('side', ['client', 'server'])
  if (fault.kind === 'inject') {
    fits('to', ['client', 'server'])
    if (!(fault.bytes instanceof Uint8Array || Array.isArray(fault.bytes))) {
      throw new TypeError('inject: bytes must be a Uint8Array or an array of numbers')
    }
  }
}
