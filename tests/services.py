"""Real servers for tests: Redis and PostgreSQL, on free ports, in temporary folders, and a proxy that spoils traffic.

A fixture's server is started when the first test asks for it. A program that is missing is an error.
"""

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import psycopg
import pytest
import redis

from tests.empty_books import fill_template, name_anew
from tests.proxy import Proxy

START_SECONDS = 20
_SERVER_FOLDERS = (  # where Debian and Homebrew keep PostgreSQL; scripts/system-packages looks in the same places
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


class Server:
    """A program that listens on a port of 127.0.0.1, with a folder of its own.

    Attributes:
        port: Where it listens; the same over every stop and start.
        folder: Its temporary folder.
    """

    def __init__(self, name: str, account: pwd.struct_passwd | None = None) -> None:
        """Make the folder; `account` owns it and runs the program (None: whoever runs the tests)."""
        self.port = _free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))  # short: a socket's path has at most 107 letters
        self._name, self._account = name, account
        self._process: subprocess.Popen[bytes] | None = None
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)

    def command(self) -> list[str | Path]:
        """Return what starts the program in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Return whether it takes requests."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, and return when it takes requests."""
        assert self._process is None, f"{self._name} runs already"
        self._process = self._run(self.command())
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"{self._name} did not start:\n{self._log().read_text()[-2000:]}")
            time.sleep(0.01)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it, and return when it has ended."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(by)
        self._process.wait(START_SECONDS)
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it from running; its port goes on taking connections that nobody answers."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run again after `freeze`."""
        self._running().send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """End it and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self._name} does not run"
        return self._process

    def _run(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        account = self._account
        with self._log().open("ab") as log:
            return subprocess.Popen(
                [*_dies_with_us(), *command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop their servers in order
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )

    def _log(self) -> Path:
        return self.folder / "log"


S = TypeVar("S", bound=Server)


class RedisServer(Server):
    """A Redis that keeps nothing on disk: each start is empty."""

    def __init__(self) -> None:
        super().__init__("redis")
        self._program = _program("redis-server")

    @property
    def url(self) -> str:
        """Its address as `redis://127.0.0.1:port/0`."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def unix_url(self) -> str:
        """Its address as `unix://path`."""
        return f"unix://{self.folder / 'socket'}"

    def command(self) -> list[str | Path]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "unixsocket": str(self.folder / "socket"),
            "save": "",
            "appendonly": "no",
            "maxmemory": "64mb",
            "maxmemory-policy": "allkeys-lru",
        }
        return [self._program, *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False

    def restart_empty(self) -> None:
        """End it like a power cut, and start it with nothing in it."""
        self.kill()
        self.start()

    def client(self) -> redis.Redis:
        """Return a client for the test itself."""
        return redis.Redis(host="127.0.0.1", port=self.port)


class PostgresServer(Server):
    """A PostgreSQL that does not wait for the disk; its owner is `tests`, with no password."""

    def __init__(self) -> None:
        super().__init__("postgres", account=_unprivileged())
        self._programs = _program("initdb", _SERVER_FOLDERS).parent
        options = [
            "--username=tests",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ]
        made = self._run([self._programs / "initdb", "--pgdata", self._data, *options])
        if made.wait(START_SECONDS * 3) != 0:
            raise RuntimeError(f"initdb failed:\n{self._log().read_text()[-2000:]}")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "off",  # what was committed still survives `kill`: the system has it, only the disk may not
        }
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._programs / "postgres", "-D", self._data, *given]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, by: signal.Signals = signal.SIGQUIT) -> None:
        """End it without waiting for those who are connected."""
        super().stop(by)

    def url(self, database: str) -> str:
        """Return a database's address as `postgresql://…`."""
        return f"postgresql://tests@127.0.0.1:{self.port}/{database}"

    def require_passwords_of(self, user: str) -> None:
        """Let a user in by its password alone, once the server has read its file again."""
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"host all {user} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")

    def create(self, template: str = "template0") -> str:
        """Make a copy of a database and return its name; without another word one with nothing in it."""
        name = f"t{uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    @cached_property
    def with_tables(self) -> str:
        """The name of a database that has the product's tables and nothing in them, to be copied."""
        name = self.create()
        fill_template(self.url(name))
        return name

    def drop(self, name: str) -> None:
        """Delete a database, whoever is connected to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Give the Redis that tests share; a test that breaks its Redis takes `own_redis`."""
    yield from _served(RedisServer)


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """Give a Redis of the test's own, for it to kill or freeze."""
    yield from _served(RedisServer)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Return the address of the shared Redis, emptied."""
    with redis_server.client() as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give the PostgreSQL that tests share, each with a database of its own."""
    yield from _served(PostgresServer)


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL of the test's own, for it to kill or to make its own."""
    yield from _served(PostgresServer)


@pytest.fixture
def plain_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of an empty database as `postgresql://…`; it is gone after the test."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def ready_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of a database that has the product's tables and nothing in them; it is gone after the test."""
    name = postgres_server.create(postgres_server.with_tables)
    name_anew(postgres_server.url(name))
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def postgres_url(plain_postgres_url: str) -> str:
    """Return the address of that same empty database as SQLAlchemy takes it: `postgresql+psycopg://…`."""
    return plain_postgres_url.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def proxy_to() -> Iterator[Callable[[int], Proxy]]:
    """Give what puts a proxy in front of a port of 127.0.0.1; it ends with the test."""
    with ExitStack() as proxies:
        yield lambda port: proxies.enter_context(Proxy(port))


def _served(make: Callable[[], S]) -> Iterator[S]:
    server = make()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _program(name: str, folders: tuple[str, ...] = ()) -> Path:
    if found := shutil.which(name):
        return Path(found).resolve() if folders else Path(found)
    places = [program for pattern in folders for program in Path("/").glob(f"{pattern[1:]}/{name}")]
    if not places:
        raise RuntimeError(f"{name} is not installed: run scripts/system-packages, which installs what the tests drive")
    return max(places, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))])


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as, because it refuses root; None for whoever runs the tests."""
    if os.getuid() != 0:
        return None
    names = {account.pw_name: account for account in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _dies_with_us() -> list[str]:
    """Return what to put before a command so that the kernel ends it with the thread that starts it.

    Where there is no setpriv, a server outlives tests that are killed.
    """
    return ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []


def _free_port() -> int:
    """Return a port below those that systems hand out to clients.

    A client that tries again and again to reach a dead port among those can end up connected to itself.
    """
    for _ in range(100):
        port = random.randrange(20_000, 30_000)
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port from 20000 to 29999 was found")
