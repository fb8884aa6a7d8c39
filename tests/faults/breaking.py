"""What a soak does to the running product: each fault begins, lasts a while, and ends."""

import os
import random
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from pnl.sandbox import (
    GzipBomb,
    Hang,
    HtmlPage,
    HugeBody,
    NanBody,
    Reset,
    SlowDrip,
    Status,
    Truncated,
)
from pnl.sandbox.faults import Fault as Wire
from pnl.sandbox.faults import Vendor
from pnl.store.engine import driver
from tests.faults.house import House
from tests.product.process import Process
from tests.proxy import Proxy

VENDORS: tuple[Vendor, ...] = ("kalshi", "anthropic", "revenue", "stripe")
WIRE: tuple[Wire, ...] = (
    Status(429, "2"), Status(500), Status(503), Hang(), SlowDrip(), Reset(), Truncated(), HtmlPage(), NanBody(),
    GzipBomb(8_000_000), HugeBody(8_000_000),
)  # fmt: skip
NETWORK: dict[str, Callable[[Proxy], None]] = {
    "black hole": Proxy.black_hole,
    "reset": Proxy.reset,
    "garbled": Proxy.garble,
    "cut": lambda proxy: proxy.cut(100),
    "100 ms": lambda proxy: proxy.delay(50),
    "500 ms": lambda proxy: proxy.delay(250),
}


@dataclass
class Breaking:
    """Something to break.

    Attributes:
        name: What it is, in words.
        hurts: The processes that may not answer meanwhile.
        lasts: Breaks it on entering, mends it on leaving.
    """

    name: str
    hurts: tuple[Process, ...]
    lasts: Callable[[], Any]


def choose(house: House, chance: Random) -> Breaking:
    """Choose one of all that can be broken, any kind as likely as the others."""
    kinds = (
        _killed_worker, _killed, _stopped, _reloaded, _frozen, _starved, _redis_killed, _redis_frozen, _redis_far,
        _upstreams, _locked, _old_reader, _full, _without_descriptors, _garbage,
    )  # fmt: skip
    return chance.choice(kinds)(house, chance)


def _signal(workers: list[int], which: int) -> None:
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, which)


def _once(do: Callable[[], object]) -> Callable[[], Any]:
    @contextmanager
    def lasting() -> Iterator[None]:
        do()
        yield

    return lasting


def _killed_worker(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)
    kill = _once(lambda: _signal(house.workers(one), signal.SIGKILL))
    return Breaking("kill -9 of a worker", (one,), kill)


def _killed(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)
    return Breaking("kill -9 of a product", (one,), _once(lambda: os.killpg(one.process.pid, signal.SIGKILL)))


def _stopped(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)
    return Breaking("SIGTERM", (one,), _once(lambda: one.process.send_signal(signal.SIGTERM)))


def _reloaded(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)
    return Breaking("SIGHUP", (), _once(lambda: one.process.send_signal(signal.SIGHUP)))


def _frozen(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)

    @contextmanager
    def lasting() -> Iterator[None]:
        workers = house.workers(one)
        _signal(workers, signal.SIGSTOP)
        yield
        _signal(workers, signal.SIGCONT)

    return Breaking("SIGSTOP", (one,), lasting)


def _starved(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)
    return Breaking("a fifth of the processor", (), lambda: starved(house.workers(one)))


@contextmanager
def starved(processes: list[int], share: float = 0.2, turn: float = 0.1) -> Iterator[None]:
    """Let processes run only so much of the time, as a quota of their processor does."""
    ending = threading.Event()

    def run() -> None:
        while not ending.is_set():
            _signal(processes, signal.SIGSTOP)
            ending.wait(turn * (1 - share))
            _signal(processes, signal.SIGCONT)
            ending.wait(turn * share)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _redis_killed(house: House, _chance: Random) -> Breaking:
    @contextmanager
    def lasting() -> Iterator[None]:
        house.redis.kill()
        yield
        house.redis.start()

    return Breaking("Redis killed, empty afterwards", (), lasting)


def _redis_frozen(house: House, _chance: Random) -> Breaking:
    @contextmanager
    def lasting() -> Iterator[None]:
        house.redis.freeze()
        yield
        house.redis.thaw()

    return Breaking("Redis frozen", (), lasting)


def _redis_far(house: House, chance: Random) -> Breaking:
    name = chance.choice(list(NETWORK))

    @contextmanager
    def lasting() -> Iterator[None]:
        NETWORK[name](house.proxy)
        yield
        house.proxy.pass_all()

    return Breaking(f"the way to Redis: {name}", (), lasting)


def _upstreams(house: House, chance: Random) -> Breaking:
    vendors, fault = chance.sample(VENDORS, chance.randint(1, 4)), chance.choice(WIRE)

    @contextmanager
    def lasting() -> Iterator[None]:
        for vendor in vendors:
            house.sandbox.faults.lay(vendor, fault)
        yield
        for vendor in vendors:
            house.sandbox.faults.clear(vendor)

    return Breaking(f"{type(fault).__name__}{getattr(fault, 'code', '')} of {', '.join(vendors)}", (), lasting)


def _locked(house: House, _chance: Random) -> Breaking:
    @contextmanager
    def lasting() -> Iterator[None]:
        other: Any = driver().connect(str(house.database), isolation_level=None, timeout=10)
        with suppress(driver().Error):  # somebody writes for so long already
            other.execute("BEGIN IMMEDIATE")
        yield
        other.close()

    return Breaking("the database locked", (), lasting)


def _old_reader(house: House, _chance: Random) -> Breaking:
    @contextmanager
    def lasting() -> Iterator[None]:
        other: Any = driver().connect(f"file:{house.database}?mode=ro", uri=True, isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM snapshot").fetchall()
        yield
        other.close()

    return Breaking("a reader that holds an instant", (), lasting)


def _full(house: House, chance: Random) -> Breaking:
    room = chance.randrange(8_192, 200_000)

    @contextmanager
    def lasting() -> Iterator[None]:
        house.limit(resource.RLIMIT_FSIZE, room)
        yield
        house.limit(resource.RLIMIT_FSIZE, None)

    return Breaking(f"no file beyond {room} bytes", (), lasting)


def _without_descriptors(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)

    @contextmanager
    def lasting() -> Iterator[None]:
        for worker in house.workers(one):
            with suppress(OSError):
                there = len(list(Path(f"/proc/{worker}/fd").iterdir()))
                _, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
                resource.prlimit(worker, resource.RLIMIT_NOFILE, (there + 12, hard))
        connections = []
        with suppress(OSError):
            connections = [socket.create_connection(("127.0.0.1", one.port), 1) for _ in range(60)]
        yield
        for connection in connections:
            connection.close()
        for worker in house.workers(one):
            with suppress(OSError):
                _, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
                resource.prlimit(worker, resource.RLIMIT_NOFILE, (hard, hard))

    return Breaking("no descriptor to spare", (one,), lasting)


def _garbage(house: House, chance: Random) -> Breaking:
    one = chance.choice(house.products)
    return Breaking("garbage at the door", (), _once(lambda: garbage(one.port, chance)))


def garbage(port: int, chance: random.Random) -> None:
    """Send a hundred requests that no browser sends."""
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
            connection.sendall(
                chance.choice(
                    (
                        chance.randbytes(400),
                        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 3_000 + b"\r\n",
                        b"GET /api/pnl/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n" + chance.randbytes(99),
                        b"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n{",
                    )
                )
            )
    for body in (b"{", b"[" * 10_000, b'{"output":"none.children"}'):
        with suppress(httpx.HTTPError):
            httpx.post(
                f"http://127.0.0.1:{port}/_dash-update-component",
                content=body,
                headers={"Content-Type": "application/json"},
                timeout=5,
            )
