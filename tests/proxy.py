"""A small TCP proxy that treats what passes through it badly, in the ways that networks do."""

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self

Chunk = Callable[["_Link", bytes], bytes]

_UPGRADE = re.compile(rb"\r\nUpgrade:[^\r]*", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nConnection:[^\r]*upgrade[^\r]*", re.IGNORECASE)
_GARBLED = bytes(byte if byte in b"\r\n+-:$*" else byte ^ 0x40 for byte in range(256))
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: closing sends a reset


_TURNS = 10
"""Of the loop: more than it takes to let a connection in."""


class Proxy:
    """Stands in front of a port of 127.0.0.1, from entering to leaving a `with`.

    What it does to traffic is changed by its methods at any time, from any thread, and holds for the
    connections that are open as well as for new ones.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        accepted: How many connections have come in.
    """

    def __init__(self, target_port: int) -> None:
        self.accepted = 0
        self._target_port = target_port
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name=f"proxy to {target_port}")
        self._to_pass()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def pass_all(self) -> None:
        """Pass everything on, as a proxy should."""
        self._call(self._to_pass)

    def black_hole(self) -> None:
        """Accept connections and swallow all that comes, in both directions."""
        self._call(lambda: self._become(asked=_nothing, answered=_nothing, holds_off=True))

    def reset(self) -> None:
        """Reset every connection: those that are open now, and new ones as soon as they are accepted."""

        def do() -> None:
            self._become(resets=True)
            for link in tuple(self._links):
                link.abort()

        self._call(do)

    def cut(self, after_bytes: int) -> None:
        """Close each connection once it has been given `after_bytes` more bytes of its answers."""

        def do() -> None:
            self._become(answered=_cut, budget=after_bytes)
            for link in self._links:
                link.budget = after_bytes

        self._call(do)

    def drop(self, count: int) -> None:
        """Leave out the next `count` bytes of each connection's answers, then pass on."""

        def do() -> None:
            self._become(answered=_drop, budget=count)
            for link in self._links:
                link.budget = count

        self._call(do)

    def garble(self) -> None:
        """Turn a bit of each byte of the answers over; line ends and the marks of Redis's protocol stay."""
        self._call(lambda: self._become(answered=lambda _, data: data.translate(_GARBLED)))

    def delay(self, ms: float) -> None:
        """Hold each piece of traffic back by `ms` milliseconds, in both directions."""
        self._call(lambda: self._become(delay_seconds=ms / 1000))

    def strip_upgrade(self) -> None:
        """Take `Upgrade` out of HTTP requests, as a proxy that knows no WebSocket does."""
        self._call(lambda: self._become(asked=_without_upgrade))

    def _to_pass(self) -> None:
        self._become()

    def _become(
        self,
        *,
        asked: Chunk = lambda _, data: data,
        answered: Chunk = lambda _, data: data,
        budget: int = 0,
        delay_seconds: float = 0,
        holds_off: bool = False,
        resets: bool = False,
    ) -> None:
        self.asked, self.answered, self.budget = asked, answered, budget
        self.delay_seconds, self.holds_off, self.resets = delay_seconds, holds_off, resets

    def _call(self, change: Callable[[], None]) -> None:
        async def do() -> None:
            change()

        asyncio.run_coroutine_threadsafe(do(), self._loop).result(5)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = _Link(self, reader, writer, self.budget)
        self._links.add(link)
        with suppress(asyncio.CancelledError):  # the end of the proxy, which asyncio's streams would complain of
            await link.run(self._target_port)
        self._links.discard(link)

    async def _stop(self) -> None:
        self._server.close()
        for _ in range(_TURNS):  # who is being let in becomes a link, which can be ended
            await asyncio.sleep(0)
        for link in tuple(self._links):
            link.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: int) -> None:
        self.budget = budget
        self._proxy, self._reader = proxy, reader
        self._writers = [writer]

    async def run(self, port: int) -> None:
        try:
            if self._proxy.resets:
                self.abort()
                return
            if self._proxy.holds_off:  # nobody behind it is told of the connection
                while await self._reader.read(65536):
                    pass
                return
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            self._writers.append(writer)
            ways = (
                asyncio.create_task(self._pump(self._reader, writer, answer=False)),
                asyncio.create_task(self._pump(reader, self._writers[0], answer=True)),
            )
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        except OSError:  # the target is down, or either side has gone: the connection ends, like any
            pass
        finally:
            for writer in self._writers:
                with suppress(OSError):
                    writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answer: bool) -> None:
        while data := await reader.read(65536):
            if self._proxy.delay_seconds:
                await asyncio.sleep(self._proxy.delay_seconds)
            data = (self._proxy.answered if answer else self._proxy.asked)(self, data)
            writer.write(data)
            await writer.drain()
            if answer and self._proxy.answered is _cut and not self.budget:
                return

    def abort(self) -> None:
        """Reset both sides."""
        for writer in self._writers:
            with suppress(OSError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()


def _nothing(_link: _Link, _data: bytes) -> bytes:
    return b""


def _cut(link: _Link, data: bytes) -> bytes:
    kept = data[: link.budget]
    link.budget -= len(kept)
    return kept


def _drop(link: _Link, data: bytes) -> bytes:
    kept = data[link.budget :]
    link.budget -= len(data) - len(kept)
    return kept


def _without_upgrade(_link: _Link, data: bytes) -> bytes:
    return _CONNECTION.sub(b"\r\nConnection: close", _UPGRADE.sub(b"", data))
