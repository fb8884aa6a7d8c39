"""What may come to the door of the running product: floods, foul paths, bodies without end. Ticks go on."""

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import THREADS
from tests.faults.breaking import garbage
from tests.product.process import Process
from tests.product.readers import until
from tests.store.outside import told

PATHS = (
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/../../../etc/passwd",
    "/assets/%2e%2e%2f%2e%2e%2fapp.py",
    "/assets/..%5c..%5capp.py",
    "/_dash-component-suites/dash/../../../app.py",
    "//etc/passwd",
    "/assets//etc/passwd",
    "/assets/%00",
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("door") / "data")
    process.until(lambda snapshot: snapshot["seq"] >= 2)
    yield process
    process.end()


def said(product: Process, request: bytes) -> bytes:
    """Return what a server answers to bytes; nothing where it closed the connection at once."""
    answer = b""
    with socket.create_connection(("127.0.0.1", product.port), 10) as connection:
        try:
            connection.sendall(request)
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionError:
            return answer
    return answer


def goes_on(product: Process) -> None:
    """Wait for two more snapshots, and see that all before are there."""
    newest = product.current()["seq"]
    later = product.until(lambda snapshot: snapshot["seq"] >= newest + 2)
    assert set(product.exported()) >= set(range(1, later["seq"] + 1))
    assert product.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_foul_path_leads_nowhere(product: Process, path: str) -> None:
    answer = said(
        product, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\nConnection: close\r\n\r\n".encode()
    )

    assert answer.split(b" ")[1] in (b"404", b"400", b"308", b"302")
    assert b"root:" not in answer
    assert b"BaseApplication" not in answer


def test_a_flood_of_headers_is_refused(product: Process) -> None:
    head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\n".encode()

    many = said(product, head + b"X-Flood: 1\r\n" * 5_000 + b"\r\n")
    long = said(product, head + b"X-Flood: " + b"1" * 100_000 + b"\r\n\r\n")

    assert b" 400 " in many[:20] or b" 431 " in many[:20] or not many
    assert b" 400 " in long[:20] or b" 431 " in long[:20] or not long
    goes_on(product)


def test_a_callback_of_fifty_megabytes_is_refused(product: Process) -> None:
    head = (
        f"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n"
    )

    answer = said(product, head.encode() + b" " * 1_000_000)

    assert b" 413 " in answer[:20]
    goes_on(product)


def test_garbage_harms_nobody(product: Process) -> None:
    garbage(product.port, random.Random(5))

    goes_on(product)
    assert "Traceback" not in product.said()


def test_clients_that_never_hang_up_keep_nobody_waiting(product: Process) -> None:
    with ExitStack() as held:
        for _ in range(THREADS + 8):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", product.port), 10))
            connection.sendall(f"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1:{product.port}\r\n\r\n".encode())
        assert product.get("/healthz").status_code == 200
        goes_on(product)


@pytest.mark.slow
@pytest.mark.parametrize("sent", ["a head", "half a head"])
def test_requests_that_never_end_are_given_up_and_hold_no_tick(tmp_path: Path, sent: str) -> None:
    process = Process(tmp_path / "data")
    head = (
        f"POST /api/pnl/entries HTTP/1.1\r\nHost: 127.0.0.1:{process.port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    ).encode()
    if sent == "half a head":
        head = head[:60]
    try:
        shown = process.until(lambda snapshot: snapshot["seq"] >= 3)
        with ExitStack() as held:
            for _ in range(THREADS + 8):
                connection = held.enter_context(socket.create_connection(("127.0.0.1", process.port), 10))
                connection.sendall(head)
            ticked(tmp_path / "data" / "demo.db", shown["seq"] + 4)
            process.ready()  # while all of them are there still
            goes_on(process)
        assert "Traceback" not in process.said()
    finally:
        process.end()


def ticked(database: Path, seq: int) -> None:
    """Wait until a snapshot is kept, whoever may see it."""
    until(lambda: told(f"sqlite:///{database}", "SELECT max(seq) FROM snapshot")[0][0] >= seq)
