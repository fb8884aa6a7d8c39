"""Connections that were let in, once what let them in no longer holds."""

from collections.abc import Iterator

import pytest

from pnl.errors import StoreUnavailable
from pnl.live.doorkeeper import Doorkeeper
from tests.live.stage import Stage
from tests.redis.servers import wait_until


class Door:
    """Says which tickets hold, or that this cannot be told."""

    def __init__(self) -> None:
        self.ended: set[str] = set()
        self.away = False
        self.asked = 0

    def holds(self, ticket: str) -> bool:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("database is locked")
        return ticket not in self.ended


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def stage(door: Door) -> Iterator[Stage]:
    """A stage whose visitors come in by the ticket that their header names, and whose doorkeeper is quick."""
    with Stage(ticketed=True) as made:
        keeper = Doorkeeper(made.hub, door.holds, 0.02)
        keeper.start()
        yield made
        keeper.stop()


def named(name: str) -> str:
    """Return the header that names a ticket."""
    return f"X-Test-Ticket: {name}\r\n"


def test_who_is_not_allowed_any_more_is_sent_away_and_the_others_stay(stage: Stage, door: Door) -> None:
    stage.publish(1)
    with stage.wire(more=named("ann")) as ann, stage.wire(more=named("bob")) as bob, stage.wire() as anybody:
        for wire in (ann, bob, anybody):
            wire.message()
        assert sorted(stage.hub.tickets()) == ["ann", "bob"]

        door.ended.add("ann")

        assert ann.message() == {"t": "bye", "reason": "not allowed", "retry_ms": 0}
        assert ann.ended() == 4401
        wait_until(lambda: stage.hub.tickets() == ("bob",))
        stage.publish(2)
        assert bob.message()["seq"] == 2
        assert anybody.message()["seq"] == 2


def test_while_it_cannot_be_told_everybody_stays_and_then_it_is_told(stage: Stage, door: Door) -> None:
    stage.publish(1)
    with stage.wire(more=named("ann")) as ann:
        ann.message()
        door.away = True
        door.ended.add("ann")
        before = door.asked
        wait_until(lambda: door.asked > before + 3)
        stage.publish(2)
        assert ann.message()["seq"] == 2

        door.away = False

        assert ann.message()["t"] == "bye"
