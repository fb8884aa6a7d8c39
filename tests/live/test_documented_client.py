"""The client that the documentation shows, against a server that goes away and comes back."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from pnl.live import client, feed, parser, talk
from pnl.live.crowd import NOT_ALLOWED, RESTART
from tests.live.stage import Stage
from tests.live.wire import until

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "live-messages.md").read_text(encoding="utf-8")


class Enough(Exception):
    """The test has seen what it wanted to."""


class Shut(BaseHTTPRequestHandler):
    """A door at which nobody is let in."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer that."""
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def program() -> dict[str, Any]:
    """Return what the program of the page defines."""
    (text,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102 - it is our own page
    return names


def test_the_client_of_the_page_keeps_the_snapshot_current() -> None:
    names = program()
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


def test_the_client_of_the_page_ends_when_it_is_not_let_in_any_more() -> None:
    names = program()
    names["connect"] = partial(names["connect"], additional_headers={"X-Test-Ticket": "t"})
    seen: list[str] = []

    with Stage(ticketed=True) as stage, ThreadPoolExecutor() as pool:
        stage.publish(1)
        following = pool.submit(
            names["follow"], f"ws://127.0.0.1:{stage.port}/api/pnl/ws", lambda held: seen.append(held["net"]), 0.01
        )
        until(lambda: seen == ["1"])
        stage.hub.expel("t")

        assert f"{NOT_ALLOWED}" in str(following.exception(10))


def test_the_client_of_the_page_does_not_knock_for_ever_at_a_door_that_is_shut() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shut) as server, ThreadPoolExecutor() as pool:
        pool.submit(server.serve_forever)
        try:
            with pytest.raises(InvalidStatus, match="401"):
                program()["follow"](f"ws://127.0.0.1:{server.server_port}/api/pnl/ws", print, 0.01)
        finally:
            server.shutdown()


def test_the_page_tells_of_every_code_by_which_the_server_ends() -> None:
    for code in (RESTART, NOT_ALLOWED):
        assert f"\n| {code} | " in PAGE


def test_the_page_tells_the_limits_in_force() -> None:
    assert f"{feed.DEPTH} of them" in PAGE
    assert f"{feed.MOST_REPLAYED // 1024} KiB unless" in PAGE
    assert f"{client.MOST_BACKLOG // 1024} KiB of deltas wait" in PAGE
    assert f"a byte for {client.STALL_SECONDS:g} seconds" in PAGE
    assert f"more than {parser.MOST_BYTES} bytes" in PAGE
    assert f"more than {talk.MOST_HEARD} frames in half a second" in PAGE
