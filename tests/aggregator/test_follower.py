"""A process that follows: what it hands on of snapshots that no bell told it of."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.follower import Follower
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.store import SqlStore, open_store
from pnl.store.recent import MOST
from tests.empty_books import empty_file
from tests.store.making import a_tick
from tests.store.outside import outside
from tests.web.fakes import FakeClock


class Followed:
    """A store in which one process ticks, and a follower of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store: SqlStore = open_store(url, demo=False)
        self.store.lead()
        self.clock = clock = FakeClock()
        ledger = Ledger(Calendar(ZoneInfo("America/New_York")))
        figures = LiveFigures(
            ledger, self.store, clock=clock, demo=False, time_zone="America/New_York", interval_seconds=10
        )
        self.figures = figures
        self.shown: list[int] = []
        self.nets: list[str] = []
        figures.follow(self._show)
        self.follower = Follower(figures, ledger, self.store, clock)

    def tick(self, *seqs: int, shared: bool = True) -> None:
        for seq in seqs:
            self.store.keep(a_tick(seq, checks="[]" if shared else None))

    def _show(self, seq: int, snapshot: str) -> None:
        assert json.loads(snapshot)["seq"] == seq
        self.shown.append(seq)
        self.nets.append(json.loads(snapshot)["net"])


@pytest.fixture(params=["sqlite", "postgresql"])
def followed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Followed]:
    sqlite = request.param == "sqlite"
    made = Followed(empty_file(tmp_path / "pnl.db") if sqlite else request.getfixturevalue("ready_postgres_url"))
    yield made
    made.store.close()


def test_what_was_kept_since_the_last_look_is_shown_snapshot_by_snapshot(followed: Followed) -> None:
    followed.tick(1)
    followed.follower.begin()
    followed.tick(2)
    followed.follower.look()
    followed.tick(3, 4, 5, 6)

    followed.follower.look()
    followed.follower.look()

    assert followed.shown == [1, 2, 3, 4, 5, 6]


def test_a_reader_who_is_ahead_has_the_store_looked_at_while_it_is_followed(followed: Followed) -> None:
    followed.tick(1)
    followed.follower.begin()
    followed.follower.start()
    try:
        followed.tick(2, 3)
        followed.follower.catch_up()
        assert followed.shown == [1, 2, 3]
    finally:
        followed.follower.stop()

    followed.tick(4)
    followed.follower.catch_up()

    assert followed.shown == [1, 2, 3]


def test_who_begins_is_shown_the_newest_alone(followed: Followed) -> None:
    followed.tick(1, 2, 3)

    followed.follower.begin()

    assert followed.shown == [3]


def test_the_tick_that_was_there_before_is_as_old_as_its_snapshot_and_the_next_one_is_new(followed: Followed) -> None:
    followed.tick(1)
    last = followed.store.last_row()
    assert last
    followed.clock.at = last.as_of + timedelta(seconds=90)
    followed.follower.begin()
    at_first = followed.figures.health()[1]["last_tick_seconds_ago"]
    followed.tick(2)

    followed.follower.look()

    assert (at_first, followed.figures.health()[1]["last_tick_seconds_ago"]) == (91, 1)


def test_what_was_ticked_by_one_that_shared_nothing_is_shown_as_well(followed: Followed) -> None:
    followed.tick(1)
    followed.follower.begin()
    followed.tick(2, shared=False)
    followed.tick(3, 4)

    followed.follower.look()

    assert followed.shown == [1, 2, 3, 4]


def test_after_more_than_is_kept_the_newest_is_shown_alone(followed: Followed) -> None:
    followed.tick(1)
    followed.follower.begin()
    followed.tick(*range(2, 4 + MOST))

    followed.follower.look()

    assert followed.shown == [1, 3 + MOST]


def test_a_snapshot_that_was_changed_in_the_database_is_sent_to_nobody(followed: Followed) -> None:
    followed.tick(1)
    followed.follower.begin()
    followed.tick(2, 3, 4)
    with outside(followed.url) as connection:
        connection.execute(text('UPDATE recent SET body = replace(body, \'"net":"\', \'"net":"9\') WHERE seq = 3'))

    followed.follower.look()

    assert followed.shown == [1, 4]
    assert [seq for seq, _ in followed.store.recent(0)] == [1, 2, 4]


def test_of_a_newest_one_that_was_changed_what_was_kept_is_shown(followed: Followed) -> None:
    followed.tick(1)
    followed.follower.begin()
    followed.tick(2)
    with outside(followed.url) as connection:
        connection.execute(text('UPDATE recent SET body = replace(body, \'"net":"\', \'"net":"9\') WHERE seq = 2'))

    followed.follower.look()

    assert followed.shown == [1, 2]
    assert followed.nets[1] == followed.nets[0]
