"""The servers of the table, and how each is started."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.live import workshop
from bench.live.greeting import NONE, SOCKET_IO, Greeting, dash_callback

START_SECONDS = 20
STOP_SECONDS = 5
Arguments = Callable[[int, float], list[str]]
"""Makes the command line of a server out of a port and the seconds between two messages."""


@dataclass(frozen=True, slots=True)
class Server:
    """One row of the table.

    Attributes:
        name: As `--server` takes it.
        what: As the table shows it.
        command: How it is started.
        path: Where its WebSocket is.
        greeting: What it wants to be told before it sends anything.
        most: More clients than this are not tried: with as many, a message takes about the second until the next
            or longer, so that it would fall further and further behind.
        made_of: What it is built of: `cc`, `python`, `node`, or nothing.
    """

    name: str
    what: str
    command: Arguments
    path: str = "/ws"
    greeting: Greeting = NONE
    most: int = 1_000_000
    made_of: str = "python"


def _peer(module: str, *more: str) -> Arguments:
    return lambda port, seconds: [
        str(workshop.PYTHON), "-m", f"bench.live.peers.{module}", *more, str(port), str(seconds)
    ]  # fmt: skip


def _gunicorn(worker: str, application: str, *more: str) -> Arguments:
    """Return how gunicorn serves an application, which `{seconds}` in its name or in `more` tells its pace."""
    every = ["--worker-class", worker, "--worker-connections", "20000", "--no-control-socket"]
    return lambda port, seconds: [
        str(workshop.PYTHON), "-m", "gunicorn", *every, "--bind", f"127.0.0.1:{port}",
        *(part.format(seconds=seconds) for part in (*more, f"bench.live.peers.{application}")),
    ]  # fmt: skip


_SOCKET_IO_PATH = "/socket.io/?EIO=4&transport=websocket"
FLOOR = "floor"
SERVERS: tuple[Server, ...] = (
    Server(
        FLOOR,
        "plain C epoll loop: the floor",
        lambda port, seconds: [str(workshop.FLOOR), str(port), str(seconds)],
        made_of="cc",
    ),
    Server(
        "ours",
        "**this product's hub** (gunicorn gthread)",
        lambda port, seconds: [sys.executable, "-m", "bench.live.ours", str(port), str(seconds)],
        path="/api/pnl/ws",
        made_of="",
    ),
    Server("picows", "picows on uvloop", _peer("picows_server")),
    Server(
        "ws",
        "node ws",
        lambda port, seconds: ["node", str(workshop.HERE / "peers" / "ws_server.mjs"), str(port), str(seconds)],
        made_of="node",
    ),
    Server("websockets", "`websockets` broadcast", _peer("websockets_server")),
    Server("granian", "Starlette on granian", _peer("starlette_app", "granian")),
    Server("uvicorn", "Starlette on uvicorn", _peer("starlette_app", "uvicorn")),
    Server(
        "gunicorn-asgi",
        "Starlette on gunicorn's ASGI worker",
        _gunicorn("asgi", "starlette_app:app", "--env", "BENCH_SECONDS={seconds}"),
    ),
    Server("tornado", "Tornado", _peer("tornado_server")),
    Server("flask-sock-gevent", "flask-sock on gevent", _gunicorn("gevent", "flask_sock_server:server({seconds})")),
    Server(
        "flask-socketio",
        "Flask-SocketIO on gevent",
        _peer("flask_socketio_server"),
        path=_SOCKET_IO_PATH,
        greeting=SOCKET_IO,
    ),
    Server(
        "python-socketio",
        "python-socketio on uvicorn",
        _peer("python_socketio_server"),
        path=_SOCKET_IO_PATH,
        greeting=SOCKET_IO,
        most=5_000,
    ),
    Server(
        "dash",
        "Dash's own WebSocket callbacks (FastAPI)",
        _peer("dash_server"),
        path="/_dash-ws-callback",
        greeting=dash_callback("live", "id"),
        most=5_000,
    ),
    Server(
        "flask-sock",
        "flask-sock on gthread, a thread a client",
        _gunicorn("gthread", "flask_sock_server:server({seconds})", "--threads", "10100"),
        most=5_000,
    ),
)


@contextmanager
def running(server: Server, seconds: float) -> Iterator[tuple[int, int]]:
    """Run a server that sends a message every so many seconds; give its process and its port, and end it.

    Raises:
        RuntimeError: It did not start.
    """
    port = _free_port()
    environment = {**os.environ, "NODE_MODULES": str(workshop.NODE_MODULES)}
    with (workshop.LOGS / f"{server.name}.log").open("wb") as log:
        process = subprocess.Popen(
            server.command(port, seconds),
            cwd=workshop.ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_open(process, port, server.name)
            yield process.pid, port
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_open(process: subprocess.Popen[bytes], port: int, name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{name} did not start: see {workshop.LOGS.relative_to(workshop.ROOT) / name}.log")
