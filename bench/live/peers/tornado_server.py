"""Tornado: `write_message` to each."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import asyncio
import sys

from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from bench.live.message import text

clients: set["Client"] = set()


class Client(WebSocketHandler):  # type: ignore[misc]  # the library has no types
    """One connection."""

    def open(self) -> None:
        """Send to it from now on."""
        clients.add(self)

    def on_close(self) -> None:
        """Send to it no more."""
        clients.discard(self)

    def on_message(self, message: str | bytes) -> None:
        """Take no notice."""


async def main(port: int, seconds: float) -> None:
    """Send a message to all every so many seconds."""
    Application([("/ws", Client)]).listen(port, "127.0.0.1")
    number = 0
    while True:
        await asyncio.sleep(seconds)
        number += 1
        message = text(number)
        for client in list(clients):
            try:
                client.write_message(message)
            except WebSocketClosedError:
                clients.discard(client)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
