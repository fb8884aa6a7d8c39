"""What is down mutes what follows from it, and a critical alert the warning of the same name."""

import time
from pathlib import Path

import pytest

from tests.monitoring.pagerduty import PagerDuty
from tests.monitoring.stand import Stand, free_port


@pytest.mark.timeout(180)
def test_what_is_down_mutes_the_rest_but_not_the_dead_mans_switch(tmp_path: Path) -> None:
    with PagerDuty() as pager, Stand(tmp_path, free_port(), pager.url, "unused") as stand:
        pager.wait(lambda told: bool(told.sent("trigger", "PnlDown")), "that nothing answers")

        stand.fire(alertname="PnlDisk", severity="warning", job="pnl")
        stand.fire(alertname="PnlDisk", severity="critical", job="another")
        stand.fire(alertname="PnlDisk", severity="warning", job="another")
        stand.fire(alertname="PnlMemory", severity="warning", job="another")

        end = time.monotonic() + 30
        while len(stand.alerts()) < 6 and time.monotonic() < end:
            time.sleep(0.05)  # between two looks at another process
        muted = {(labels["alertname"], labels["severity"], labels.get("job")) for labels, by in stand.alerts() if by}
        pager.wait(lambda told: told.beats > 0, "a beat of the dead man's switch")

    assert muted == {("PnlDisk", "warning", "pnl"), ("PnlDisk", "warning", "another")}
