import type { Clock, Random } from '../base/clock.ts'
import type { Platform } from '../base/platform.ts'
import { defaultBackoff } from './backoff.ts'
import { isOutcome } from './close-policy.ts'
import type { LifecycleRules } from './lifecycle.ts'
import { type ResolvedSocketOptions, resolveSocketOptions } from './options.ts'

/** The resolved options, with what the platform gives where they are silent, and the user's functions made safe. */
export interface Settings extends ResolvedSocketOptions, LifecycleRules {
  readonly clock: Clock
  readonly random: Random
}

/**
 * Checks and completes what a user gave. Throws what names the option that is wrong. `sources` are the address and
 * the protocols.
 */
export function settle(given: unknown, platform: Platform, ...sources: readonly unknown[]): Settings {
  const options = resolveSocketOptions(given)
  const { backoff, decide } = options
  /** Asks a function of the user's. What it throws, or answers wrongly, is reported and counts as no answer. */
  const ask = <A, R>(name: string, fn: (argument: A) => R, argument: A, isAnswer: (answer: R) => boolean) => {
    try {
      const answer = fn(argument)
      if (isAnswer(answer)) return answer
      throw new TypeError(`Option ${name} answered ${String(answer)}`)
    } catch (error) {
      platform.report(error)
      return undefined
    }
  }
  // The resolved options are this socket's own: only what it was given, above the shared defaults.
  const settings: Partial<Settings> = {
    clock: options.clock ?? platform.clock,
    random: options.random ?? platform.random,
    ...([...sources, options.getWebSocket].some((source) => typeof source === 'function') && {
      refreshable: true,
    }),
    ...(backoff !== defaultBackoff && {
      backoff: (context) =>
        ask('backoff', backoff, context, (ms) => typeof ms === 'number' && ms >= 0) ??
        defaultBackoff(context),
    }),
    ...(decide && { decide: (cause) => ask('decide', decide, cause, isOutcome) }),
  }
  return Object.assign(options, settings) as Settings
}
