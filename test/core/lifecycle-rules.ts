import { defaultBackoff } from '../../src/core/backoff.ts'
import type { LifecycleRules } from '../../src/core/lifecycle.ts'
import type { LossCause } from '../../src/core/loss.ts'
import { type RetryOptions, resolveRetry } from '../../src/core/retry.ts'

interface RuleOptions extends Partial<Omit<LifecycleRules, 'retry'>> {
  readonly retry?: RetryOptions | false
}

/** The rules that a socket without options lives by, a draw of 0.5 each time, and what a test wants otherwise. */
export function lifecycleRules({ retry, ...others }: RuleOptions = {}): LifecycleRules {
  return {
    backoff: defaultBackoff,
    connectTimeoutMs: 6_000,
    maxConnectTimeoutMs: 30_000,
    closeTimeoutMs: 3_000,
    closePolicy: {},
    decide: undefined,
    refreshable: true,
    random: () => 0.5,
    ...others,
    retry: resolveRetry(retry),
  }
}

/** The peer, or the network (1006), ended a link that was open. */
export function closedWith(code: number, reason = ''): LossCause {
  return { kind: 'close', code, reason, wasClean: code !== 1006 }
}
