"""Two nodes on one PostgreSQL and one Redis: killed, frozen, and made to change the lead again and again."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from pnl.clock import SystemClock
from pnl.ops.verify import verify
from pnl.sandbox import Sandbox
from tests.empty_books import empty_file
from tests.product.house import upstreams_of
from tests.product.process import Process
from tests.product.readers import Reader, until

FAILOVER_SECONDS = 10.0
"""From the last that the one did to the first snapshot of the other: less than five on a machine with nothing else to
do, which docs/benchmarks.md has measured; this one is shared with other tests."""
Nodes = Callable[[], tuple[Process, Process]]


@pytest.fixture(scope="module")
def company() -> Iterator[dict[str, str]]:
    """Give the settings of a company whose sources are at work beside both nodes."""
    sandbox = Sandbox(seed=7, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2))
    sandbox.start()
    yield upstreams_of(sandbox)
    sandbox.stop()


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of the database that both nodes share."""
    if request.param == "sqlite":
        return empty_file(tmp_path / "shared.db")
    found: str = request.getfixturevalue("ready_postgres_url")
    return found


@pytest.fixture
def nodes(tmp_path: Path, url: str, redis_url: str, company: dict[str, str]) -> Iterator[Nodes]:
    """Start two nodes, each with a folder of its own: the first leads, and both show complete figures."""
    shared = company | {"PNL_DATABASE_URL": url, "PNL_REDIS_URL": redis_url, "PNL_SOURCE_TIMEOUT_SECONDS": "8"}
    with ExitStack() as started:

        def begin() -> tuple[Process, Process]:
            found = []
            for name in ("one", "two"):
                process = Process(tmp_path / name, **shared)
                started.callback(process.end)
                started.callback(thaw, process)
                process.until(lambda snapshot: snapshot["complete"])
                found.append(process)
            return found[0], found[1]

        yield begin


@pytest.fixture
def reading() -> Iterator[Callable[..., Reader]]:
    """Give live clients, which end before their nodes do."""
    with ExitStack() as opened:

        def begin(*processes: Process) -> Reader:
            reader = Reader(*processes)
            opened.callback(reader.close)
            return reader

        yield begin


def freeze(node: Process) -> None:
    """Stop a node, all its processes, between two ticks: on SQLite it would keep the file's lock otherwise."""
    seq = node.current()["seq"]
    node.until(lambda snapshot: snapshot["seq"] > seq)
    os.killpg(node.process.pid, signal.SIGSTOP)


def thaw(node: Process) -> None:
    if node.process.poll() is None:
        os.killpg(node.process.pid, signal.SIGCONT)


def led(node: Process) -> int:
    """Return how often a node took the lead."""
    return node.said().count('"event": "leading"')


def seconds_until_it_goes_on(node: Process) -> float:
    """Return how long it took from now until a node has a newer snapshot."""
    began, held = time.monotonic(), node.current()["seq"]
    node.until(lambda snapshot: snapshot["seq"] > held)
    return time.monotonic() - began


def overtake(leading: Process, waiting: Process) -> None:
    """Stop the node that leads until the other has taken the lead, and have it find its place again."""
    before, ended = led(waiting), leading.said().count("another process leads")
    freeze(leading)
    until(lambda: led(waiting) > before)
    thaw(leading)
    until(lambda: leading.said().count("another process leads") > ended)
    seq = waiting.current()["seq"]
    leading.until(lambda snapshot: snapshot["seq"] > seq)


@pytest.mark.parametrize("end", [freeze, Process.kill], ids=["frozen", "killed"])
def test_the_loss_of_the_node_that_leads_costs_no_reader_a_number(
    nodes: Nodes,
    reading: Callable[..., Reader],
    record_property: Callable[[str, object], None],
    url: str,
    end: Callable[[Process], None],
) -> None:
    one, two = nodes()
    assert (led(one), led(two)) == (1, 0)
    readers = [reading(one, two), reading(two, one)]
    for reader in readers:
        reader.until(one.current()["seq"] + 2)

    end(one)
    took = seconds_until_it_goes_on(two)

    record_property("failover_seconds", round(took, 2))
    print(f"the other node went on after {took:.2f} s")  # noqa: T201 - told where the test is run with -s
    assert took < FAILOVER_SECONDS
    assert led(two) == 1
    last = two.current()["seq"] + 3
    for reader in readers:
        reader.until(last)
    thaw(one)
    if end is freeze:
        until(lambda: "another process leads: ending this one" in one.said())
        one.until(lambda snapshot: snapshot["seq"] > last)
        assert led(one) == 1
    for reader in readers:
        reader.whole()
    shown = readers[0].seqs[-1]
    assert set(two.exported()) >= set(range(1, shown + 1))
    assert two.stop() == 0
    assert verify(url, print)


def test_a_lead_that_is_taken_from_nodes_that_were_only_slow_loses_nothing_and_doubles_nothing(
    nodes: Nodes, reading: Callable[..., Reader], url: str
) -> None:
    """A busy machine may stop a leader for longer than the other has patience: each time the figures are whole."""
    leading, waiting = nodes()
    readers = [reading(leading, waiting), reading(waiting, leading)]
    for _ in range(4):
        overtake(leading, waiting)
        leading, waiting = waiting, leading

    last = leading.current()["seq"] + 2
    for reader in readers:
        reader.until(last)
        reader.whole()
    assert set(leading.exported()) >= set(range(1, last + 1))
    assert leading.stop() == waiting.stop() == 0
    assert verify(url, print)


def test_what_is_entered_at_the_node_that_follows_is_counted_by_the_one_that_leads(
    nodes: Nodes, reading: Callable[..., Reader]
) -> None:
    one, two = nodes()
    reader = reading(one)
    entry = {
        "id": "inv-1",
        "date": two.current()["day"],
        "kind": "adjustment",
        "amount": "12.34",
        "currency": "USD",
        "description": "by hand",
        "status": "settled",
        "recurs": None,
    }

    answer = httpx.post(f"http://127.0.0.1:{two.port}/api/pnl/entries", json=entry)

    assert answer.status_code in {200, 201}, answer.text
    shown = [node.until(lambda snapshot: snapshot["lines"]["adjustments"] == "12.34") for node in (one, two)]
    reader.until(max(snapshot["seq"] for snapshot in shown))
    reader.whole()
