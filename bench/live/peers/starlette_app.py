"""Starlette, for any ASGI server: `python -m bench.live.peers.starlette_app uvicorn|granian PORT SECONDS`."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from bench.live.message import text

clients: set[WebSocket] = set()


async def client(connection: WebSocket) -> None:
    """Keep a client until it goes."""
    await connection.accept()
    clients.add(connection)
    try:
        async for _ in connection.iter_text():
            pass
    finally:
        clients.discard(connection)


async def publish(seconds: float) -> None:
    """Send a message to all every so many seconds; no client waits for another."""
    number = 0
    while True:
        await asyncio.sleep(seconds)
        number += 1
        message = text(number)
        await asyncio.gather(*(connection.send_text(message) for connection in clients), return_exceptions=True)


@asynccontextmanager
async def life(_app: Starlette) -> AsyncIterator[None]:
    """Publish while the application runs."""
    task = asyncio.create_task(publish(float(os.environ["BENCH_SECONDS"])))
    yield
    task.cancel()


app = Starlette(routes=[WebSocketRoute("/ws", client)], lifespan=life)


def main(server: str, port: int, seconds: str) -> None:
    """Serve it."""
    os.environ["BENCH_SECONDS"] = seconds
    if server == "uvicorn":
        import uvicorn  # noqa: PLC0415 - one of two

        uvicorn.run(app, port=port, log_level="warning", ws_per_message_deflate=False, loop="uvloop")
    else:
        from granian import Granian  # noqa: PLC0415 - one of two
        from granian.constants import Interfaces  # noqa: PLC0415

        Granian("bench.live.peers.starlette_app:app", port=port, interface=Interfaces.ASGI, backlog=2048).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
