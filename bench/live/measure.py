"""One run: a server, so many clients, so many messages."""

from dataclasses import dataclass, field

from bench.live.crowd import Crowd, allow_files
from bench.live.figures import Run
from bench.live.greeting import NONE, Greeting
from bench.live.processes import cpu_seconds, memory_kib
from bench.live.servers import Server, running

WARM = 40
"""Clients that come and go before the measured ones."""
LATE_SECONDS = 20
"""A message that has not reached everybody so long after the last was due counts as not delivered."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server is put under.

    Attributes:
        messages: How many are measured.
        seconds: Between two of them.
        rate: Clients that connect in a second, at most.
        headers: More lines for the handshake.
    """

    messages: int
    seconds: float
    rate: float
    headers: list[str] = field(default_factory=list)


def measure(server: Server, clients: int, round_: int, load: Load) -> Run:
    """Start a server and measure it.

    Raises:
        RuntimeError: It did not start, or did not live to the end.
    """
    allow_files(clients + 100)
    with running(server, load.seconds) as (pid, port):
        try:
            url = f"ws://127.0.0.1:{port}{server.path}"
            _warm_up(url, load, server.greeting)
            return measure_url(url, clients, round_, load, pid=pid, name=server.name, greeting=server.greeting)
        except OSError as error:  # its process can no longer be asked
            raise RuntimeError(f"{server.name} did not live to the end ({error.strerror})") from error


def _warm_up(url: str, load: Load, greeting: Greeting) -> None:
    """Let the server meet a few clients, so that what it makes once is not counted as theirs."""
    crowd = Crowd(url, load.headers, greeting)
    crowd.connect(WARM, load.rate)
    crowd.wait(load.seconds)
    crowd.close()


def measure_url(
    url: str,
    clients: int,
    round_: int,
    load: Load,
    *,
    pid: int | None = None,
    name: str = "",
    greeting: Greeting = NONE,
) -> Run:
    """Measure a server that runs; its memory and processor time only if its process is known."""
    crowd = Crowd(url, load.headers, greeting)
    try:
        crowd.wait(load.seconds)  # the server has closed what the last client left
        before = memory_kib(pid) if pid else 0
        connecting = crowd.connect(clients, load.rate)
        connected = crowd.size
        crowd.wait(1)
        used = cpu_seconds(pid) if pid else 0.0
        # Nobody there: nothing to wait for.
        seconds = load.messages * load.seconds + LATE_SECONDS if connected else 0
        messages = crowd.listen(load.messages, seconds)
        return Run(
            server=name or url,
            clients=clients,
            round=round_,
            connected=connected,
            connecting=connecting,
            messages=[one for one in messages if one.published_ns or len(one.reached) > 1 or connected == 1],
            cpu_seconds=cpu_seconds(pid) - used if pid else None,
            memory_kib=(before, memory_kib(pid)) if pid else None,
            receipts=crowd.receipts,
        )
    finally:
        crowd.close()
