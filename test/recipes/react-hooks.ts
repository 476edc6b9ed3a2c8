import type { Client, ClientSchemas, ClientSnapshot, ReceivedPayloads, Room } from 'holdfast'
import { useEffect, useState, useSyncExternalStore } from 'react'

/** The state of the client. It stays connected as long as a component that asks for it is mounted. */
export function useClient<S extends ClientSchemas>(client: Client<S>): ClientSnapshot {
  useEffect(() => client.retain(), [client])
  return useSyncExternalStore(client.subscribe, client.getSnapshot, client.getSnapshot)
}

/** A room to send to, joined while the component is mounted; `undefined` until the first effect. */
export function useRoom<S extends ClientSchemas>(client: Client<S>, name: string): Room<S> | undefined {
  const [room, setRoom] = useState<Room<S>>()
  useEffect(() => {
    const entered = client.room(name)
    setRoom(entered)
    return () => entered.leave()
  }, [client, name])
  return room
}

/** The payloads of a room's messages of one type. It holds the room itself, so nothing comes before it listens. */
export function useMessages<S extends ClientSchemas, T extends keyof ReceivedPayloads<S> & string>(
  client: Client<S>,
  name: string,
  type: T,
): readonly ReceivedPayloads<S>[T][] {
  const [payloads, setPayloads] = useState<readonly ReceivedPayloads<S>[T][]>([])
  useEffect(() => {
    const room = client.room(name)
    room.on(type, ({ payload }) => setPayloads((before) => [...before, payload]))
    return () => {
      room.leave()
      setPayloads([])
    }
  }, [client, name, type])
  return payloads
}
