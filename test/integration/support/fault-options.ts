import { pingFrames } from 'holdfast'
import type { TestSocketOptions } from '../../contract/support/sockets.ts'

/** What a peer says of broken frames is `stop` by default; here the faults pass. */
export const faultOptions: TestSocketOptions = {
  connectTimeoutMs: 150,
  maxConnectTimeoutMs: 150,
  heartbeat: pingFrames({ intervalMs: 60, timeoutMs: 60 }),
  retry: { unavailableAfter: Infinity },
  closePolicy: { 1002: 'retry', 1007: 'retry' },
  keepInDoubt: Infinity,
}
