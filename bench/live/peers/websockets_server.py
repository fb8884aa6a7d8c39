"""`websockets`: its own `broadcast`."""

# mypy: disable-error-code="import-not-found,import-untyped"
# The packages are in the environment of the benchmark, not in the one that is checked.

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.live.message import text


async def main(port: int, seconds: float) -> None:
    """Send a message to all every so many seconds."""
    clients: set[ServerConnection] = set()

    async def client(connection: ServerConnection) -> None:
        clients.add(connection)
        try:
            await connection.wait_closed()
        finally:
            clients.discard(connection)

    async with serve(client, "127.0.0.1", port, compression=None):
        number = 0
        while True:
            await asyncio.sleep(seconds)
            number += 1
            broadcast(clients, text(number))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
