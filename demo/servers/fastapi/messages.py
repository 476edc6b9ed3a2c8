"""
What the server does with each message. Text is an envelope `{ type, room?, payload?, id? }`; binary is a uint32 type
in network byte order, then anything.
"""

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime, timezone

from fastapi import WebSocket

from rooms import Rooms

CLOSED_ROOM = "forbidden"
RESERVED = {"error", "ping", "pong", "join", "leave", "broadcast"}
# Of the protocol's own types only pieces of a message may come from another client.
RELAYED = {"$fragment", "$abort"}


async def handle_text(socket: WebSocket, text: str, rooms: Rooms) -> None:
    message = parse_envelope(text)
    if message is None:
        await refuse(socket, {}, "bad_message", "This is no JSON object with a type")
        return
    kind, room, ident = message["type"], message.get("room"), message.get("id")
    match kind:
        case "ping":
            await say(socket, {"type": "pong", "id": ident})
        case "join" | "leave" | "broadcast" if not room:
            await refuse(socket, message, "bad_message", f"{kind} names no room")
        case "join" if room == CLOSED_ROOM:
            await refuse(socket, message, "forbidden", "Nobody may enter this room")
        case "join":
            rooms.join(room, socket)
        case "leave":
            rooms.leave(room, socket)
        case "broadcast" if message["forged"]:
            await refuse(socket, message, "forbidden", "This type is for the server to say")
        case "broadcast":
            # The members get the bare payload, and the sender does too if it is one of them.
            await relay(message["payload"], rooms.members_of(room))
        case "time.get":
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            await say(socket, {"type": "time.get", "id": ident, "payload": {"now": now}})
        case "pong" | "error":
            # An answer to a ping of ours, or to anything else, asks for nothing.
            pass
        case _ if ident is not None:
            await refuse(socket, message, "unknown_type", f"There is no request {kind}")


async def handle_binary(socket: WebSocket, frame: bytes, rooms: Rooms) -> None:
    if len(frame) < 4:
        await refuse(socket, {}, "bad_message", "A binary message begins with a type of 4 bytes")
        return
    kind = int.from_bytes(frame[:4], "big")
    await relay(frame, rooms.members_of("binary-stream", f"binary:{kind}"))


async def relay(data: str | bytes, members: Iterable[WebSocket]) -> None:
    # One whose link breaks meanwhile must not keep the message from the others: its own reader learns of the end.
    sends = [socket.send_text(data) if isinstance(data, str) else socket.send_bytes(data) for socket in members]
    await asyncio.gather(*sends, return_exceptions=True)


async def refuse(socket: WebSocket, cause: dict, code: str, message: str) -> None:
    ident = cause.get("id")
    payload = {"code": code, "message": message, "retryable": False}
    await say(socket, {"type": "error", "id": ident, "ref": ident, "room": cause.get("room"), "payload": payload})


async def say(socket: WebSocket, envelope: dict) -> None:
    text = to_json({name: value for name, value in envelope.items() if value is not None})
    await asyncio.gather(socket.send_text(text), return_exceptions=True)


def to_json(value: object) -> str:
    """In ASCII, because half a surrogate pair can only be sent escaped. NaN, which is no JSON, is a ValueError."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def parse_envelope(text: str) -> dict | None:
    """The payload is kept as JSON text, because that is how it goes on."""
    try:
        value = json.loads(text)
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            return None
        well_formed = all(isinstance(value.get(name), str | None) for name in ("room", "id"))
        payload = value.get("payload")
        return {**value, "payload": to_json(payload), "forged": is_forged(payload)} if well_formed else None
    except (ValueError, RecursionError):
        # No JSON, or none that could be written again.
        return None


def is_forged(payload: object) -> bool:
    """
    Whether a client that got this bare would take it for the server's own word. Clients read names in any case, and some
    read a list as several messages.
    """
    if isinstance(payload, list):
        return any(is_forged(item) for item in payload if not isinstance(item, list))
    if not isinstance(payload, dict):
        return False
    return any(name.lower() == "type" and is_reserved(value) for name, value in payload.items())


def is_reserved(kind: object) -> bool:
    if not isinstance(kind, str):
        return False
    return kind in RESERVED or (kind.startswith("$") and kind not in RELAYED)
