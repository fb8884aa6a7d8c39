"""The first load of a panel is small."""

from typing import Any

import pytest

from pnl.access.grants import PANELS
from tests.browser.embeds.world import World

LARGEST_FIRST_LOAD = 450 * 1000


@pytest.mark.parametrize("panel", PANELS)
def test_the_first_load_is_small(world: World, panel: str) -> None:
    made = world.page()
    session = world.context.new_cdp_session(made)
    bodies: dict[str, float] = {}

    def received(told: dict[str, Any]) -> None:
        if told["type"] in {"Document", "Stylesheet", "Script", "Font"}:
            bodies[told["requestId"]] = -told["response"]["encodedDataLength"]

    def finished(told: dict[str, Any]) -> None:
        if told["requestId"] in bodies:
            bodies[told["requestId"]] += told["encodedDataLength"]

    session.on("Network.responseReceived", received)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")

    made.goto(world.address(panel))
    made.wait_for_selector("#embed[data-seq]")
    if panel in ("equity", "drawdown"):
        made.wait_for_selector(".curve-chart .main-svg")
    made.wait_for_load_state("networkidle")

    assert len(bodies) >= 5
    assert all(body > 0 for body in bodies.values())
    assert sum(bodies.values()) < LARGEST_FIRST_LOAD, f"{panel} loads {sum(bodies.values()):,.0f} bytes"
