import type { Client, ClientSchemas, ClientSnapshot, ReceivedPayloads, Room } from 'holdfast'
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue'

/** The state of the client. It stays connected until the component, or any other scope, ends. */
export function useClient<S extends ClientSchemas>(client: Client<S>): ShallowRef<ClientSnapshot> {
  const snapshot = shallowRef(client.getSnapshot())
  const stop = client.subscribe(() => {
    snapshot.value = client.getSnapshot()
  })
  const release = client.retain()
  onScopeDispose(() => {
    stop()
    release()
  })
  return snapshot
}

/** A room, joined until the scope ends. */
export function useRoom<S extends ClientSchemas>(client: Client<S>, name: string): Room<S> {
  const room = client.room(name)
  onScopeDispose(() => room.leave())
  return room
}

/** The payloads of a room's messages of one type. What listens ends with the room. */
export function useMessages<S extends ClientSchemas, T extends keyof ReceivedPayloads<S> & string>(
  room: Room<S>,
  type: T,
): ShallowRef<readonly ReceivedPayloads<S>[T][]> {
  const payloads = shallowRef<readonly ReceivedPayloads<S>[T][]>([])
  room.on(type, ({ payload }) => {
    payloads.value = [...payloads.value, payload]
  })
  return payloads
}
