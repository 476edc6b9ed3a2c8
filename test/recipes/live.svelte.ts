import type { Client, ClientSchemas, ClientSnapshot, ReceivedPayloads } from 'holdfast'
import { createSubscriber } from 'svelte/reactivity'

/** The state of the client. It stays connected as long as something on the page reads `current`. */
export function liveClient<S extends ClientSchemas>(client: Client<S>): { readonly current: ClientSnapshot } {
  const subscribe = createSubscriber((changed) => {
    const release = client.retain()
    const stop = client.subscribe(changed)
    return () => {
      stop()
      release()
    }
  })
  return {
    get current() {
      subscribe()
      return client.getSnapshot()
    },
  }
}

/** The payloads of a room's messages of one type. The room is joined as long as the component is there. */
export function liveMessages<S extends ClientSchemas, T extends keyof ReceivedPayloads<S> & string>(
  client: Client<S>,
  name: string,
  type: T,
): { readonly list: readonly ReceivedPayloads<S>[T][] } {
  let list = $state.raw<readonly ReceivedPayloads<S>[T][]>([])
  $effect(() => {
    const room = client.room(name)
    room.on(type, ({ payload }) => {
      list = [...list, payload]
    })
    return () => room.leave()
  })
  return {
    get list() {
      return list
    },
  }
}
