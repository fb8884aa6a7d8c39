"""The client that the documentation shows, against a server that goes away and comes back."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from pnl.live import client, feed, parser, talk
from tests.live.stage import Stage
from tests.live.wire import until

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "live-messages.md").read_text(encoding="utf-8")


class Enough(Exception):
    """The test has seen what it wanted to."""


def test_the_client_of_the_page_keeps_the_snapshot_current() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102 - it is our own page
    seen: list[str] = []

    def show(held: dict[str, Any]) -> None:
        seen.append(held["net"])
        if held["net"] == "9":
            raise Enough

    def follow() -> None:
        with pytest.raises(Enough):
            names["follow"](f"ws://127.0.0.1:{stage.port}/api/pnl/ws", show, 0.01)

    with Stage() as stage:
        stage.publish(1)
        following = threading.Thread(target=follow)
        following.start()
        until(lambda: seen == ["1"])
        for seq in (2, 3, 9):
            stage.publish(seq)
        following.join(10)

    assert seen == ["1", "2", "3", "9"]


def test_the_page_tells_the_limits_in_force() -> None:
    assert f"{feed.DEPTH} of them" in PAGE
    assert f"{feed.MOST_REPLAYED // 1024} KiB unless" in PAGE
    assert f"{client.MOST_BACKLOG // 1024} KiB of deltas wait" in PAGE
    assert f"a byte for {client.STALL_SECONDS:g} seconds" in PAGE
    assert f"more than {parser.MOST_BYTES} bytes" in PAGE
    assert f"more than {talk.MOST_HEARD} frames in half a second" in PAGE
