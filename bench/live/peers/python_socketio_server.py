"""python-socketio on ASGI, served by uvicorn: `emit` to everybody."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import asyncio
import sys

import socketio
import uvicorn

from bench.live.message import text


def main(port: int, seconds: float) -> None:
    """Send a message to all every so many seconds."""
    live = socketio.AsyncServer(async_mode="asgi")

    async def publish() -> None:
        number = 0
        while True:
            await asyncio.sleep(seconds)
            number += 1
            await live.emit("message", text(number))

    async def started() -> None:
        live.start_background_task(publish)

    app = socketio.ASGIApp(live, on_startup=started)
    uvicorn.run(app, port=port, log_level="warning", ws_per_message_deflate=False, loop="uvloop")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
