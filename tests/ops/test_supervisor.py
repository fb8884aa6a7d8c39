"""What systemd hears: a datagram on its socket for each answer of ours, and silence when there is none."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from pnl.ops.supervisor import reports

TOLD = b"WATCHDOG_USEC=60000000\nWATCHDOG=1"


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Give the socket at which systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield ear


class Health(HTTPServer):
    """A server whose health is that of the test; `asked` is set at each question."""

    status = 200

    def __init__(self) -> None:
        self.asked = Event()
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Health

    def do_GET(self) -> None:
        self.send_response(self.server.status if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.asked.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there
        del format, args


@pytest.fixture
def health() -> Iterator[Health]:
    with Health() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_systemd_is_told_again_and_again_while_we_answer(systemd: socket.socket, health: Health, host: str) -> None:
    found = reports(host, health.server_port, every_seconds=0.01)
    assert found

    found.start()

    assert [systemd.recv(200) for _ in range(3)] == [TOLD] * 3
    found.stop()


def test_it_is_told_nothing_while_we_do_not(systemd: socket.socket, health: Health) -> None:
    health.status = 500
    found = reports("127.0.0.1", health.server_port, every_seconds=0.01)
    assert found

    found.start()
    for _ in range(3):
        assert health.asked.wait(30)
        health.asked.clear()
    found.stop()

    systemd.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.recv(200)


def test_without_systemd_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    assert reports("127.0.0.1", 1) is None
