"""A Redis that is there and refuses: it loads its data, it may only be read, it wants another password."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import structlog

from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.shelf import Shelf
from pnl.clock import SystemClock
from tests.cache.test_trouble import COOL_DOWN, Asked, outages, served
from tests.redis.servers import wait_until
from tests.services import RedisServer

KEYS = 3_000


class Loading(RedisServer):
    """A Redis that takes a millisecond for each key that it finds on its disk."""

    slow = False

    def command(self) -> list[str | Path]:
        more = ("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024")
        return [*super().command(), *(more if self.slow else ())]

    def start_loading(self) -> None:
        """Start it, and return while it loads."""
        self.slow = True
        self._process = self._run(self.command())
        wait_until(self._loads)

    def _loads(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"-LOADING")
        except OSError:
            return False


@pytest.fixture
def asked(own_redis: RedisServer) -> Iterator[Asked]:
    yield from asking(own_redis)


def asking(server: RedisServer) -> Iterator[Asked]:
    """Give a reader whose every question goes to Redis."""
    shelf = Shelf(server.url, stream="k3f9x2", version="1", clock=SystemClock(), cool_down_seconds=COOL_DOWN)
    cache = Layers(Memory(items=0), shelf, SystemClock())
    reader = Asked(cache)
    wait_until(lambda: served(reader))
    yield reader
    cache.close()


def read_only(client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", 1)


def writable(client: redis.Redis) -> None:
    client.replicaof("NO", "ONE")


def another_password(client: redis.Redis) -> None:
    client.config_set("requirepass", "another")
    client.client_kill_filter(_type="normal", skipme=True)


def no_password(client: redis.Redis) -> None:
    client.config_set("requirepass", "")


@pytest.mark.parametrize(
    ("spoil", "mend", "kinds"),
    [
        (read_only, writable, {"ReadOnlyError"}),
        (another_password, no_password, {"AuthenticationError", "ConnectionError"}),
    ],
    ids=["READONLY", "AUTH changed"],
)
def test_a_redis_that_refuses_is_an_outage_and_no_answer_changes(
    spoil: Callable[[redis.Redis], None],
    mend: Callable[[redis.Redis], None],
    kinds: set[str],
    own_redis: RedisServer,
    asked: Asked,
) -> None:
    with own_redis.client() as client, structlog.testing.capture_logs() as logs:
        client.ping()
        spoil(client)
        wait_until(lambda: bool(asked.times(20)) and bool(outages(logs)))
        down = asked.cache.state()
        mend(client)
        wait_until(lambda: served(asked))

    assert down == "down"
    assert {line["kind"] for line in outages(logs)} <= kinds
    assert logs[-1]["event"] == "redis answers again"


def test_a_redis_that_loads_its_data_is_an_outage_until_it_has_them() -> None:
    server = Loading()
    try:
        server.start()
        with server.client() as client:
            client.mset({f"other:{number}": "x" * 100 for number in range(KEYS)})
            client.save()
        reading = asking(server)
        asked = next(reading)
        with structlog.testing.capture_logs() as logs:
            server.kill()
            server.start_loading()
            asked.times(50)
            down = asked.cache.state()
            wait_until(lambda: served(asked))
        next(reading, None)
    finally:
        server.remove()

    assert down == "down"
    assert {line["kind"] for line in outages(logs)} <= {"BusyLoadingError", "ConnectionError", "TimeoutError"}
