import { WebSocket } from 'ws'
import type { ScriptConnection } from './script-connection.ts'

interface Envelope {
  readonly type?: unknown
  readonly room?: unknown
  readonly id?: unknown
  readonly payload?: unknown
}

/** The rooms of a case, by the sockets that are in them. */
const rooms = new WeakMap<object, Map<string, Set<WebSocket>>>()

/**
 * A plain server of the envelope convention: rooms, a broadcast that relays the bare payload to all in the room, pings
 * answered, binary relayed to the others, three requests. With `maxBytes=n` it closes with 1009 at a longer message.
 */
export function plain(connection: ScriptConnection): void {
  const { socket, case: ofCase, number } = connection
  const maxBytes = number('maxBytes', Infinity)
  const joined = rooms.get(ofCase) ?? new Map<string, Set<WebSocket>>()
  rooms.set(ofCase, joined)
  const membersOf = (room: string) => joined.get(room) ?? new Set()
  const tell = (envelope: object) => socket.send(JSON.stringify(envelope))

  socket.on('close', () => {
    for (const members of joined.values()) members.delete(socket)
  })
  connection.onMessage((data, binary) => {
    if (data.length > maxBytes) {
      socket.close(1009, 'too large')
      return
    }
    if (binary) {
      for (const peer of ofCase.live.keys()) peer.send(data)
      return
    }
    const { type, room, id, payload } = JSON.parse(data.toString()) as Envelope
    const name = String(room)
    if (type === 'ping') tell({ type: 'pong', id })
    else if (type === 'join' && name === 'forbidden') {
      tell({
        type: 'error',
        room: name,
        payload: { code: 'forbidden', message: 'not for you', retryable: false },
      })
    } else if (type === 'join') joined.set(name, membersOf(name).add(socket))
    else if (type === 'leave') membersOf(name).delete(socket)
    else if (type === 'broadcast') {
      for (const peer of membersOf(name)) {
        if (peer.readyState === WebSocket.OPEN) peer.send(JSON.stringify(payload))
      }
    } else if (type === 'echo') tell({ type: 'echo', id, payload })
    else if (type === 'fail')
      tell({ type: 'error', id, payload: { code: 'no', message: 'never', retryable: false } })
    else if (type === 'count') {
      for (let n = 1; n <= Number(payload); n++) tell({ type: 'count', id, payload: n, more: true })
      tell({ type: 'count', id })
    } else if (type === 'ask') tell({ type: 'who', id: 'server-1', payload: { greeting: 'hi' } })
  })
}
