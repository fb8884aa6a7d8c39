"""One run of one server with so many clients, and the figures that several runs come to."""

import statistics
from collections import Counter
from dataclasses import dataclass

from bench.live.crowd import Connecting, Sent


@dataclass(frozen=True, slots=True)
class Run:
    """What one run gave.

    Attributes:
        server: Which.
        clients: How many were wanted.
        round: Runs of one round were made close together.
        connected: How many came.
        connecting: How that went.
        messages: What was sent to them.
        memory_kib: Of the server, before the first client and with all of them; None if it is not ours to ask.
        cpu_seconds: That the server used for these messages; None likewise.
        receipts: Messages that arrived meanwhile, all clients together.
    """

    server: str
    clients: int
    round: int
    connected: int
    connecting: Connecting
    messages: list[Sent]
    memory_kib: tuple[int, int] | None = None
    cpu_seconds: float | None = None
    receipts: int = 0

    @property
    def done_ms(self) -> list[float]:
        """From publishing, or where that is unknown from the first receipt, to the last one, for each message."""
        return [(one.last_ns - (one.published_ns or one.first_ns)) / 1e6 for one in self.messages]

    @property
    def kib_a_client(self) -> float | None:
        """By how much the server grew for each; None if its memory is not known or nobody came."""
        if not (self.memory_kib and self.connected):
            return None
        before, after = self.memory_kib
        return (after - before) / self.connected


@dataclass(frozen=True, slots=True)
class Figures:
    """What the runs of one server with the same number of clients come to; NaN is what is not known.

    Attributes:
        clients: How many were wanted.
        connected: How many there were when there were fewest.
        failed: Why others did not come.
        done_p50_ms: From publishing until the last client has it.
        done_p99_ms: The same, of all messages of all runs.
        delivered: The share of receipts that there should have been, a client that did not come missing all.
        twice: Receipts of what the client had already.
        connect_p50_ms: From the connection's first packet to the last of the handshake.
        connect_p99_ms: The same.
        rate: Clients that connected in a second.
        kib_a_client: By which the server grew.
        mib: What it had in the end.
        cpu_us: Processor time of the server for one message to one client.
        ratio: The median of `done` to the floor's in the same round.
    """

    clients: int
    connected: int
    failed: Counter[str]
    done_p50_ms: float
    done_p99_ms: float
    delivered: float
    twice: int
    connect_p50_ms: float
    connect_p99_ms: float
    rate: float
    kib_a_client: float
    mib: float
    cpu_us: float
    ratio: float


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values are, by nearest rank; NaN of none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def middle(values: list[float]) -> float:
    """Return the median; NaN of none."""
    return statistics.median(values) if values else float("nan")


def figures(runs: list[Run], floors: list[Run]) -> Figures:
    """Return what some runs come to.

    Args:
        runs: Of one server with the same number of clients, at least one.
        floors: The floor's; empty if it was not measured.
    """
    done = [ms for run in runs for ms in run.done_ms]
    took = [seconds * 1000 for run in runs for seconds in run.connecting.took]
    wanted = sum(len(run.messages) * run.clients for run in runs)
    got = sum(len(one.reached) for run in runs for one in run.messages)
    grown = [run.kib_a_client for run in runs if run.kib_a_client is not None]
    whole = [run.memory_kib[1] / 1024 for run in runs if run.memory_kib]
    cpu = [run.cpu_seconds * 1e6 / run.receipts for run in runs if run.cpu_seconds is not None and run.receipts]
    return Figures(
        clients=runs[0].clients,
        connected=min(run.connected for run in runs),
        failed=sum((run.connecting.failed for run in runs), Counter()),
        done_p50_ms=middle(done),
        done_p99_ms=percentile(done, 0.99),
        delivered=got / wanted if wanted else 0.0,
        twice=sum(one.receipts - len(one.reached) for run in runs for one in run.messages),
        connect_p50_ms=middle(took),
        connect_p99_ms=percentile(took, 0.99),
        rate=middle([run.connected / run.connecting.seconds for run in runs]),
        kib_a_client=middle(grown),
        mib=middle(whole),
        cpu_us=middle(cpu),
        ratio=middle(
            [
                middle(run.done_ms) / middle(floor.done_ms)
                for run in runs
                for floor in floors
                if run.round == floor.round and run.done_ms and floor.done_ms
            ]
        ),
    )
