export interface WaitOptions {
  readonly timeoutMs?: number
  readonly everyMs?: number
  /** Said in the error when it never came true. */
  readonly what?: string
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

// Taken early, so that a test which fakes the timers can still wait for real servers.
const { setTimeout: realSetTimeout, performance: realPerformance } = globalThis
const startTimer = (action: () => void, delayMs: number): unknown => realSetTimeout(action, delayMs)
const now = realPerformance.now.bind(realPerformance)

/**
 * Polls until the condition gives something truthy, and gives that back. A condition that throws is not
 * true yet; its last error is the cause of the final one.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, everyMs = 10, what }: WaitOptions = {},
): Promise<Truthy<T>> {
  const deadline = now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value as Truthy<T>
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what ?? condition.toString()}`, { cause })
    }
    await new Promise<void>((resolve) => startTimer(resolve, everyMs))
  }
}
