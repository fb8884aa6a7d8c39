"""Redis clients that give up quickly, and find their server again when it has moved."""

from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AskError, MovedError, RedisError
from redis.exceptions import ConnectionError as NotConnected
from redis.retry import Retry

from pnl.redis.address import Address, parse, refused

TIMEOUT_SECONDS: Final = 0.1
"""For connecting, and for an answer to somebody who waits."""

T = TypeVar("T")
Place: TypeAlias = tuple[str, int]


class Wire:
    """Commands for the one server that holds a key, wherever it is at the moment.

    All keys of a product carry the same hash tag, so that one server of a cluster holds them all, and one
    command can touch several. Nothing connects before the first command.

    Args:
        url: One server, sentinels or a cluster; see `pnl.redis.address`. Of the library's options it may give
            the database and those of TLS: any other would undo what is set here.
        key: A key with that hash tag.
        timeout_seconds: For an answer.
        connect_seconds: For a connection.

    Raises:
        ConfigError: The address makes no sense.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        connect_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._key = key
        self._answer, self._connect = timeout_seconds, connect_seconds
        self._address, self._found = self._looked_at(url)

    def renew(self, url: str) -> None:
        """Make new connections by another address, such as one with a new password; those that are open stay so.

        Raises:
            ConfigError: The address makes no sense; the one so far stays in use.
        """
        address, client = self._looked_at(url)
        before, self._address, self._found = self._found, address, client
        if before is not None:
            before.connection_pool.disconnect(inuse_connections=False)

    def _looked_at(self, url: str) -> tuple[Address, Redis | None]:
        """Return what an address means, and a client where it names the one server itself."""
        address = parse(url)
        single = address.kind == "single"
        example = address.urls[0] if single else address.at("localhost", 6379)
        try:
            client = self._client(example, self._answer)
            client.connection_pool.make_connection()  # opens nothing, but looks at every option
        except (RedisError, TypeError, ValueError):
            raise refused(url, "an option after the ? has a value that makes no sense") from None
        return address, client if single else None

    @property
    def found(self) -> bool:
        """Whether it is known where to send commands."""
        return self._found is not None

    def call(self, do: Callable[[Redis], T], *, looks: bool = True) -> T:
        """Return what `do` makes of the server.

        A cluster's word that the key lives elsewhere by now is followed once.

        Args:
            do: Sends one command, or one pipeline.
            looks: Whether to look for the server first where it is not known, which may take several timeouts.

        Raises:
            Exception: Whatever the library raises, a plain `ValueError` for a garbled answer included.
        """
        client = self._found
        if client is None:
            if not looks:
                raise NotConnected("where redis is now is not known yet")
            client = self.find()
        try:
            return do(client)
        except MovedError as moved:
            return do(self._go(client, moved))
        except AskError:  # the key is on its way to another node, and this one still the one to ask
            raise
        except Exception:
            if self._address.kind != "single" and self._found is client:
                self._found = None
                client.connection_pool.disconnect()
            raise

    def find(self) -> Redis:
        """Return a client of the server that holds the key now, and keep it; asks sentinels or nodes in turn.

        Raises:
            Exception: None of them could tell.
        """
        if self._address.kind == "single":
            return cast("Redis", self._found)
        look = self._by_sentinel if self._address.kind == "sentinel" else self._by_node
        trouble: Exception = NotConnected("no host is given")
        for url in self._address.urls:
            asked = self._client(url, self._connect)
            try:
                host, port = look(asked)
            except Exception as error:  # noqa: BLE001 - a garbled answer raises anything; the next may know
                trouble = error
                continue
            finally:
                asked.close()
            self._found = self._client(self._address.at(host, port), self._answer)
            return self._found
        raise trouble

    def disconnect(self) -> None:
        """Take the connections away, also from who waits on one; the next command makes new ones."""
        if self._found is not None:
            self._found.connection_pool.disconnect()

    def _by_sentinel(self, sentinel: Redis) -> Place:
        asked = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._address.master)
        answer = sentinel.execute_command(*asked)  # type: ignore[no-untyped-call]  # the library's has no types
        if not answer:
            raise NotConnected(f"a sentinel knows no master by the name of {self._address.master}")
        host, port = answer[0].decode(), int(answer[1])
        with self._client(self._address.at(host, port), self._connect) as master:
            if cast("list[object]", master.role())[0] != b"master":
                raise NotConnected("the server that a sentinel names is not the master yet")
        return host, port

    def _by_node(self, node: Redis) -> Place:
        try:
            node.exists(self._key)
        except MovedError as moved:
            return _place(node, moved)
        kwargs = node.get_connection_kwargs()
        return kwargs["host"], kwargs["port"]

    def _go(self, client: Redis, moved: MovedError) -> Redis:
        host, port = _place(client, moved)
        found = self._found = self._client(self._address.at(host, port), self._answer)
        client.connection_pool.disconnect(inuse_connections=False)
        return found

    def _client(self, url: str, answer: float) -> Redis:
        # Left alone, the library tries ten times, for 5 s each, while whoever asked waits.
        return Redis.from_url(
            url,
            socket_timeout=answer,
            socket_connect_timeout=self._connect,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,  # a ping before a command can fail no better than the command
            protocol=2,  # version 3 and the library's name would each cost a new connection another round trip
            driver_info=None,
            decode_responses=False,
        )


def _place(client: Redis, moved: MovedError) -> Place:
    """Return where a redirection points; an empty host means the one that answered."""
    return str(moved.host or client.get_connection_kwargs()["host"]), int(moved.port)
