"""Redis as the big ones run it: three nodes of a cluster, and a master with a replica and its sentinels."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from redis.crc import key_slot
from redis.exceptions import RedisError

from tests.services import RedisServer, _free_port

SLOTS = 16_384
WAIT_SECONDS = 20


class Node(RedisServer):
    """A node of a cluster, which serves its slots also when others are gone.

    Attributes:
        bus: The port on which its neighbours speak to it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bus = _free_port()

    def command(self) -> list[str | Path]:
        return [
            *super().command(),
            *("--cluster-enabled", "yes", "--cluster-config-file", str(self.folder / "nodes.conf")),
            *("--cluster-node-timeout", "500", "--cluster-require-full-coverage", "no"),
            *("--cluster-port", str(self.bus)),
        ]

    @property
    def id(self) -> str:
        """The name that the cluster knows it by."""
        return self.told("CLUSTER", "MYID").decode()

    def told(self, *command: str | int) -> bytes:
        """Return its answer to a command."""
        with self.client() as client:
            return client.execute_command(*command, NEVER_DECODE=True)  # type: ignore[no-any-return]


class Cluster:
    """Three nodes, each with a third of the slots, from entering to leaving a `with`."""

    def __init__(self) -> None:
        self.nodes = [Node() for _ in range(3)]
        self._parts = ExitStack()

    def __enter__(self) -> "Cluster":
        for node in self.nodes:
            self._parts.callback(node.remove)
            node.start()
        bounds = [0, SLOTS // 3, 2 * SLOTS // 3, SLOTS]
        for node, first, end in zip(self.nodes, bounds, bounds[1:], strict=False):
            node.told("CLUSTER", "ADDSLOTS", *range(first, end))
            node.told("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, self.nodes[0].bus)
        for node in self.nodes:
            wait_until(lambda node=node: self._knows_all(node))  # type: ignore[misc]
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    @property
    def url(self) -> str:
        """Its address by all of its nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def holder(self, key: str) -> Node:
        """Return the node that holds a key, as the other nodes have it."""
        slot = key_slot(key.encode())
        with self.nodes[0].client() as client:
            for line in client.execute_command("CLUSTER", "SLOTS"):
                if line[0] <= slot <= line[1]:
                    return next(node for node in self.nodes if node.port == line[2][1])
        raise AssertionError(f"slot {slot} belongs to nobody")

    def move(self, key: str) -> Node:
        """Move a key's slot to the next node, with what is in it, as an operator who reshards does; return that one."""
        old, new = self.begin_to_move(key)
        self.end_the_move(key, old, new)
        return new

    def begin_to_move(self, key: str) -> tuple[Node, Node]:
        """Move the keys of a slot, but not the slot; return the node that has it, and the next."""
        slot, old = key_slot(key.encode()), self.holder(key)
        new = self.nodes[(self.nodes.index(old) + 1) % 3]
        new.told("CLUSTER", "SETSLOT", slot, "IMPORTING", old.id)
        old.told("CLUSTER", "SETSLOT", slot, "MIGRATING", new.id)
        self._send_keys(slot, old, new)
        return old, new

    def end_the_move(self, key: str, old: Node, new: Node) -> None:
        """Give the slot to the node that has its keys."""
        slot = key_slot(key.encode())
        self._send_keys(slot, old, new)
        for node in (new, old, *self.nodes):
            node.told("CLUSTER", "SETSLOT", slot, "NODE", new.id)

    def _send_keys(self, slot: int, old: Node, new: Node) -> None:
        with old.client() as client:
            while found := client.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
                client.migrate("127.0.0.1", new.port, found, 0, 5000)

    def give(self, key: str, new: Node) -> None:
        """Have a node take over a key's slot from one that died, empty, as a replica of it would."""
        slot = key_slot(key.encode())
        new.told("CLUSTER", "BUMPEPOCH")
        for node in self.nodes:
            with suppress(RedisError):
                node.told("CLUSTER", "SETSLOT", slot, "NODE", new.id)

    def _knows_all(self, node: Node) -> bool:
        told = node.told("CLUSTER", "INFO")
        return b"cluster_slots_ok:16384" in told and b"cluster_known_nodes:3" in told and b"cluster_state:ok" in told


class Sentinel(RedisServer):
    """A sentinel that alone decides when its master is gone."""

    def __init__(self, master_port: int, password: str | None = None) -> None:
        super().__init__()
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"sentinel monitor northstar 127.0.0.1 {master_port} 1",
            "sentinel down-after-milliseconds northstar 300",
            "sentinel failover-timeout northstar 2000",
        ]
        if password:
            lines += [f"requirepass {password}"]
        (self.folder / "sentinel.conf").write_text("\n".join(lines) + "\n")

    def command(self) -> list[str | Path]:
        return [self._program, self.folder / "sentinel.conf", "--sentinel"]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) in (b"+PONG", b"-NOAU")
        except OSError:
            return False


class Watched:
    """A master, its replica and a sentinel that watches them, from entering to leaving a `with`."""

    def __init__(self) -> None:
        self.master, self.replica = RedisServer(), RedisServer()
        self.sentinel = Sentinel(self.master.port)
        self._parts = ExitStack()

    def __enter__(self) -> "Watched":
        for server in (self.master, self.replica, self.sentinel):
            self._parts.callback(server.remove)
        self.master.start()
        self.replica.start()
        with self.master.client() as client:
            client.config_set("repl-diskless-sync-delay", "0")
        with self.replica.client() as client:
            client.replicaof("127.0.0.1", str(self.master.port))
            wait_until(lambda: client.info("replication")["master_link_status"] == "up")
        self.sentinel.start()
        with self.sentinel.client() as client:
            wait_until(lambda: _is_ready(client.sentinel_slaves("northstar")))
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    @property
    def url(self) -> str:
        """Its address: a sentinel that is not there, then the one that is."""
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.sentinel.port}/northstar/0"

    def fail_over(self) -> None:
        """Kill the master, and return when the sentinel names its replica instead."""
        self.master.kill()
        self._wait_for_the_replica()

    def hand_over(self) -> None:
        """Have master and replica change places, as before a maintenance of the master."""
        with self.sentinel.client() as client:
            client.execute_command("SENTINEL", "FAILOVER", "northstar")
        self._wait_for_the_replica()
        with self.master.client() as client:  # the sentinel does so, too, when it looks at it next
            client.replicaof("127.0.0.1", str(self.replica.port))

    def _wait_for_the_replica(self) -> None:
        named = (b"127.0.0.1", str(self.replica.port).encode())
        with self.sentinel.client() as asked, self.replica.client() as replica:
            told = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "northstar")
            wait_until(lambda: tuple(asked.execute_command(*told)) == named)
            wait_until(lambda: replica.info("replication")["role"] == "master")


def wait_until(true: Callable[[], bool]) -> None:
    """Return once `true` gives True; a server that does not answer yet has not."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        with suppress(RedisError):
            if true():
                return
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def clusters() -> Iterator[Cluster]:
    """Give a cluster."""
    with Cluster() as cluster:
        yield cluster


def watched() -> Iterator[Watched]:
    """Give a master and a replica that a sentinel watches."""
    with Watched() as found:
        yield found


def _is_ready(replicas: list[dict[str, object]]) -> bool:
    return [replica["master-link-status"] for replica in replicas] == ["ok"]
