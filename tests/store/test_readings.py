"""Readings of a day under way: later ones replace them, and what was known at any tick is still there."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pnl.domain.records import Kind, Record
from pnl.ports import Gap, Tick
from pnl.store import SqlStore, extracts, open_store, readings
from pnl.store.moving import move
from tests.depth import examples
from tests.domain.test_apicost import anchor, cost, usage
from tests.store.making import START, a_fill, a_snapshot
from tests.store.outside import told
from tests.store.tampering import faults, tamper

KINDS: tuple[Kind, ...] = readings.PROVISIONAL
MIDNIGHT = START.replace(hour=0)
DAY = MIDNIGHT.date()
HOUR = 3_600.0


@dataclass(frozen=True)
class Then:
    """What was known at a tick: its instant, the number of its last record, and every record by number."""

    at: datetime
    known: int
    records: dict[tuple[str, Kind, str], Record]


def reading(hour: float, amount: int) -> list[Record]:
    """Return what is read at an hour after midnight: of the day that lasts, and of its hour."""
    day = DAY + timedelta(days=int(hour // 24))
    found = [anchor(day, str(amount), at=hour % 24, listed={}), cost(day, str(amount)), usage(day, 0, str(amount))]
    return [replace(one, version=None) for one in (*found, usage(day, int(hour % 24), f"{amount}.5"))]


def keep(store: SqlStore, seq: int, hour: float, told_: Sequence[Record]) -> Then:
    """Keep a tick; return what is known from then on."""
    snapshot = a_snapshot(seq, after=hour * HOUR - (START - MIDNIGHT).total_seconds())
    last = store.last_row()
    gap = Gap(since=last.as_of, until=snapshot.as_of, missed=1, reason="asleep") if last else None
    store.keep(Tick(snapshot=snapshot, records=store.sort(told_).new, gap=gap))
    found = {(one.source, one.kind, one.id): one for one in store.facts(*KINDS)}
    return Then(snapshot.as_of, store.last_record(), found)


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[float, list[Record]]]:
    """Return ticks: the hour of each, and what it read, of days under way and of days that had ended."""
    hour, found = 1.0, []
    for _ in range(draw(st.integers(2, 14))):
        hour += draw(st.sampled_from([0.01, 0.02, 0.5, 5.0, 23.0, 60.0]))
        read: dict[str, Record] = {}
        for back in draw(st.lists(st.sampled_from([0.0, 0.0, 1.0, 24.0, 48.0]), max_size=2)):
            amount = draw(st.integers(0, 3))
            some = draw(st.sets(st.integers(0, 3), min_size=1))
            every = reading(max(hour - back, 0), amount)
            read |= {f"{every[place].kind} {every[place].id}": every[place] for place in some}
        if draw(st.booleans()):
            read["fill"] = a_fill(f"f-{hour}")
        found.append((hour, list(read.values())))
    return found


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=lives(), chunk=st.integers(1, 3))
def test_what_was_known_at_any_tick_is_known_for_ever(
    life: list[tuple[float, list[Record]]], chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('life') / 'pnl.db'}"
    store = open_store(url, demo=False)
    store.lead()
    size, extracts.CHUNK = extracts.CHUNK, chunk
    try:
        thens = [keep(store, seq, hour, read) for seq, (hour, read) in enumerate(life, 1)]
        for then in thens:
            same_as_then(store, then)
        for before, after in itertools.pairwise(thens):
            known = without_raw(before) | newest(store.versions(KINDS, after=before.known, upto=after.known))
            assert known == without_raw(after)
    finally:
        extracts.CHUNK = size
        store.close()
    assert faults(url) == []


def newest(numbered: Sequence[tuple[int, Record]]) -> dict[tuple[str, Kind, str], Record]:
    """Return the last version of each record, by its key."""
    return {(one.source, one.kind, one.id): one for _, one in numbered}


def without_raw(then: Then) -> dict[tuple[str, Kind, str], Record]:
    """Return what was known, as versions tell it."""
    return {key: replace(one, raw="") for key, one in then.records.items()}


def same_as_then(store: SqlStore, then: Then) -> None:
    """Ask for what was known in every way that there is."""
    expected = sorted(then.records.values(), key=repr)

    assert sorted(store.facts_at(then.at, *KINDS), key=repr) == expected
    assert newest(store.versions(KINDS, upto=then.known)) == without_raw(then)
    assert store.named([*then.records], then.at) == then.records
    paged: list[Record] = []
    cursor = None
    while True:
        page = store.page(KINDS, None, None, cursor, 2, then.at)
        assert [one.effective_at for one in page.records] == sorted(
            (one.effective_at for one in page.records), reverse=True
        )
        paged += page.records
        if page.next is None:
            break
        cursor = page.next
    assert sorted(paged, key=repr) == expected
    for kind in KINDS:
        exported = list(store.extracts.records(kind, None, None, 0, then.known, None))
        assert [one for _, one in exported] == sorted(
            (replace(one, raw="") for one in then.records.values() if one.kind == kind),
            key=lambda one: (one.effective_at, next(number for number, other in exported if other == one)),
        )
        for place, (number, _) in enumerate(exported, 1):  # what broke off anywhere is gone on with
            assert list(store.extracts.records(kind, None, None, number, then.known, None)) == exported[place:]
            assert store.extracts.count_records(kind, None, None, number, then.known, None) == len(exported) - place


def three_readings(store: SqlStore) -> list[Then]:
    """Keep three readings of a day, and a first one of the next, in which it has its last word."""
    thens = [keep(store, number, 9 + number / 60, reading(9 + number / 60, number)) for number in (1, 2, 3)]
    return [*thens, keep(store, 4, 24.5, [*reading(9.5, 7), *reading(24.5, 1)])]


def test_replaced_readings_are_there_on_both_databases(store: SqlStore) -> None:
    for then in three_readings(store):
        same_as_then(store, then)


def test_only_the_newest_reading_of_a_day_under_way_has_a_row_of_its_own(store: SqlStore, url: str) -> None:
    three_readings(store)

    assert told(url, "SELECT count(*) FROM record WHERE kind = 'cost'") == [(2,)]
    assert told(url, "SELECT seq, crosses FROM reading ORDER BY seq") == [(2, 0), (3, 0), (4, 1)]


def test_the_newest_of_several_records_of_usage_is_told(store: SqlStore) -> None:
    thens = three_readings(store)
    whole = (MIDNIGHT, MIDNIGHT + timedelta(days=1))

    numbers = [store.read_since(*whole, after=0, upto=then.known) for then in thens]

    assert [found[1].recorded_at for found in numbers if found] == [then.at for then in thens]
    assert store.read_since(*whole, after=thens[3].known, upto=thens[3].known) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE reading SET least = least + 1 WHERE seq = 2", "the readings that snapshot 2 replaced are not"),
        ("UPDATE reading SET crosses = 1 WHERE seq = 2", "the readings that snapshot 2 replaced are not"),
        ("UPDATE reading SET upto = upto - 1 WHERE seq = 3", "snapshot 3 at .* breaks the chain"),
        ("UPDATE reading SET sha256 = 'x' WHERE seq = 3", "the readings that snapshot 3 replaced are not"),
        ("DELETE FROM reading WHERE seq = 3", "snapshot 3 at .* breaks the chain"),
    ],
)
def test_readings_that_were_changed_or_taken_out_are_found(store: SqlStore, url: str, change: str, fault: str) -> None:
    three_readings(store)
    store.close()

    tamper(url, change)

    assert any(re.search(fault, one) for one in faults(url))


def test_a_pack_with_other_content_is_found(store: SqlStore, url: str) -> None:
    three_readings(store)
    store.close()

    tamper(url, "UPDATE reading SET body = (SELECT body FROM reading WHERE seq = 2) WHERE seq = 3")

    assert any("the readings that snapshot 3 replaced are not" in one for one in faults(url))


def test_replaced_readings_move_with_the_archive(store: SqlStore, url: str, tmp_path: Path) -> None:
    thens = three_readings(store)
    store.close()

    target = f"sqlite:///{tmp_path / 'moved.db'}"
    assert move(url, target, lambda _line: None).whole

    moved = open_store(target, demo=False)
    try:
        for then in thens:
            same_as_then(moved, then)
    finally:
        moved.close()
    assert faults(target) == []
