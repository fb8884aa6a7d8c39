"""What is down mutes what follows from it, and a critical alert the warning of the same name."""

import time
from pathlib import Path

import pytest

from tests.monitoring.pagerduty import PagerDuty
from tests.monitoring.stand import Stand, free_port


@pytest.mark.timeout(180)
def test_what_is_down_mutes_its_own_alerts_but_not_the_dead_mans_switch_and_not_another_nodes(tmp_path: Path) -> None:
    port = free_port()
    down, other = f"127.0.0.1:{port}", "node-two:8050"
    with PagerDuty() as pager, Stand(tmp_path, port, pager.url, "unused") as stand:
        pager.wait(lambda told: bool(told.sent("trigger", "PnlDown")), "that nothing answers")

        stand.fire(alertname="PnlDisk", severity="critical", job="pnl", instance=down)
        stand.fire(alertname="PnlDisk", severity="critical", job="pnl", instance=other)
        stand.fire(alertname="PnlDisk", severity="warning", job="pnl", instance=other)
        stand.fire(alertname="PnlDisk", severity="warning", job="pnl", instance="node-three:8050")
        stand.fire(alertname="PnlMemory", severity="warning", job="pnl", instance=other)
        stand.fire(alertname="PnlSnapshotStale", severity="critical", job="pnl")

        end = time.monotonic() + 30
        while len(stand.alerts()) < 8 and time.monotonic() < end:
            time.sleep(0.05)  # between two looks at another process
        muted = {
            (labels["alertname"], labels["severity"], labels.get("instance")) for labels, by in stand.alerts() if by
        }
        assert len(stand.alerts()) == 8
        pager.wait(lambda told: told.beats > 0, "a beat of the dead man's switch")

    assert muted == {("PnlDisk", "critical", down), ("PnlDisk", "warning", other)}
