"""An archive whose old marks were thinned is whole, and what thinning left is changed by nobody unseen."""

import re

import pytest

from pnl.domain.records import Market
from pnl.ports import Gap, Tick
from pnl.store import SqlStore
from pnl.store.verification import Fault, examine, opened
from tests.store.making import a_mark, a_snapshot, at
from tests.store.tampering import faults, tamper

THINNED = {
    "a mark that stayed": ("UPDATE mark SET yes_bid_n = yes_bid_n + 1 WHERE seq = 3", "or one was changed"),
    "a mark that stayed taken out": ("DELETE FROM mark WHERE seq = 3", "they are 1, and not the 2 that it left"),
    "a mark put back": (
        "INSERT INTO mark (ticker, at_us, status, seq) VALUES ('KXA', 1793631620000000, 'active', 2)",
        "they are 3, and not the 2 that it left",
    ),
    "a young mark": ("DELETE FROM mark WHERE seq = 4", "snapshot 4 at .*: a mark that it wrote"),
    "a step": ("DELETE FROM thinned WHERE n = 2", "snapshot 5 at .* breaks the chain"),
    "a name of then": ("UPDATE market_change SET title = 'x'", "snapshot 1 at .*: what markets were called"),
}


@pytest.fixture
def thinned(store: SqlStore) -> SqlStore:
    """Give a store of which the marks of the first day were thinned, and those of nine days later were not."""
    named = (Market(ticker="KXA", event_ticker="KX", title="a title", close_time=None),)
    for seq, after in enumerate((10, 20, 30, 9 * 86_400), 1):
        gap = Gap(since=at(30), until=at(after), missed=77_757, reason="asleep") if seq == 4 else None
        mark = a_mark("KXA", f"0.{seq:02d}", after=after)
        store.keep(
            Tick(
                snapshot=a_snapshot(seq, after=after),
                marks=(mark,),
                markets=named if seq == 1 else (),
                gap=gap,
                interval_seconds=10,
            )
        )
    while store.thin(at(86_400)):
        pass
    store.keep(Tick(snapshot=a_snapshot(5, after=9 * 86_400 + 10)))
    return store


def test_an_archive_whose_old_marks_were_thinned_is_whole(thinned: SqlStore, url: str) -> None:
    with opened(url) as database:
        found = list(examine(database))

    assert [one for one in found if isinstance(one, Fault)] == []
    told = [one.text for one in found]
    assert any("2 steps of thinning" in one for one in told), told
    assert "marks and names of markets from snapshot 4 on (names from 1 on): all there, as the chain says" in told
    assert len(thinned.marks()) == 1


@pytest.mark.parametrize("what", THINNED)
def test_what_thinning_left_is_changed_by_nobody_unseen(thinned: SqlStore, url: str, what: str) -> None:
    change, fault = THINNED[what]
    thinned.close()

    tamper(url, change)

    found = faults(url)
    assert any(re.search(fault, one) for one in found), found
