"""What is measured of a message on its way to everybody: from its publishing on, the hub's being busy included."""

import json
import socket
import time

import pytest

from pnl.live import hub as hub_module
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.metrics.instruments import DELIVERY
from tests.live.stage import snapshot
from tests.live.wire import until


class Clock:
    """Measures nothing until it is moved; the time of the day goes on."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        """Return the time in seconds."""
        return self.now

    def monotonic(self) -> float:
        """Return the time by which readers are sent away."""
        return time.monotonic()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(hub_module, "time", found)
    return found


def test_delivery_counts_what_a_message_waits_for_the_hub(clock: Clock) -> None:
    feed = Feed("k3f9x2", lambda: "2026-11-20T19:32:20.004Z")
    hub = Hub(feed, Seats(1, 1))
    near, far = socket.socketpair()
    hub.adopt(far, "frame", hub.reserve(None), after=None, stream=None)
    before = _seconds()

    feed.publish(1, json.dumps(snapshot(1)))
    clock.now += 3
    hub.start()
    until(lambda: _seconds() > before)
    hub.close()
    near.close()

    assert _seconds() - before == 3


def _seconds() -> float:
    """Return the sum of all deliveries that were measured."""
    samples = (sample for family in DELIVERY.collect() for sample in family.samples)
    return next(float(sample.value) for sample in samples if sample.name.endswith("_sum"))
