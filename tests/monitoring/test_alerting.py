"""The running product, the real Prometheus and Alertmanager, and who is paged: a source fails, then all is gone."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pnl.clock import SystemClock
from pnl.sandbox import Sandbox, Status
from tests.monitoring.pagerduty import PagerDuty
from tests.monitoring.stand import ROUTING_KEY, Stand
from tests.product.process import TOP, Process


def _token(product: Process) -> str:
    """Return a token for Prometheus, made as an operator makes it."""
    command = [sys.executable, "-m", "pnl", "tokens", "add", "prometheus", "--scope", "metrics"]
    made = subprocess.run(command, cwd=TOP, env=product.environment, capture_output=True, text=True, check=True)
    return made.stdout.strip()


@pytest.mark.timeout(180)
def test_a_source_that_fails_and_a_process_that_is_gone_page_somebody(tmp_path: Path) -> None:
    sandbox = Sandbox(seed=3, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2), lively=False)
    upstreams = sandbox.start()
    sandbox.faults.lay("revenue", Status(503, "1"))
    (tmp_path / "data").mkdir()
    (tmp_path / "stand").mkdir()
    settings = {"PNL_REVENUE_URL": upstreams.revenue_url, "PNL_REVENUE_TOKEN": upstreams.revenue_token}
    product = Process(tmp_path / "data", PNL_SANDBOX="off", **settings)
    try:
        product.ready()
        with PagerDuty() as pager, Stand(tmp_path / "stand", product.port, pager.url, _token(product)) as stand:
            pager.wait(lambda told: bool(told.sent("trigger", "PnlUpstreamFailing")), "that a source fails")
            (fired, *_) = pager.sent("trigger", "PnlUpstreamFailing")
            assert fired["routing_key"] == ROUTING_KEY
            assert fired["payload"]["severity"] == "warning"
            assert "revenue.feed does not answer" in fired["payload"]["summary"]
            assert stand.asked("pnl_leader")[0]["value"][1] == "1"

            sandbox.faults.clear()
            pager.wait(lambda told: bool(told.sent("resolve", "PnlUpstreamFailing")), "that it answers again")
            assert pager.sent("resolve", "PnlUpstreamFailing")[0]["dedup_key"] == fired["dedup_key"]

            product.kill()
            pager.wait(lambda told: bool(told.sent("trigger", "PnlDown")), "that the process is gone")
            assert pager.sent("trigger", "PnlDown")[0]["payload"]["severity"] == "critical"
            pager.wait(lambda told: told.beats > 0, "a beat of the dead man's switch")
    finally:
        product.end()
        sandbox.stop()
