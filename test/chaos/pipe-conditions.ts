import type { CutStyle, Fault, LinkCondition, OneDirection } from './fault.ts'
import { isLinkCondition } from './fault.ts'

/** The link conditions of one direction, flattened into one value per kind. */
export interface PipeConditions {
  readonly blackHole: boolean
  readonly stall: boolean
  readonly latencyMs: number
  readonly bytesPerSecond: number
  readonly sliceBytes: number
  readonly cut: { readonly afterBytes: number; readonly how: CutStyle } | undefined
  readonly corrupt: { readonly atByte: number; readonly xor: number } | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function pipeConditions(direction: OneDirection, faults: readonly Fault[]): PipeConditions {
  const result: Mutable<PipeConditions> = {
    blackHole: false,
    stall: false,
    latencyMs: 0,
    bytesPerSecond: Infinity,
    sliceBytes: Infinity,
    cut: undefined,
    corrupt: undefined,
  }
  for (const fault of faults) {
    if (isLinkCondition(fault) && concerns(fault, direction)) apply(result, fault)
  }
  return result
}

function concerns(fault: LinkCondition, direction: OneDirection): boolean {
  if (fault.kind === 'pass') return false
  const wanted = fault.direction ?? 'both'
  return wanted === 'both' || wanted === direction
}

function apply(result: Mutable<PipeConditions>, fault: LinkCondition): void {
  if (fault.kind === 'blackHole') result.blackHole = true
  if (fault.kind === 'stall') result.stall = true
  if (fault.kind === 'latency') result.latencyMs = fault.ms
  if (fault.kind === 'bandwidth') result.bytesPerSecond = fault.bytesPerSecond
  if (fault.kind === 'slice') result.sliceBytes = fault.bytes ?? 7
  if (fault.kind === 'cut') result.cut = { afterBytes: fault.afterBytes, how: fault.how ?? 'reset' }
  if (fault.kind === 'corrupt') result.corrupt = { atByte: fault.atByte, xor: fault.xor ?? 0xff }
}
