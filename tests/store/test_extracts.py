"""What exports read, from both databases."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from pnl.domain.money import text as money_text
from pnl.domain.records import Kind, Record
from pnl.domain.snapshot import LINES
from pnl.errors import StoreUnavailable
from pnl.export.cells import guarded, quoted, writer
from pnl.export.tables import SNAPSHOTS
from pnl.ports import Spelling
from pnl.store import SqlStore, extracting, extracts, schema
from pnl.store.spelled import COLUMNS, cell
from tests.depth import examples
from tests.store.making import START, a_fill, a_sale, a_settlement, a_tick, at
from tests.store.outside import outside

amounts = st.integers(-(9 * 10**18), 9 * 10**18)
shown = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
hostile = st.text(
    st.sampled_from(
        ["=", "+", "-", "@", "'", '"', ",", "\r", "\n", "\t", " ", "\u00a0", "\ufeff", "\u200b", "＝", "ä", "%", ":"]
    )
)


def spelled(store: SqlStore, name: str, values: dict[str, Any], spelling: Spelling | None = None) -> str:
    """Return what the database makes of a column, of a row with these values."""
    with store._reading() as connection:
        dialect = connection.dialect.name == "postgresql"
        named = ", ".join(
            f"CAST(:{key} AS {'TEXT' if isinstance(value, str) else 'BIGINT'}) AS {key}"
            for key, value in values.items()
        )
        query = text(f"SELECT {cell(name, spelling or Spelling(), postgresql=dialect)} FROM (SELECT {named}) AS made")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        found: str = connection.execute(query, values).scalar_one()
    return found


def kept(store: SqlStore, count: int) -> None:
    for seq in range(1, count + 1):
        store.keep(a_tick(seq))


@shown
@given(amounts | st.none())
def test_the_database_spells_money_as_python_does(store: SqlStore, amount: int | None) -> None:
    assert spelled(store, "net", {"net_n": amount}) == ("" if amount is None else money_text(amount))


@shown
@given(amounts | st.none(), st.integers(0, 7_258_032_000_000_000))
def test_in_whole_numbers_money_is_nano_dollars_and_an_instant_its_microseconds_cut(
    store: SqlStore, amount: int | None, micros: int
) -> None:
    plain = Spelling(plain=True)

    assert spelled(store, "net", {"net_n": amount}, plain) == ("" if amount is None else str(amount))
    assert spelled(store, "as_of", {"as_of_us": micros}, plain) == str(micros // 1000 * 1000)


@shown
@given(hostile, st.booleans())
def test_the_database_guards_text_as_python_does(store: SqlStore, value: str, guard: bool) -> None:
    found = spelled(store, "flags", {"flags": value}, Spelling(guarded=guard))

    assert found == quoted(guarded(value) if guard else value)
    assert next(csv.reader(io.StringIO(f"{found},end\r\n", newline=""))) == [guarded(value) if guard else value, "end"]


@shown
@given(st.integers(0, 7_258_032_000_000_000), st.sampled_from([0, -18_000, 20_700, -12_600]))
def test_the_database_spells_instants_as_python_does(store: SqlStore, micros: int, offset: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    values = {"as_of_us": micros}
    there = moment + timedelta(seconds=offset)
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}:{abs(offset) // 60 % 60:02d}"

    plain = spelled(store, "as_of", values)
    local = spelled(store, "as_of_local", values, Spelling(offset_seconds=offset))
    short = spelled(store, "as_of", values, Spelling(short=True))

    assert plain == f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    assert local == f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03d}{zone}"
    assert short == f"{moment:%Y-%m-%d %H:%M:%S}"


def test_lines_are_those_that_python_would_write(store: SqlStore) -> None:
    kept(store, 3)
    columns = [column.figure for column in SNAPSHOTS.columns]

    found = "".join(lines for _, lines in store.extracts.lines(columns, 0, 3, Spelling()))

    write = writer(SNAPSHOTS.columns, Spelling())
    zero = [0] * len(LINES)
    expected = [
        write((seq, at(10 * seq), *zero, 0, 0, True, "ok", at(0).date(), 0, 10**10, 0, 0, 10**10, "estimated", flag))
        for seq, flag in zip((1, 2, 3), ["opening_estimated"] * 3, strict=True)
    ]
    assert found == "".join(expected)


def test_lines_come_in_chunks_that_leave_nothing_out(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(store, 9)
    monkeypatch.setattr(extracts, "CHUNK", 2)
    monkeypatch.setattr(extracting, "FIRST_LINES", 3)

    found = list(store.extracts.lines(["seq"], 1, 8, Spelling()))

    assert found == [(3, "2\r\n3\r\n4\r\n"), (2, "5\r\n6\r\n"), (2, "7\r\n8\r\n")]
    assert list(store.extracts.lines(["seq"], 8, 8, Spelling())) == []
    assert list(store.extracts.lines(["seq"], 9, 20, Spelling())) == []


def test_a_column_that_there_is_not_is_refused_at_once(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="no column 'hash': there are seq, as_of"):
        store.extracts.lines(["hash"], 0, 9, Spelling())

    assert {column.figure for column in SNAPSHOTS.columns} | {"as_of_local"} == set(COLUMNS)


def test_a_span_ends_with_the_snapshot_that_is_named(store: SqlStore) -> None:
    kept(store, 9)

    assert store.extracts.span(None, None, 0, 7) == (0, 7)
    assert store.extracts.span(at(30), at(60), 0, 7) == (2, 5)
    assert store.extracts.span(at(30), at(60), 4, 7) == (4, 5)


def test_snapshots_are_counted(store: SqlStore) -> None:
    assert store.extracts.count(0, 5) == 0

    kept(store, 9)

    assert store.extracts.count(0, 9) == 9
    assert store.extracts.count(2, 7) == 5
    assert store.extracts.count(9, 9) == 0
    assert store.extracts.count(9, 20) == 0


def names(
    store: SqlStore,
    *,
    since: float | None = None,
    until: float | None = None,
    after: int = 0,
    up_to: int = 99,
    source: str | None = None,
) -> list[tuple[int, str, int | None]]:
    found = store.extracts.records(
        "fill", None if since is None else at(since), None if until is None else at(until), after, up_to, source
    )
    return [(number, record.id, record.version) for number, record in found]


def keep(store: SqlStore, seq: int, *records: Record) -> None:
    store.keep(a_tick(seq, *store.sort(records).new))


def test_records_come_by_time_and_go_on_after_any_of_them(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracts, "CHUNK", 2)
    keep(store, 1, a_fill("late", after=30), a_fill("early", after=1), a_settlement("KXA"), a_sale("s", "1"))
    keep(store, 2, a_fill("middle", after=15), a_fill("same", after=15), a_fill("last", after=99))

    everything = names(store)

    assert [name for _, name, _ in everything] == ["early", "middle", "same", "late", "last"]
    for place, (number, _, _) in enumerate(everything):
        assert names(store, after=number) == everything[place + 1 :]
    assert names(store, since=15, until=30) == everything[1:3]
    assert names(store, source="nobody") == []
    assert store.extracts.count_records("fill", None, None, everything[1][0], 99, "kalshi") == 3
    assert store.extracts.count_records("fill", at(15), at(30), 0, 99, None) == 2


def test_records_are_as_a_snapshot_knew_them(store: SqlStore) -> None:
    keep(store, 1, a_fill("a"), a_fill("b", after=5))
    keep(store, 2, a_fill("a", price="0.50"), a_fill("c", after=9))
    first, second = store.extracts.known(1), store.extracts.known(2)

    assert first
    assert second
    assert [(name, version) for _, name, version in names(store, up_to=first[1])] == [("a", 1), ("b", 1)]
    assert [(name, version) for _, name, version in names(store, up_to=second[1])] == [("a", 2), ("b", 1), ("c", 1)]
    assert first[0] == START + timedelta(seconds=10)
    assert store.extracts.known(3) is None


def test_a_record_that_there_is_not_is_no_place_to_go_on_from(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="there is no record 77"):
        names(store, after=77)


def test_a_record_of_another_kind_or_source_is_no_place_to_go_on_from(store: SqlStore) -> None:
    keep(store, 1, a_fill("a"))

    asked: tuple[tuple[Kind, str | None], ...] = (("revenue", None), ("fill", "manual"))
    for kind, source in asked:
        with pytest.raises(ValueError, match="there is no record 1 in it"):
            store.extracts.records(kind, None, None, 1, 1, source)
        with pytest.raises(ValueError, match="there is no record 1 in it"):
            store.extracts.count_records(kind, None, None, 1, 1, source)
    assert list(store.extracts.records("fill", None, None, 1, 1, "kalshi")) == []


def test_a_database_that_is_closed_is_unavailable_also_on_the_way(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(store, 9)
    monkeypatch.setattr(extracting, "FIRST_LINES", 3)
    lines = store.extracts.lines(["seq"], 0, 9, Spelling())
    next(lines)
    store.close()

    with pytest.raises(StoreUnavailable):
        next(lines)
    with pytest.raises(StoreUnavailable):
        store.extracts.count(0, 9)


def test_hostile_text_in_the_archive_is_inert(store: SqlStore, url: str) -> None:
    kept(store, 1)
    with outside(url) as connection:
        row = connection.execute(select(schema.snapshot)).mappings().one()
        made = dict(row) | {"seq": 2, "as_of_us": row["as_of_us"] + 1, "flags": '=HYPERLINK("http://x")'}
        connection.execute(schema.snapshot.insert(), [made])

    found = list(store.extracts.lines(["seq", "flags", "net"], 1, 2, Spelling()))

    assert found == [(1, '2,"\'=HYPERLINK(""http://x"")",0.00\r\n')]
