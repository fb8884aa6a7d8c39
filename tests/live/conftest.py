"""Relays that end with the test."""

from collections.abc import Iterator

import pytest

from pnl.clock import Clock, SystemClock
from pnl.live.relay import Relay
from tests.live.relays import STREAM, Make


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Relay] = []

    def relay(url: str, stream: str = STREAM, clock: Clock | None = None) -> Relay:
        made.append(Relay(url, stream=stream, clock=clock or SystemClock()))
        return made[-1]

    yield relay
    for each in made:
        each.close()
