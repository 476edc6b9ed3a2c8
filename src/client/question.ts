import type { StandardSchema } from './standard-schema.ts'

/** What is asked, and the schemas of that and of what is answered. */
export interface Question {
  readonly type: string
  readonly payload: unknown
  readonly isStream: boolean
  readonly input?: StandardSchema | undefined
  readonly output?: StandardSchema | undefined
}

/** Who waits for replies. */
export interface Asker {
  onReply(payload: unknown): void
  /** A stream of replies is over. */
  onEnd?(): void
  onError(error: unknown): void
}
