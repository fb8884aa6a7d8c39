import json
from dataclasses import replace
from datetime import date

import pytest

from pnl.domain.money import nano
from pnl.domain.records import Market
from pnl.errors import StoreError, StoreUnavailable
from pnl.ports import Gap, SourceMemory, Tick
from pnl.store import SqlStore, open_store
from tests.store.making import a_fill, a_mark, a_snapshot, a_tick, at


def test_an_empty_store_has_nothing(store: SqlStore) -> None:
    assert store.current() is None
    assert store.last_row() is None
    assert store.row_before(at(0)) is None
    assert store.row_after(at(0)) is None
    assert list(store.rows(None, None)) == []
    assert (store.marks(), store.markets(), store.sources(), store.entries()) == ((), (), (), ())
    assert len(store.series(["net"], at(0), at(100), "1m", 10)) == 0
    assert (store.company_days(None, None), store.row(1), store.row_at(at(0))) == ([], None, None)
    assert store.gaps(at(0), at(100)) == []
    assert store.page(["fill"], None, None, None, 10).records == ()


def test_the_newest_snapshot_comes_back_as_it_was_sent(store: SqlStore) -> None:
    store.keep(a_tick(1))
    store.keep(a_tick(2))

    assert store.current() == json.loads(a_snapshot(2).text())


def test_a_row_has_the_lines_and_what_was_wrong(store: SqlStore) -> None:
    snapshot = a_snapshot(1, revenue=None, status="stale", checks_failed=1, unrealised_total=None)
    store.keep(Tick(snapshot=snapshot, gap=Gap(since=at(0), until=at(10), missed=3, reason="asleep")))

    row = store.last_row()

    assert row is not None
    assert row.lines == snapshot.lines
    assert (row.seq, row.as_of, row.day, row.net) == (1, at(10), date(2026, 11, 2), 0)
    assert (row.complete, row.quality) == (False, "incomplete+stale+failed_checks+after_gap")
    assert row.unrealised_total is None


def test_a_tick_is_kept_whole_or_not_at_all(store: SqlStore) -> None:
    store.keep(a_tick(1))

    with pytest.raises(StoreError, match="refused"):
        store.keep(
            Tick(snapshot=a_snapshot(1, after=99), records=store.sort([a_fill("f")]).new, marks=(a_mark("KXA", "1"),))
        )

    assert list(store.facts("fill")) == []
    assert store.marks() == ()
    assert store.current() == json.loads(a_snapshot(1).text())
    store.keep(replace(a_tick(2), marks=(a_mark("KXA", "1"),)))
    assert store.marks() == (a_mark("KXA", "1"),)


def test_lines_that_do_not_add_up_are_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="refused"):
        store.keep(Tick(snapshot=replace(a_snapshot(1, revenue=5), net=6)))


@pytest.mark.parametrize("amount", [2**63, -(2**63) - 1])
def test_an_amount_beyond_64_bits_is_refused(store: SqlStore, amount: int) -> None:
    with pytest.raises(StoreError, match="64 bits"):
        store.keep(Tick(snapshot=replace(a_snapshot(1, revenue=amount), net_realised=0)))

    store.keep(a_tick(1))


def test_half_a_character_is_refused_and_the_next_tick_is_kept(store: SqlStore) -> None:
    broken = Market(ticker="KXA", event_ticker="KXE", title="\ud800", close_time=None)

    with pytest.raises(StoreError, match="cannot be kept"):
        store.keep(Tick(snapshot=a_snapshot(1), markets=(broken,)))

    store.keep(a_tick(1))


def test_the_newest_mark_of_each_market_comes_back(store: SqlStore) -> None:
    store.keep(a_tick(1, marks=(a_mark("KXA", "0.40", after=1), a_mark("KXB", "0.10", after=1))))
    store.keep(a_tick(2, marks=(a_mark("KXA", "0.41", after=2), a_mark("KXB", "0.10", after=2))))
    store.keep(a_tick(3, marks=(a_mark("KXA", None, after=3, status="closed"),)))

    assert sorted(store.marks(), key=lambda mark: mark.ticker) == [
        a_mark("KXA", None, after=3, status="closed"),
        a_mark("KXB", "0.10", after=1),
    ]


def test_the_marks_that_snapshots_knew_come_back_along_with_them(store: SqlStore) -> None:
    store.keep(a_tick(1))
    store.keep(a_tick(2, marks=(a_mark("KXA", "0.1", after=15), a_mark("KXB", "0.7", after=15))))
    store.keep(a_tick(3))
    store.keep(a_tick(4, marks=(a_mark("KXA", "0.3", after=35),)))
    store.keep(a_tick(5, marks=(a_mark("KXA", "0.2", after=20),)))  # older than what was known

    found = store.marks_along("KXA", (1, 2, 3, 4, 5, 6))

    said = {seq: mark.yes_bid if mark else None for seq, mark in found.items()}
    assert said == {1: None, 2: nano("0.1"), 3: nano("0.1"), 4: nano("0.3"), 5: nano("0.3")}
    assert list(found.values()) == [next(iter(store.marks_at(at(10 * seq), ("KXA",))), None) for seq in found]


def test_an_older_mark_that_comes_late_changes_nothing(store: SqlStore) -> None:
    store.keep(a_tick(1, marks=(a_mark("KXA", "0.40", after=5),)))
    store.keep(a_tick(2, marks=(a_mark("KXA", "0.30", after=2),)))
    store.keep(a_tick(3, marks=(a_mark("KXA", "0.40", after=6),)))

    assert store.marks() == (a_mark("KXA", "0.40", after=5),)


def test_markets_and_sources_come_back_as_last_kept(store: SqlStore, url: str) -> None:
    market = Market(ticker="KXA", event_ticker="KXE", title="Regen?", close_time=at(9), mutually_exclusive=True)
    memory = SourceMemory(
        name="kalshi",
        cursor='{"page": "é"}',
        as_of=at(1),
        complete_through=date(2026, 11, 1),
        last_attempt=at(2),
        next_attempt=None,
        failures=2,
        error="no answer",
        caught_up=False,
        facts={"mode": "legacy"},
    )
    store.keep(replace(a_tick(1), markets=(replace(market, title="?"),), sources=(replace(memory, failures=1),)))
    store.keep(replace(a_tick(2), markets=(market,), sources=(memory,)))
    store.close()

    again = open_store(url, demo=False)
    again.lead()

    assert (again.markets(), again.sources()) == ((market,), (memory,))
    again.close()


def test_rows_of_a_span_come_oldest_first(store: SqlStore) -> None:
    for seq in range(1, 8):
        store.keep(a_tick(seq))

    def seqs(since: float | None, until: float | None, after: int = 0) -> list[int]:
        span = (None if since is None else at(since), None if until is None else at(until))
        return [row.seq for row in store.rows(*span, after)]

    assert seqs(None, None) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(20, 50) == [2, 3, 4]
    assert seqs(20, 50, after=3) == [4]
    assert seqs(21, None) == [3, 4, 5, 6, 7]
    assert seqs(None, 11) == [1]
    assert seqs(80, 90) == []
    assert seqs(None, 5) == []


def test_rows_kept_after_the_question_are_left_out(store: SqlStore) -> None:
    store.keep(a_tick(1))
    rows = store.rows(None, None)
    store.keep(a_tick(2))

    assert [row.seq for row in rows] == [1]


def test_rows_around_an_instant_skip_what_is_not_known(store: SqlStore) -> None:
    for seq, total in ((1, 5), (2, None), (3, 7)):
        store.keep(Tick(snapshot=a_snapshot(seq, unrealised_total=total)))

    before, after = store.row_before(at(29)), store.row_after(at(10))

    assert before is not None
    assert after is not None
    assert (before.seq, after.seq) == (1, 3)
    assert store.row_after(at(30)) is None
    assert store.row_before(at(10)) == before


def test_gaps_that_overlap_are_told(store: SqlStore) -> None:
    gaps = [Gap(since=at(seq * 10 - 5), until=at(seq * 10), missed=1, reason="asleep") for seq in (1, 2, 3)]
    for seq, gap in enumerate(gaps, 1):
        store.keep(a_tick(seq, gap=gap))

    assert store.gaps(at(10), at(26)) == gaps[1:]
    assert store.gaps(at(0), at(5)) == []


def test_a_closed_store_says_so(store: SqlStore) -> None:
    store.close()
    store.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        store.last_row()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.keep(a_tick(1))
    with pytest.raises(StoreUnavailable, match="closed"):
        next(store.facts("fill"))
