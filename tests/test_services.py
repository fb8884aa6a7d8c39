"""The servers and the proxy that other tests rely on."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from tests.proxy import Proxy
from tests.services import PostgresServer, RedisServer


def test_a_killed_redis_starts_again_empty_on_its_port(own_redis: RedisServer) -> None:
    with own_redis.client() as client:
        client.set("a", "1")

        own_redis.restart_empty()

        assert client.get("a") is None


def test_a_frozen_redis_answers_once_it_thaws(own_redis: RedisServer) -> None:
    with socket.create_connection(("127.0.0.1", own_redis.port), 5) as connection:
        own_redis.freeze()
        connection.sendall(b"PING\r\n")
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(7)

        own_redis.thaw()
        connection.settimeout(5)

        assert connection.recv(7) == b"+PONG\r\n"


def test_each_test_has_an_empty_database(postgres_url: str, plain_postgres_url: str) -> None:
    with psycopg.connect(plain_postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert tables == (0,)
    assert postgres_url == plain_postgres_url.replace("postgresql:", "postgresql+psycopg:")


def test_a_dropped_database_is_gone(postgres_server: PostgresServer) -> None:
    name = postgres_server.create()

    postgres_server.drop(name)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgres_server.url(name))


class Echo:
    """A connection, through a proxy, to a Redis that gives back what it is told to."""

    def __init__(self, proxy: Proxy) -> None:
        self.socket = socket.create_connection(("127.0.0.1", proxy.port), 5)

    def say(self, text: str) -> bytes:
        """Return what comes back within a second, at most to the end of a line; empty at the connection's end."""
        self.socket.settimeout(1)
        self.socket.sendall(f"PING {text}\r\n".encode())
        with self.socket.makefile("rb") as answer:
            answer.readline()
            return answer.readline()


@pytest.fixture
def proxy(redis_server: RedisServer, proxy_to: Callable[[int], Proxy]) -> Proxy:
    return proxy_to(redis_server.port)


Dial = Callable[[], Echo]


@pytest.fixture
def dial(proxy: Proxy) -> Iterator[Dial]:
    with ExitStack() as sockets:

        def dialled() -> Echo:
            echo = Echo(proxy)
            sockets.enter_context(echo.socket)
            return echo

        yield dialled


@pytest.fixture
def echo(dial: Dial) -> Echo:
    return dial()


def test_a_proxy_passes_on(echo: Echo) -> None:
    assert echo.say("hello") == b"hello\r\n"


def test_a_black_hole_swallows_on_open_and_on_new_connections(proxy: Proxy, echo: Echo, dial: Dial) -> None:
    proxy.black_hole()

    for each in (echo, dial()):
        with pytest.raises(TimeoutError):
            each.say("hello")


def test_a_reset_ends_the_open_connections_and_the_new_ones(proxy: Proxy, echo: Echo, dial: Dial) -> None:
    echo.say("hello")

    proxy.reset()

    with pytest.raises(ConnectionError):
        echo.say("hello")
    with pytest.raises(ConnectionError):
        dial().say("hello")


def test_an_answer_is_cut_after_so_many_bytes(proxy: Proxy, echo: Echo) -> None:
    proxy.cut(7)

    assert echo.say("hello") == b"hel"


def test_bytes_of_an_answer_are_dropped(proxy: Proxy, echo: Echo) -> None:
    proxy.drop(6)

    assert echo.say("hello\r\nECHO again") == b"$5\r\n"


def test_an_answer_is_garbled(proxy: Proxy, echo: Echo) -> None:
    proxy.garble()
    echo.socket.sendall(b"PING\r\n")

    assert echo.socket.recv(7) == b"+\x10\x0f\x0e\x07\r\n"


def test_traffic_is_held_back(proxy: Proxy, echo: Echo) -> None:
    proxy.delay(300)
    echo.socket.settimeout(0.5)
    echo.socket.sendall(b"PING\r\n")

    with pytest.raises(TimeoutError):
        echo.socket.recv(7)
    proxy.pass_all()
    echo.socket.settimeout(5)

    assert echo.socket.recv(7) == b"+PONG\r\n"


def test_an_upgrade_is_taken_out_of_a_request(proxy_to: Callable[[int], Proxy]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = proxy_to(server.getsockname()[1])
        proxy.strip_upgrade()
        with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
            client.sendall(
                b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"
            )
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)

                assert connection.recv(1000) == b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
