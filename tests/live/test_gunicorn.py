"""What depends on the server that runs us in earnest: gunicorn with threads, as a process of its own."""

import http.client
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from pnl.web.worker import MOST_WAITING
from tests.live.wire import OFFER, Wire, frame, until

TOP = Path(__file__).parents[2]


class Gunicorn:
    """A process that serves."""

    def __init__(self, threads: int, *more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.served", str(self.port), str(threads), *more],
            cwd=TOP,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def answers(self) -> bool:
        """Tell whether it listens."""
        assert self.process.poll() is None, self.process.communicate()[0]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def get(self, path: str) -> tuple[float, str]:
        """Return the seconds that an answer took, and its text."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        text = connection.getresponse().read().decode()
        connection.close()
        return time.monotonic() - begun, text

    def stop(self) -> tuple[float, str]:
        """Ask it to stop; return the seconds that it took, and what it had printed."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=30)
        return time.monotonic() - begun, said


@contextmanager
def gunicorn(threads: int, *more: str) -> Iterator[Gunicorn]:
    """Serve for a while."""
    made = Gunicorn(threads, *more)
    try:
        until(made.answers, 30)
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()
        if made.process.stdout:
            made.process.stdout.close()


@pytest.fixture
def server() -> Iterator[Gunicorn]:
    with gunicorn(4) as made:
        yield made


def test_forty_live_connections_leave_four_threads_free_and_end_with_1012_within_a_second(server: Gunicorn) -> None:
    wires = [Wire(server.port, offer=OFFER if number % 2 else None) for number in range(40)]
    events = Wire(server.port, "/api/pnl/stream")
    events.until(b"\n\n")
    assert [events.event()[0] for _ in range(2)] == ["1", None]
    for wire in wires:
        assert wire.message()["t"] == "snapshot"

    took = sorted(server.get("/hello")[0] for _ in range(20))
    assert took[10] < 0.1
    server.get("/tick?seq=2")
    for wire in wires:
        assert wire.message()["base"] == 1
    assert events.event()[0] == "2"

    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    for wire in wires:
        assert wire.message() == {"t": "bye", "reason": "restart", "retry_ms": 3000}
        assert wire.ended() == 1012
    assert time.monotonic() - begun < 1
    assert events.event()[1]["t"] == "bye"
    for wire in (*wires, events):
        wire.socket.close()
    took_to_end, said = server.stop()
    assert server.process.returncode == 0
    assert took_to_end < 5
    assert "Traceback" not in said


def test_a_hundred_and_fifty_that_never_answer_do_not_hold_the_exit(server: Gunicorn) -> None:
    wires = [Wire(server.port) for _ in range(150)]
    until(lambda: '"clients":150' in server.get("/counts")[1])

    took, said = server.stop()

    assert took < 4
    assert "Traceback" not in said
    for wire in wires:
        assert wire.ended() == 1012
        wire.socket.close()


def test_silent_clients_that_are_closed_do_not_freeze_requests(server: Gunicorn) -> None:
    wires = [Wire(server.port) for _ in range(30)]
    for wire in wires:
        wire.send(frame(1, b"not for you"))

    slowest = max(server.get("/hello")[0] for _ in range(50))

    assert slowest < 0.5
    for wire in wires:
        assert wire.ended() == 1008  # and it does not close its side
    until(lambda: '"clients":0' in server.get("/counts")[1])
    for wire in wires:
        wire.socket.close()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /hello HTTP/1.1\r\nHost: 127",
        b"POST /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nsome of it",
        b"POST /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /hello HTTP/1.1\r\nHo",
    ],
    ids=["nothing", "half of the lines", "half of the body", "half of the chunks", "half of the next request"],
)
def test_clients_that_stop_in_the_middle_of_a_request_take_no_thread(server: Gunicorn, said: bytes) -> None:
    with ExitStack() as open_ones:
        silent = [open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(80)]
        for one in silent:
            one.sendall(said)

        for _ in range(3):
            assert server.get("/hello")[1] == "hello"

        for one in silent:
            one.setblocking(False)
            with suppress(BlockingIOError):
                assert one.recv(4096), "it was given up before others were answered"


def test_a_request_that_comes_byte_by_byte_is_answered(server: Gunicorn) -> None:
    whole = b"POST /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    with socket.create_connection(("127.0.0.1", server.port), 10) as slow:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in whole:
            slow.sendall(bytes([byte]))
        assert slow.recv(4096).startswith(b"HTTP/1.1 405")


def test_several_requests_at_once_are_all_answered(server: Gunicorn) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as hasty:
        hasty.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        found = b""
        while found.count(b"hello") < 3:
            part = hasty.recv(4096)
            assert part, found
            found += part
    assert found.count(b"HTTP/1.1 200") == 3


def test_lines_without_an_end_are_refused(server: Gunicorn) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as endless:
        endless.sendall(b"GET /hello HTTP/1.1\r\n" + b"X: y\r\n" * 12_000)
        assert endless.recv(4096).startswith(b"HTTP/1.1 431")


def test_when_too_many_are_on_their_way_those_that_were_silent_longest_are_given_up(server: Gunicorn) -> None:
    with ExitStack() as open_ones:
        silent = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            for _ in range(MOST_WAITING + 20)
        ]
        assert [one.recv(1) for one in silent[:20]] == [b""] * 20
        assert server.get("/hello")[1] == "hello"
        silent[-1].sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        assert silent[-1].recv(4096).startswith(b"HTTP/1.1 200")


def test_silent_clients_do_not_hold_the_exit(server: Gunicorn) -> None:
    with ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert server.get("/hello")[1] == "hello"

        took, said = server.stop()

    assert took < 4
    assert "Traceback" not in said


def test_whoever_hangs_up_in_the_middle_of_the_handshake_is_no_error(server: Gunicorn) -> None:
    shake = f"Host: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    shake += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    for path in ("/api/pnl/ws", "/api/pnl/stream") * 30:
        hasty = socket.create_connection(("127.0.0.1", server.port))
        hasty.sendall(f"GET {path} HTTP/1.1\r\n{shake}".encode())
        hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        hasty.close()
    with Wire(server.port) as later:
        assert later.message()["t"] == "snapshot"

    _, said = server.stop()

    assert said == ""


def test_a_handshake_of_an_older_http_is_refused(server: Gunicorn) -> None:
    shake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 10) as old:
        old.sendall(f"GET /api/pnl/ws HTTP/1.0\r\n{shake}Sec-WebSocket-Key: {'A' * 22}==\r\n\r\n".encode())
        assert old.recv(4096).startswith(b"HTTP/1.0 400")


def test_what_comes_behind_the_handshake_too_early_harms_nobody(server: Gunicorn) -> None:
    with Wire(server.port, behind=frame(1, b'{"t":"ping","at":1}')) as hasty:
        assert hasty.message()["t"] == "snapshot"
        hasty.say('{"t":"ping","at":2}')
        told = hasty.message()

    assert (told["t"], told["at"]) in (("pong", 1), ("pong", 2))


def test_a_request_for_the_head_of_the_stream_gets_no_more(server: Gunicorn) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"HEAD /api/pnl/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := connection.recv(4096):
            answer += data

    assert b"200 OK" in answer
    assert answer.endswith(b"\r\n\r\n")
    assert '"adopted":0' in server.get("/counts")[1]


def test_a_connection_under_tls_is_carried(tmp_path: Path) -> None:
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        ["openssl", *made, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    with gunicorn(4, f"certfile={tmp_path}/cert.pem", f"keyfile={tmp_path}/key.pem") as server:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with Wire(server.port, tls=trusting) as wire, Wire(server.port, "/api/pnl/stream", tls=trusting) as events:
            assert wire.message()["t"] == "snapshot"
            assert b"retry: 3000" in events.until(b"\n\n")
            assert b'"t":"snapshot"' in events.until(b"\n\n")
            for number in range(10):
                wire.say(f'{{"t":"ping","at":{number}}}')
                assert wire.message()["at"] == number
            server.process.send_signal(signal.SIGTERM)
            assert wire.message()["t"] == "bye"
            assert wire.ended() == 1012
        assert server.process.wait(10) == 0
