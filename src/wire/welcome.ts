import { fieldOf } from './envelope-guard.ts'
import type { PeerLimits } from './limits.ts'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The limits in the payload of a `$welcome`. What is missing, wrong or unknown there is passed over. */
export function readWelcome(payload: unknown): PeerLimits {
  if (!isObject(payload)) return {}
  const limits = fieldOf(payload, 'limits')
  const largest = isObject(limits) ? fieldOf(limits, 'maxMessageBytes') : undefined
  const features = fieldOf(payload, 'features')
  return {
    ...(Number.isSafeInteger(largest) && (largest as number) > 0
      ? { maxMessageBytes: largest as number }
      : {}),
    ...(Array.isArray(features) ? { fragments: features.includes('fragments') } : {}),
  }
}
