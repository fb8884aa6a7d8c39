"""Who watches is away itself: the product notices nothing, and whoever is to be paged is paged when it is back."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from pnl.clock import SystemClock
from pnl.sandbox import Sandbox, Status
from tests.monitoring.pagerduty import PagerDuty
from tests.monitoring.stand import Stand
from tests.monitoring.test_alerting import _token
from tests.product.process import Process
from tests.product.readers import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass
class Watched:
    """A product whose revenue feed can fail, and who watches it."""

    sandbox: Sandbox
    product: Process
    pager: PagerDuty
    stand: Stand

    def fail(self) -> None:
        """Let the feed fail, and have it read at once."""
        self.sandbox.faults.lay("revenue", Status(503, "1"))
        url = f"http://127.0.0.1:{self.product.port}/api/pnl/sources/revenue.feed/retry"
        httpx.post(url, timeout=10).raise_for_status()
        self.product.until(lambda snapshot: snapshot["sources"]["revenue"]["error"] is not None)

    def ticks_on(self) -> None:
        """Wait for two more snapshots, all of which are kept."""
        newest = self.product.current()["seq"]
        later = self.product.until(lambda snapshot: snapshot["seq"] >= newest + 2)
        assert set(self.product.exported()) >= set(range(1, later["seq"] + 1))

    def paged(self) -> None:
        """Wait until somebody is paged because the feed fails."""
        self.pager.wait(lambda told: bool(told.sent("trigger", "PnlUpstreamFailing")), "that a source fails", 120)
        assert len(self.pager.sent("trigger", "PnlUpstreamFailing")) == 1


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    sandbox = Sandbox(seed=3, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2), lively=False)
    upstreams = sandbox.start()
    (tmp_path / "data").mkdir()
    (tmp_path / "stand").mkdir()
    settings = {"PNL_REVENUE_URL": upstreams.revenue_url, "PNL_REVENUE_TOKEN": upstreams.revenue_token}
    product = Process(tmp_path / "data", PNL_SANDBOX="off", **settings)
    with ExitStack() as parts:
        parts.callback(sandbox.stop)
        parts.callback(product.end)
        product.ready()
        token = _token(product)
        pager = parts.enter_context(PagerDuty())
        stand = parts.enter_context(Stand(tmp_path / "stand", product.port, pager.url, token))
        yield Watched(sandbox, product, pager, stand)


def test_prometheus_that_was_away_pages_when_it_is_back(watched: Watched) -> None:
    watched.stand.end("prometheus")
    watched.fail()
    watched.ticks_on()
    assert watched.pager.events == []

    watched.stand.again("prometheus")
    watched.paged()
    watched.ticks_on()


def test_alertmanager_that_was_away_pages_when_it_is_back(watched: Watched) -> None:
    watched.stand.end("alertmanager")
    watched.fail()
    until(lambda: bool(watched.stand.asked('ALERTS{alertname="PnlUpstreamFailing",alertstate="firing"}')))
    watched.ticks_on()
    assert watched.pager.events == []

    watched.stand.again("alertmanager")
    watched.paged()
    watched.ticks_on()
