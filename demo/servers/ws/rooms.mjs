/** Who is in which room. A room is there as long as somebody is in it. */
export class Rooms {
  /** @type {Map<string, Set<import('ws').WebSocket>>} */
  #members = new Map()

  /** @param {string} room @param {import('ws').WebSocket} socket */
  join(room, socket) {
    const members = this.#members.get(room) ?? new Set()
    this.#members.set(room, members.add(socket))
  }

  /** @param {string} room @param {import('ws').WebSocket} socket */
  leave(room, socket) {
    const members = this.#members.get(room)
    members?.delete(socket)
    if (members?.size === 0) this.#members.delete(room)
  }

  /** @param {import('ws').WebSocket} socket */
  leaveAll(socket) {
    for (const room of this.#members.keys()) this.leave(room, socket)
  }

  /** Everybody in any of these rooms, each of them once. @param {readonly string[]} rooms */
  membersOf(...rooms) {
    return new Set(rooms.flatMap((room) => [...(this.#members.get(room) ?? [])]))
  }
}
