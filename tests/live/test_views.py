"""Narrower views of the live figures: each sends its own readers what it shows, and nothing else."""

import json
from collections.abc import Iterator

import pytest

from pnl.domain.snapshot import Json
from pnl.live.doorkeeper import Rooms
from pnl.live.seats import Seats
from pnl.live.views import Views
from tests.live.stage import snapshot


def net_only(whole: dict[str, Json]) -> dict[str, Json]:
    return {**whole, "positions": [], "sources": {}}


def unchanged(whole: dict[str, Json]) -> dict[str, Json]:
    return whole


class Company:
    """Shows one snapshot after another."""

    def __init__(self) -> None:
        self.seq = 0
        self.views: Views | None = None

    def current(self) -> tuple[int, bytes] | None:
        return (self.seq, json.dumps(snapshot(self.seq)).encode()) if self.seq else None

    def tick(self) -> None:
        self.seq += 1
        assert self.views
        self.views.publish(self.seq, json.dumps(snapshot(self.seq)))


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def views(company: Company) -> Iterator[Views]:
    made = Views({"net": net_only, "all": unchanged}, company.current, stream="s", now=lambda: "now", seats=Seats(5, 5))
    company.views = made
    yield made
    made.close()


def messages(views: Views, name: str, after: int | None = None) -> list[dict[str, Json]]:
    return [json.loads(text) for text in views.hub(name).missed(after, "s" if after else None)]


def test_a_view_begins_with_the_newest_snapshot_and_goes_on_with_its_own_deltas(views: Views, company: Company) -> None:
    assert messages(views, "net")[0]["t"] == "beat"
    company.tick()
    company.tick()

    [whole] = messages(views, "net")
    [delta] = messages(views, "net", after=1)
    [late] = messages(views, "all")

    assert whole["t"] == late["t"] == "snapshot"
    assert isinstance(whole["data"], dict)
    assert isinstance(late["data"], dict)
    assert (whole["data"]["seq"], whole["data"]["net"], whole["data"]["positions"]) == (2, "2", {})
    assert late["data"]["positions"]
    assert delta["set"] == {"seq": 2, "net": "2"}


def test_a_view_is_opened_once_and_shares_the_seats_of_all(views: Views) -> None:
    assert views.hub("net") is views.hub("net")
    assert views.hub("net") is not views.hub("all")
    seat = views.hub("net").reserve("10.0.0.1")

    views.hub("all").release(seat)

    assert views.counts["clients"] == 0


def test_a_view_that_is_opened_while_all_leave_lets_nobody_in(views: Views) -> None:
    views.hub("net")

    views.drain()

    assert not views.hub("net").open
    assert not views.hub("all").open


class Room:
    """Has tickets, and remembers whom it sent away."""

    def __init__(self, *tickets: str) -> None:
        self.held = tickets
        self.gone: list[str] = []

    def tickets(self) -> tuple[str, ...]:
        return self.held

    def expel(self, ticket: str) -> None:
        self.gone.append(ticket)


def test_several_rooms_are_looked_after_as_one() -> None:
    pages, panels = Room("a", "b"), Room("b", "c")
    rooms = Rooms(pages, panels)

    rooms.expel("b")

    assert rooms.tickets() == ("a", "b", "c")
    assert pages.gone == panels.gone == ["b"]
