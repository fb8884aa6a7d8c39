"""The clients: thousands of WebSockets in one thread, on raw sockets that never wait.

All clients of a benchmark get the same bytes, so what arrives is looked up whole before anything is
parsed: a receipt costs a system call and a few dictionary steps.
"""

import errno
import resource
import select
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from bench.live.greeting import NONE, Greeting
from bench.live.message import published_ns
from bench.live.wire import ACCEPT, CLOSE, PING, PONG, TEXT, client_frame, handshake, server_frames

IN_FLIGHT = 64
"""Handshakes under way at once: fewer than the shortest queue of connections that a server keeps (100)."""
CONNECT_SECONDS = 15
CALM_SECONDS = 0.05
PORTS_AN_ADDRESS = 20_000
_BIND_WITHOUT_PORT: Final = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)
_ABORT: Final = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class Client:
    """One connection."""

    connection: socket.socket
    began_ns: int
    asked: bool = False
    upgraded: bool = False
    ready: bool = False
    unread: bytes = b""


@dataclass(slots=True, eq=False)
class Sent:
    """One message, as it arrived.

    Attributes:
        published_ns: When it was published; None if it does not say.
        first_ns: Its first receipt.
        last_ns: Its last receipt.
        reached: The clients that got it.
        receipts: How often it arrived, in all; more than there are clients if one got it twice.
    """

    published_ns: int | None
    first_ns: int
    last_ns: int
    reached: set[int] = field(default_factory=set)
    receipts: int = 0


@dataclass(slots=True)
class Connecting:
    """How connecting went: seconds of each handshake, what went wrong how often, seconds in all."""

    took: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class Crowd:
    """Clients of one WebSocket URL.

    Args:
        url: `ws://host:port/path`; there is no TLS.
        headers: More lines for the handshake, as `Name: value`.
        greeting: What is said after the upgrade, before a client counts as connected.
    """

    def __init__(self, url: str, headers: list[str], greeting: Greeting = NONE) -> None:
        parts = urlsplit(url)
        if parts.scheme != "ws" or not parts.hostname:
            raise SystemExit(f"{url}: a URL that begins with ws:// is needed")
        self._greeting = greeting
        try:
            self._address = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)[0]
        except socket.gaierror as error:
            raise SystemExit(f"{url}: {parts.hostname} is not found ({error.strerror})") from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._request = handshake(parts.netloc, path, headers)
        self._poll = select.epoll()
        self._clients: dict[int, Client] = {}
        self._arriving: dict[int, Client] = {}
        self._connecting = Connecting()
        self._listening = False
        self._sent: list[Sent] = []
        self._newest: dict[bytes, Sent] = {}
        self._chunks: dict[bytes, Sent] = {}
        self._arrived_ns = 0
        self._opened = 0

    @property
    def size(self) -> int:
        """How many are connected."""
        return len(self._clients) - len(self._arriving)

    def connect(self, count: int, rate: float) -> Connecting:
        """Connect `count` clients, at most `rate` a second and `IN_FLIGHT` at once; stop when the server gives up."""
        allow_files(count + 100)
        self._connecting = Connecting()
        began, started, next_check = time.monotonic(), 0, 0.0
        while started < count or self._arriving:
            now = time.monotonic()
            if sum(self._connecting.failed.values()) > max(10, count // 20):
                break
            due = min(count, int((now - began) * rate) + 1)
            while started < due and len(self._arriving) < IN_FLIGHT:
                self._start()
                started += 1
            if now > next_check:
                next_check = now + 0.5
                for client in list(self._arriving.values()):
                    if time.monotonic_ns() - client.began_ns > CONNECT_SECONDS * 1_000_000_000:
                        self._fail(client, f"no answer in {CONNECT_SECONDS} s")
            self._turn(0.002)
        self._connecting.seconds = time.monotonic() - began
        return self._connecting

    def listen(self, messages: int, seconds: float) -> list[Sent]:
        """Return what arrives from now on, in order: until `messages` have reached everybody, or `seconds` are over.

        It begins in a calm moment, and leaves out what was published before.
        """
        deadline = time.monotonic() + seconds
        calm_by = min(deadline, time.monotonic() + 2)
        while time.monotonic() < calm_by and time.monotonic_ns() - self._arrived_ns < CALM_SECONDS * 1e9:
            self._turn(CALM_SECONDS / 4)
        opened_ns = time.monotonic_ns()
        self._sent, self._newest, self._chunks, self._listening = [], {}, {}, True
        while time.monotonic() < deadline:
            self._turn(0.1)
            whole = [one for one in self._sent if len(one.reached) >= self.size]
            if len(whole) >= messages and len([one for one in whole if _after(one, opened_ns)]) >= messages:
                break
        self._listening = False
        return [one for one in self._sent if _after(one, opened_ns)][:messages]

    @property
    def receipts(self) -> int:
        """Messages that arrived during the last `listen`, all clients together, those published before it too."""
        return sum(one.receipts for one in self._sent)

    def wait(self, seconds: float) -> None:
        """Go on receiving for a while, and forget it."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._turn(min(left, 0.05))

    def close(self) -> None:
        """Cut every connection; with a reset, so that its port is free again at once."""
        for client in list(self._clients.values()):
            client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            self._drop(client)
        self._poll.close()

    def _turn(self, seconds: float) -> None:
        clients, chunks, clock = self._clients, self._chunks, time.monotonic_ns
        for fd, _ in self._poll.poll(seconds, 4096):
            client = clients.get(fd)
            if client is None:
                continue
            if not client.upgraded:
                self._greet(client)
                continue
            try:
                data = client.connection.recv(65_536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            now = clock()
            sent = None if client.unread else chunks.get(data)
            if sent is not None and not (sent.published_ns is None and fd in sent.reached):
                sent.reached.add(fd)
                sent.receipts += 1
                sent.last_ns = self._arrived_ns = now
            elif data:
                self._take(client, data, now)
            elif client.ready:
                self._drop(client)
            else:
                self._fail(client, "closed")

    def _start(self) -> None:
        family, kind, protocol, _, address = self._address
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)
        if self._opened >= PORTS_AN_ADDRESS and str(address[0]).startswith("127."):
            connection.setsockopt(socket.IPPROTO_IP, _BIND_WITHOUT_PORT, 1)
            connection.bind((f"127.0.0.{1 + self._opened // PORTS_AN_ADDRESS}", 0))
        self._opened += 1
        client = Client(connection, time.monotonic_ns())
        self._clients[connection.fileno()] = self._arriving[connection.fileno()] = client
        self._poll.register(connection.fileno(), select.EPOLLOUT)
        if (code := connection.connect_ex(address)) not in (0, errno.EINPROGRESS):
            self._fail(client, errno.errorcode.get(code, str(code)))

    def _greet(self, client: Client) -> None:
        """Take the next step of an HTTP upgrade: ask once connected, then read the answer."""
        connection = client.connection
        try:
            if not client.asked:
                connection.send(self._request)
                client.asked = True
                self._poll.modify(connection.fileno(), select.EPOLLIN)
                return
            data = connection.recv(65_536)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(client, errno.errorcode.get(error.errno or 0, "error"))
            return
        head, end, rest = (client.unread + data).partition(b"\r\n\r\n")
        if not end and data:
            client.unread += data
        elif not head.startswith(b"HTTP/1.1 101") or ACCEPT not in head:
            self._fail(client, head.partition(b"\r\n")[0].decode("latin-1") or "closed")
        else:
            client.upgraded, client.unread = True, b""
            if self._greeting.opening:
                connection.send(client_frame(TEXT, self._greeting.opening))
            if self._greeting.welcome is None:
                self._ready(client)
            if rest:
                self._take(client, rest, time.monotonic_ns())

    def _take(self, client: Client, data: bytes, now: int) -> None:
        """Take bytes that are not one known message."""
        frames, client.unread = server_frames(client.unread + data)
        for opcode, ends, payload in frames:
            if opcode == CLOSE:
                self._drop(client) if client.ready else self._fail(client, "closed")
                return
            if opcode == PING:
                client.connection.send(client_frame(PONG, payload))
            elif opcode == PONG or self._greeted(client, payload):
                continue
            elif ends:
                self._arrived_ns = now
                if self._listening:
                    sent = self._note(client, payload, now)
                    if len(frames) == 1 and not client.unread:
                        self._chunks[data] = sent

    def _note(self, client: Client, payload: bytes, now: int) -> Sent:
        fd = client.connection.fileno()
        sent = self._newest.get(payload)
        if sent is None or (sent.published_ns is None and fd in sent.reached and len(sent.reached) >= self.size):
            # The same words a second time, once everybody has them, are another message.
            sent = self._newest[payload] = Sent(published_ns(payload), now, now)
            self._sent.append(sent)
        sent.reached.add(fd)
        sent.receipts += 1
        sent.last_ns = now
        return sent

    def _greeted(self, client: Client, payload: bytes) -> bool:
        """Take what belongs to the greeting or to the server's protocol; True if that is what it was."""
        welcome = self._greeting.welcome
        if not client.ready and welcome is not None and payload.startswith(welcome):
            self._ready(client)
        elif (answer := self._greeting.answer(payload)) is not None:
            client.connection.send(client_frame(TEXT, answer))
        else:
            return False
        return True

    def _ready(self, client: Client) -> None:
        client.ready = True
        self._arriving.pop(client.connection.fileno())
        self._connecting.took.append((time.monotonic_ns() - client.began_ns) / 1e9)

    def _fail(self, client: Client, why: str) -> None:
        self._connecting.failed[why] += 1
        self._drop(client)

    def _drop(self, client: Client) -> None:
        fd = client.connection.fileno()
        self._clients.pop(fd, None)
        self._arriving.pop(fd, None)
        self._poll.unregister(fd)
        client.connection.close()


def _after(sent: Sent, opened_ns: int) -> bool:
    return sent.published_ns is None or sent.published_ns >= opened_ns


def allow_files(count: int) -> None:
    """Let this process, and those that it starts, open so many files.

    Raises:
        SystemExit: It may not.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))
    except (OSError, ValueError):
        raise SystemExit(f"{count} open files are needed and {hard} allowed: raise the limit (ulimit -Hn)") from None
