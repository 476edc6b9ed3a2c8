"""Who is in which room. A room is there as long as somebody is in it."""

from fastapi import WebSocket


class Rooms:
    def __init__(self) -> None:
        self._members: dict[str, set[WebSocket]] = {}

    def join(self, room: str, socket: WebSocket) -> None:
        self._members.setdefault(room, set()).add(socket)

    def leave(self, room: str, socket: WebSocket) -> None:
        members = self._members.get(room, set())
        members.discard(socket)
        if not members:
            self._members.pop(room, None)

    def leave_all(self, socket: WebSocket) -> None:
        for room in list(self._members):
            self.leave(room, socket)

    def members_of(self, *rooms: str) -> set[WebSocket]:
        """Everybody in any of these rooms, each of them once."""
        return set().union(*(self._members.get(room, set()) for room in rooms))
