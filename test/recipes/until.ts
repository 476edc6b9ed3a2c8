import { vi } from 'vitest'

/** Waits until a check holds, for longer than a busy machine needs. */
export const until = (check: () => void): Promise<void> => vi.waitFor(check, 4_000)
