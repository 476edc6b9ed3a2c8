import type { SocketSnapshot } from '../core/snapshot.ts'
import type { Membership, RoomStatus } from './membership.ts'

/**
 * The client at one moment. The same object as long as nothing in it changed, so it can be compared by reference.
 *
 * @public
 */
export interface ClientSnapshot extends SocketSnapshot {
  /** The status of each wanted room, by its name. */
  readonly rooms: ReadonlyMap<string, RoomStatus>
}

export function clientSnapshotOf(socket: SocketSnapshot, rooms: Iterable<Membership>): ClientSnapshot {
  const statuses = new Map<string, RoomStatus>()
  for (const { name, status } of rooms) statuses.set(name, status)
  return { ...socket, rooms: statuses }
}
