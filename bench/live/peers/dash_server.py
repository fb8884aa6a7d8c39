"""Dash's own WebSocket callbacks on FastAPI, served by uvicorn: a coroutine and a `set_props` for each client."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from dash import Dash, Input, ctx, html, set_props
from fastapi import FastAPI

from bench.live.message import text


def application(seconds: float) -> FastAPI:
    """Return the application, which makes a message every so many seconds while it runs."""
    fresh = asyncio.Condition()
    newest = "nothing yet"

    async def publish() -> None:
        nonlocal newest
        number = 0
        while True:
            await asyncio.sleep(seconds)
            number += 1
            async with fresh:
                newest = text(number)
                fresh.notify_all()

    @asynccontextmanager
    async def life(_server: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(publish())
        yield
        task.cancel()

    server = FastAPI(lifespan=life)
    app = Dash(__name__, server=server, websocket_callbacks=True)
    app.layout = html.Div(id="live")

    @app.callback(Input("live", "id"), persistent=True)
    async def live(_page: str) -> None:
        set_props("live", {"children": newest})
        while not ctx.websocket.is_shutdown:
            async with fresh:
                await fresh.wait()
            set_props("live", {"children": newest})

    return server


def main(port: int, seconds: float) -> None:
    """Serve it."""
    uvicorn.run(application(seconds), port=port, log_level="warning", ws_per_message_deflate=False, loop="uvloop")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
