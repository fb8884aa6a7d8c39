"""picows on uvloop: frames in Cython, one call a client."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import asyncio
import sys

import uvloop
from picows import WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from bench.live.message import text

clients: set[WSTransport] = set()


class Listener(WSListener):  # type: ignore[misc]  # the library has no types
    """Remembers its client."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Send to it from now on."""
        clients.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Send to it no more."""
        clients.discard(transport)


def listener(_request: WSUpgradeRequest) -> WSListener:
    """Return what a new client is given."""
    return Listener()


async def main(port: int, seconds: float) -> None:
    """Send a message to all every so many seconds."""
    await ws_create_server(listener, "127.0.0.1", port, backlog=2048)
    number = 0
    while True:
        await asyncio.sleep(seconds)
        number += 1
        payload = text(number).encode()
        for client in list(clients):
            client.send(WSMsgType.TEXT, payload)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))
