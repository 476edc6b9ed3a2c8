import type { WebSocket } from 'ws'
import type { ConnectionRecord, MessageRecord } from './records.ts'

/** Above this only the size is kept, so that a flood test does not fill the memory. */
const maxKeptBytes = 1024 * 1024

export interface Case {
  readonly connections: ConnectionRecord[]
  readonly messages: MessageRecord[]
  /** Live sockets, with the record of each. */
  readonly live: Map<WebSocket, ConnectionRecord>
  rejections: number
}

/** Everything that happened, under the name of the test case that it belongs to. */
export interface CaseBook {
  of(name: string): Case
  /** The records go; live sockets stay and are recorded anew. */
  forget(name: string): void
  nextConnectionId(): number
  recordMessage(record: ConnectionRecord, data: Buffer, binary: boolean): void
}

export function createCaseBook(): CaseBook {
  const cases = new Map<string, Case>()
  let lastConnectionId = 0
  const of = (name: string): Case => {
    const known = cases.get(name)
    if (known) return known
    const fresh: Case = { connections: [], messages: [], live: new Map(), rejections: 0 }
    cases.set(name, fresh)
    return fresh
  }
  return {
    of,
    forget(name) {
      const found = of(name)
      found.connections.length = 0
      found.messages.length = 0
      found.rejections = 0
      if (found.live.size === 0) cases.delete(name)
    },
    nextConnectionId: () => ++lastConnectionId,
    recordMessage(record, data, binary) {
      const { messages } = of(record.case)
      const kept = data.length <= maxKeptBytes
      record.messageCount += 1
      messages.push({
        order: messages.length,
        connection: record.id,
        at: Date.now(),
        sizeBytes: data.length,
        binary,
        ...(kept && (binary ? { base64: data.toString('base64') } : { text: data.toString('utf8') })),
      })
    },
  }
}
