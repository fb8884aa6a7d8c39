"""The whole product on one processor and 512 MB, with five hundred live clients.

`python -m bench.small_machine` does the same with a year of history and ticks of ten seconds.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.live.crowd import allow_files
from bench.live.measure import Load, measure_url
from pnl.clock import SystemClock
from pnl.sandbox import Sandbox
from tests.deploy.small_machine import SmallMachine, small_machine
from tests.product.house import upstreams_of
from tests.product.process import Process

CLIENTS = 500
MEMORY = 512 << 20
LIMIT = 500_000_000


@pytest.fixture
def machine() -> Iterator[SmallMachine]:
    """Give a machine of a test's own."""
    try:
        with small_machine(memory_bytes=MEMORY) as made:
            yield made
    except OSError as error:
        pytest.skip(f"control groups are root's alone, and not of every machine: {error}")


@pytest.fixture
def company() -> Iterator[dict[str, str]]:
    """Give the settings of a company whose sources are elsewhere."""
    sandbox = Sandbox(seed=7, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2))
    sandbox.start()
    yield upstreams_of(sandbox)
    sandbox.stop()


def test_a_small_machine_serves_five_hundred_clients_and_has_memory_to_spare(
    tmp_path: Path, machine: SmallMachine, company: dict[str, str]
) -> None:
    more = {"PNL_MAX_CLIENTS_PER_ADDRESS": "600", "PNL_SOURCE_TIMEOUT_SECONDS": "8"}
    product = Process(tmp_path / "data", **(company | more))
    try:
        machine.take_in(product.process.pid)
        product.until(lambda snapshot: snapshot["complete"])
        allow_files(CLIENTS + 100)

        url = f"ws://127.0.0.1:{product.port}/api/pnl/ws"
        run = measure_url(url, CLIENTS, 0, Load(messages=3, seconds=1, rate=200), pid=product.process.pid)

        assert run.connected == CLIENTS
        assert len(run.messages) >= 3
        assert all(len(one.reached) == CLIENTS for one in run.messages[:3])
        assert 50_000_000 < machine.most < LIMIT
        assert machine.short == 0
        assert product.get("/healthz").json()["status"] == "ok"
        assert product.stop() == 0
    finally:
        product.end()
