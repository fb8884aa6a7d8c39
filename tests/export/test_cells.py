"""Values as cells of CSV."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.export.cells import Value, decimal_text, guarded, local, quoted, writer
from pnl.export.tables import EVERY, Column
from pnl.ports import Spelling

HOSTILE = ['=HYPERLINK("http://x")', "  =1+1", "\ufeff@SUM(A1)", "+1", "-1", "\t=1", "＝1", "\u00a0-2+3", "\r=1"]


def cells(columns: list[Column], row: list[Value], spelling: Spelling | None = None) -> list[str]:
    line = writer(columns, spelling or Spelling())(row)
    return next(csv.reader(io.StringIO(line, newline="")))


@given(st.integers(-(9 * 10**18), 9 * 10**18))
def test_every_amount_reads_back_as_it_was(amount: int) -> None:
    (cell,) = cells([Column("x", "money", "")], [amount])

    assert Decimal(cell) * 10**9 == amount
    assert len(cell.partition(".")[2]) >= 2
    assert cell.startswith("-") == (amount < 0)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=14, min_value=-(10**9), max_value=10**9))
def test_every_fine_amount_reads_back_as_it_was(amount: Decimal) -> None:
    found = decimal_text(amount)

    assert Decimal(found) == amount
    assert "E" not in found.upper()
    assert len(found.partition(".")[2]) >= 2


@given(st.text())
def test_every_text_reads_back_and_is_no_formula(value: str) -> None:
    first, second = cells([Column("x", "text", ""), Column("y", "count", "")], [value, 7])

    assert second == "7"
    assert first == guarded(value)
    assert first.removeprefix("'") == value
    assert not first.lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_text_and_the_same_text_made_inert_are_told_apart() -> None:
    assert [guarded(value) for value in ("=1", "'=1", "'", "it's")] == ["'=1", "''=1", "''", "it's"]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_is_inert(value: str) -> None:
    assert cells([Column("x", "text", "")], [value]) == [f"'{value}"]


def test_text_for_a_program_is_left_as_it_is() -> None:
    assert cells([Column("x", "text", "")], ["=1+1"], Spelling(guarded=False)) == ["=1+1"]


def test_what_is_not_known_is_empty() -> None:
    columns = [column for table in EVERY for column in table.columns]

    assert set(cells(columns, [None] * len(columns))) == {""}


def test_each_type_is_spelled_in_one_way() -> None:
    at = datetime(2026, 11, 20, 19, 32, 10, 4321, tzinfo=UTC)
    columns = [Column(kind, kind, "") for kind in ("instant", "moment", "date", "bool", "contracts", "count")]
    row: list[Value] = [at, at, date(2026, 11, 20), True, -85_000, 3]

    plain, short = cells(columns, row), cells(columns, row, Spelling(short=True))

    assert plain == ["2026-11-20T19:32:10.004Z", "2026-11-20T19:32:10.004321Z", "2026-11-20", "true", "-850.00", "3"]
    assert short[:2] == ["2026-11-20 19:32:10"] * 2


def test_local_time_has_its_offset() -> None:
    at = datetime(2026, 11, 1, 5, 30, 0, 4000, tzinfo=UTC)

    assert local(at, timedelta(hours=-4), short=False) == "2026-11-01T01:30:00.004-04:00"
    assert local(at, timedelta(hours=5, minutes=45), short=True) == "2026-11-01 11:15:00+05:45"


def test_a_cell_is_in_quotes_only_where_it_must_be() -> None:
    assert [quoted(text) for text in ("a b", "a,b", 'a"b', "a\nb")] == ["a b", '"a,b"', '"a""b"', '"a\nb"']
