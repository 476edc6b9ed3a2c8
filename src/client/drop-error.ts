import { type ErrorCode, HoldfastError } from '../base/errors.ts'
import type { SendDropReason } from './receipt.ts'

/** What a request that was dropped is rejected with, and whether it may go later. */
const dropCodes: Readonly<Record<SendDropReason, readonly [code: ErrorCode, retryable: boolean]>> = {
  closed: ['HF_CLOSED', false],
  left: ['HF_ROOM', false],
  'room-failed': ['HF_ROOM', false],
  aborted: ['HF_ABORTED', false],
  unavailable: ['HF_UNAVAILABLE', true],
  expired: ['HF_TIMEOUT', true],
  overflow: ['HF_QUEUE_FULL', true],
  conflated: ['HF_ABORTED', false],
  volatile: ['HF_UNAVAILABLE', true],
  invalid: ['HF_INVALID', false],
  'too-large': ['HF_TOO_LARGE', false],
  'write-failed': ['HF_CLOSED', true],
}

/** The error of a request that will not be sent. */
export function dropError(type: string, reason: SendDropReason): HoldfastError {
  const [code, retryable] = dropCodes[reason]
  return new HoldfastError(code, `The request ${type} was not sent: ${reason}`, { retryable })
}
