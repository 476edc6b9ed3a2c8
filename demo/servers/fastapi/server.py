"""
A plain chat server on FastAPI.

    /usr/bin/python3 demo/servers/fastapi/server.py [--port 8202]

TOKENS, REFUSE, PING_MS and MAX_MESSAGE_BYTES: see docs/SERVERS.md
"""

import argparse
import asyncio
import os
import sys

try:
    import uvicorn
    import websockets  # noqa: F401 (uvicorn uses it, and would say only at the first client that it is missing)
    from fastapi import FastAPI, WebSocket, status
except ImportError as error:
    sys.exit(f"{error}: Debian's packages python3-fastapi, python3-uvicorn and python3-websockets are for /usr/bin/python3.")

from messages import handle_binary, handle_text, say
from rooms import Rooms

HOST = "127.0.0.1"
# How long clients get to answer the goodbye.
GOODBYE_SECONDS = 1

# Whoever has one of these may come in. A real server would check a signature.
tokens = os.environ.get("TOKENS", "demo").split(",")
# A wrong token: before the upgrade (the client sees HTTP 403), or by close code 1008 after it, which a browser can see.
refuse_after = os.environ.get("REFUSE") == "after"
ping_seconds = int(os.environ.get("PING_MS", "30000")) / 1000
max_message_bytes = int(os.environ.get("MAX_MESSAGE_BYTES", str(32 * 1024 * 1024)))

app = FastAPI()
rooms = Rooms()
clients: set[WebSocket] = set()


@app.websocket("/ws")
async def endpoint(socket: WebSocket, token: str = "") -> None:
    if token not in tokens:
        if refuse_after:
            await socket.accept()
        await socket.close(status.WS_1008_POLICY_VIOLATION, "unknown token")
        return
    await socket.accept()
    clients.add(socket)
    pings = asyncio.create_task(ping_regularly(socket))
    try:
        await read(socket)
    finally:
        pings.cancel()
        clients.discard(socket)
        rooms.leave_all(socket)


async def read(socket: WebSocket) -> None:
    while (message := await socket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await handle_text(socket, message["text"], rooms)
        else:
            await handle_binary(socket, message["bytes"], rooms)


async def ping_regularly(socket: WebSocket) -> None:
    """Asks in a message, which any client can answer. Dead links are found by uvicorn, with pings of the protocol."""
    while True:
        await asyncio.sleep(ping_seconds)
        await say(socket, {"type": "ping"})


class Server(uvicorn.Server):
    """Tells its address when it listens, and says goodbye before uvicorn cuts the links."""

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"ws://{HOST}:{port}/ws", flush=True)
        if "TOKENS" not in os.environ:
            print(f"Who is to come in needs a token: ws://{HOST}:{port}/ws?token=demo", flush=True)

    async def shutdown(self, sockets=None) -> None:
        for server in self.servers:
            server.close()
        goodbyes = [socket.close(status.WS_1001_GOING_AWAY, "server is shutting down") for socket in clients]
        try:
            await asyncio.wait_for(asyncio.gather(*goodbyes, return_exceptions=True), GOODBYE_SECONDS)
        except asyncio.TimeoutError:
            pass
        await super().shutdown(sockets)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8202")))
    port = arguments.parse_args().port
    config = uvicorn.Config(app, host=HOST, port=port, ws_max_size=max_message_bytes, log_level="warning")
    Server(config).run()


if __name__ == "__main__":
    main()
