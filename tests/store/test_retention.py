"""Old marks are thinned to the last of each quarter of an hour; each day's ends and the first mark stay."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.records import Mark
from pnl.errors import Deposed
from pnl.ports import Thinned, Tick
from pnl.store import SqlStore, open_store, retention
from pnl.store.retention import SLOT_US, kept
from tests.store.making import START, a_mark, a_snapshot
from tests.store.outside import told

DAY = 86_400.0
TODAY = START.replace(hour=0)


def marks(url: str, ticker: str = "KXA") -> list[float]:
    """Return when a market's marks are, in seconds after the start of all tests."""
    rows = told(url, f"SELECT at_us FROM mark WHERE ticker = '{ticker}' ORDER BY at_us")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    return [row[0] / 1_000_000 - START.timestamp() for row in rows]


def keep(store: SqlStore, seq: int, after: float, *found: Mark) -> None:
    store.keep(Tick(snapshot=a_snapshot(seq, after=after), marks=found))


def thin(store: SqlStore, before: datetime) -> list[Thinned]:
    steps: list[Thinned] = []
    while step := store.thin(before):
        steps.append(step)
        assert len(steps) < 100
    return steps


def test_a_quarter_keeps_its_last_mark(store: SqlStore, url: str) -> None:
    for seq, after in enumerate((0.0, 10.0, 890.0, 900.0, 910.0, 5_000.0), 1):
        keep(store, seq, after + 1, a_mark("KXA", f"0.{seq}", after=after), a_mark("KXB", f"0.{seq}", after=after))
    keep(store, 7, 6_000)

    steps = thin(store, START + timedelta(days=2))

    assert marks(url) == marks(url, "KXB") == [0, 890, 910, 5_000]
    assert sum(step.removed for step in steps) == 4
    assert [step.day for step in steps][:2] == [date(2026, 11, 1), date(2026, 11, 2)]


def test_young_marks_and_parts_of_a_day_are_left_alone(store: SqlStore, url: str) -> None:
    keep(store, 1, 1, a_mark("KXA", "0.1", after=0))
    keep(store, 2, 11, a_mark("KXA", "0.2", after=10))
    keep(store, 3, 21, a_mark("KXA", "0.3", after=20))

    thin(store, TODAY + timedelta(hours=23))
    before = marks(url)
    thin(store, TODAY + timedelta(hours=24))

    assert before == [0, 10, 20]
    assert marks(url) == [0, 20]


def test_what_a_day_opened_and_closed_with_stays(store: SqlStore, url: str) -> None:
    for seq, after in enumerate((0.0, 10.0, 20.0, 30.0, 40.0), 1):
        snapshot = replace(a_snapshot(seq, after=after + 5), day=date(2026, 11, 2 if seq <= 3 else 3))
        store.keep(Tick(snapshot=snapshot, marks=(a_mark("KXA", f"0.{seq}", after=after),)))

    thin(store, START + timedelta(days=2))

    assert marks(url) == [0, 20, 30, 40]


def test_the_first_mark_of_a_market_stays_so_that_its_price_is_known_where_it_was(store: SqlStore, url: str) -> None:
    keep(store, 1, 0)
    for seq, after in enumerate((10.0, 20.0, 30.0), 2):
        keep(store, seq, after + 1, a_mark("KXA", f"0.{seq}", after=after))
    keep(store, 5, DAY, a_mark("KXA", "0.5", after=DAY))
    keep(store, 6, DAY + 20, a_mark("KXA", "0.6", after=DAY + 10))
    known = store.marks_at(START + timedelta(seconds=11))

    thin(store, TODAY + timedelta(days=2))

    assert marks(url) == [10, 30, DAY, DAY + 10]
    assert store.marks_at(START + timedelta(seconds=11)) == known


def test_markets_are_thinned_a_few_at_a_time(store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MARKETS", 2)
    for seq in (1, 2, 3):
        keep(store, seq, 10 * seq, *(a_mark(f"KX{name}", f"0.{seq}", after=seq) for name in "ABCDE"))

    steps = [store.thin(START + timedelta(days=1)) for _ in range(4)]

    assert [(step.removed, step.day) for step in steps if step] == [
        (0, None),  # the day before the first snapshot has no marks, and is looked through all the same
        (0, None),
        (0, date(2026, 11, 1)),
        (2, None),
    ]
    thin(store, START + timedelta(days=1))
    assert [marks(url, f"KX{name}") for name in "ABCDE"] == [[1, 3]] * 5


def test_a_restart_goes_on_where_it_stopped(store: SqlStore, url: str) -> None:
    for seq, after in enumerate((0.0, 10.0, 20.0, DAY, DAY + 10, DAY + 20), 1):
        keep(store, seq, after + 1, a_mark("KXA", f"0.{seq}", after=after))
    thin(store, TODAY + timedelta(days=1))
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    steps = thin(again, TODAY + timedelta(days=2))

    assert steps == [Thinned(removed=1, day=date(2026, 11, 3))]
    assert marks(url) == [0, 20, DAY, DAY + 20]
    again.close()


def test_who_does_not_lead_thins_nothing(store: SqlStore, url: str) -> None:
    keep(store, 1, 1, a_mark("KXA", "0.1", after=0))
    other = open_store(url, demo=False)
    other.lead()

    with pytest.raises(Deposed):
        store.thin(START + timedelta(days=3))
    other.close()


def test_an_empty_store_has_nothing_to_thin(store: SqlStore) -> None:
    assert store.thin(datetime(2030, 1, 1, tzinfo=UTC)) is None


known_marks = st.dictionaries(st.integers(0, 5 * SLOT_US), st.none() | st.integers(1, 9), max_size=60).map(
    lambda found: sorted(found.items(), key=lambda mark: mark[0])
)


@given(known_marks, st.tuples(st.integers(0, 5 * SLOT_US), st.integers(1, 9)))
def test_no_snapshot_that_knew_a_price_is_left_without_one(
    marks: list[tuple[int, int | None]], shown: tuple[int, int]
) -> None:
    marks = [(at, first) for at, first in marks if first is not None]
    stay = kept(marks, [], begins=True)

    def knew(known: list[tuple[int, int | None]]) -> bool:
        return any(first is not None and first <= shown[1] for _, first in known)

    assert knew(marks) == knew([mark for mark in marks if mark[0] in stay])


@given(known_marks, st.lists(st.tuples(st.integers(0, 5 * SLOT_US), st.integers(1, 9))))
def test_the_price_at_a_quarter_and_at_each_snapshot_is_as_before(
    marks: list[tuple[int, int | None]], shown: list[tuple[int, int]]
) -> None:
    stay = kept(marks, shown)

    left = [mark for mark in marks if mark[0] in stay]
    assert len(left) == len(stay)
    for instant in (SLOT_US * number - 1 for number in range(1, 7)):
        assert [at for at, _ in marks if at <= instant][-1:] == [at for at, _ in left if at <= instant][-1:]
    for instant, seq in shown:
        assert _newest(marks, instant, seq) == _newest(left, instant, seq)


def _newest(marks: list[tuple[int, int | None]], instant: int, seq: int) -> list[int]:
    return [at for at, first in marks if at <= instant and (first is None or first <= seq)][-1:]
