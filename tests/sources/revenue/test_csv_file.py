"""A CSV of revenue: the full set, whole or not at all, with errors that name the line."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pnl.domain.money import DOLLAR
from pnl.domain.records import RevenueEntry
from pnl.errors import SourceGarbled, SourceUnreachable
from pnl.ports import Finding
from pnl.sources.revenue.csv_file import RevenueCsv
from tests.sources.revenue.served import NEW_YORK, MovedClock

HEADER = "id,date,amount,currency\n"


class File:
    """A CSV that a person writes and renames into place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0

    def write(self, content: str | bytes) -> None:
        body = content if isinstance(content, bytes) else content.encode()
        draft = self.path.with_suffix(".draft")
        draft.write_bytes(body)
        self.number += 1
        at = datetime(2026, 11, 22, 6, self.number, tzinfo=UTC).timestamp()
        os.utime(draft, (at, at))
        draft.replace(self.path)

    def source(self, **options: Any) -> RevenueCsv:  # noqa: ANN401 - handed on
        return RevenueCsv(self.path, clock=MovedClock(), time_zone=NEW_YORK, **options)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "revenue.csv")


async def test_a_row_is_an_entry_on_its_business_date(file: File) -> None:
    file.write('id,date,amount,currency,kind,version,description\na,2026-11-21,-5.25,USD,refund,2,"Sorry, Bob"\n')

    found = await file.source().read(None)

    (record,) = found.records
    assert record.fact == RevenueEntry(
        id="a",
        version=2,
        date=date(2026, 11, 21),
        amount=-5_250_000_000,
        fee=0,
        currency="USD",
        kind="refund",
        status="settled",
        description="Sorry, Bob",
    )
    assert (record.version, record.source) == (2, "revenue.csv")
    assert record.effective_at == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert found.as_of == datetime(2026, 11, 22, 6, 1, tzinfo=UTC)


async def test_a_mark_at_the_start_and_windows_line_ends_are_taken(file: File) -> None:
    file.write(b"\xef\xbb\xbfid,date,amount,currency\r\na,2026-11-21,1.00,USD\r\n\r\n")

    assert len((await file.source().read(None)).records) == 1


async def test_at_a_start_the_whole_file_is_given_once_though_it_has_not_changed(file: File) -> None:
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")
    first = await file.source().read(None)
    again = file.source()
    second = await again.read(first.cursor)
    third = await again.read(second.cursor)

    assert (second.records, second.whole_from, second.cursor) == (first.records, date.min, first.cursor)
    assert (third.records, third.whole_from) == ((), None)


async def test_an_unchanged_file_gives_nothing_new(file: File) -> None:
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")
    source = file.source()
    first = await source.read(None)
    second = await source.read(first.cursor)
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")  # touched, the same content
    third = await source.read(second.cursor)

    assert (second.records, second.cursor) == ((), first.cursor)
    assert third.records == ()
    assert third.as_of > second.as_of


async def test_a_changed_file_gives_the_whole_set(file: File) -> None:
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")
    first = await file.source().read(None)
    file.write(HEADER + "a,2026-11-21,1.00,USD\nb,2026-11-22,2.00,USD\n")

    second = await file.source().read(first.cursor)

    assert [record.id for record in second.records] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            HEADER + "a,2026-11-21,1.00,USD\n" * 0 + 'a,2026-11-21,"1,200.00",USD\n',
            'line 2: amount "1,200.00": remove the comma',
        ),
        (HEADER + "a,2026-11-21,1,200.00,USD\n", "line 2: 5 fields where the header has 4"),
        (HEADER + "a,2026-11-21,1.00,USD\nb,2026-11-21,x,USD\n", 'line 3: amount "x"'),
        (HEADER + ",2026-11-21,1.00,USD\n", "line 2: id is missing"),
        (HEADER + "a,2026-11-21,1.00,USD\na,2026-11-21,1.00,USD\n", 'line 3: id "a": line 2 has it too'),
        ("id,date,amount\n", "line 1: the column currency is missing"),
        ("", "line 1: the column id is missing"),
        ("id,id,date,amount,currency\n", "the column id comes twice"),
        (HEADER + 'a,2026-11-21,"1.00,USD\n', "line 2"),
        (b"id,date,amount,currency\n\xff", "not UTF-8"),
        (HEADER + "a,2026-11-21,1.00,\x00\n", "NUL"),
        ("id,date,amount,currency,version\na,2026-11-21,1.00,USD,new\n", 'line 2: version "new"'),
        (
            "id,date,amount,currency,kind\na,2026-11-21,1.00,USD,day_total\nb,2026-11-21,1.00,USD,\n",
            "2026-11-21 has a day_total",
        ),
    ],
)
async def test_a_wrong_file_is_refused_whole_and_says_where(file: File, content: str | bytes, said: str) -> None:
    file.write(content)

    with pytest.raises(SourceGarbled) as refused:
        await file.source().read(None)

    assert said in str(refused.value)


async def test_a_missing_file_is_named(file: File) -> None:
    with pytest.raises(SourceUnreachable, match=r"revenue\.csv: No such file"):
        await file.source().read(None)


async def test_a_line_that_vanishes_is_an_error(file: File) -> None:
    file.write(HEADER + "a,2026-11-21,1.00,USD\nb,2026-11-21,2.00,USD\n")
    first = await file.source().read(None)
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")

    with pytest.raises(SourceGarbled, match="b vanished: keep each line"):
        await file.source().read(first.cursor)


async def test_a_line_that_vanishes_is_void_where_that_is_wanted(file: File) -> None:
    source = file.source(vanish="void")
    file.write(HEADER + "a,2026-11-21,1.00,USD\nb,2026-11-21,2.00,USD\n")
    first = await source.read(None)
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")
    second = await source.read(first.cursor)
    file.write(HEADER + "a,2026-11-21,3.00,USD\n")
    third = await source.read(second.cursor)

    void = second.records[-1]
    assert isinstance(void.fact, RevenueEntry)
    assert (void.id, void.version, void.fact.status) == ("b", 2, "void")
    assert [record.id for record in third.records] == ["a"]


async def test_a_void_line_comes_back_with_a_higher_version(file: File) -> None:
    source = file.source(vanish="void")
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")
    first = await source.read(None)
    file.write(HEADER)
    second = await source.read(first.cursor)
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")
    with pytest.raises(SourceGarbled, match="give it a version above 2"):
        await source.read(second.cursor)
    file.write("id,date,amount,currency,version\na,2026-11-21,1.00,USD,3\n")

    back = await source.read(second.cursor)

    assert back.records[0].version == 3


async def test_a_cursor_that_cannot_be_read_starts_over(file: File) -> None:
    file.write(HEADER + "a,2026-11-21,1.00,USD\n")

    for cursor in ("", "x", "{}", '{"z": "eA=="}', "[]"):
        assert len((await file.source().read(cursor)).records) == 1


async def test_the_check_shows_entries_and_total(file: File) -> None:
    missing = await file.source().check()
    file.write(HEADER + "a,2026-11-21,1.00,USD\nb,2026-11-21,2.00,USD\n")

    rows = await file.source().check()

    assert missing[0].ok is False
    assert rows[0] == Finding(name="csv", ok=True, text="2 entries, settled 3.00 USD")
    assert rows[1].text == "a 2026-11-21 1.00 USD sale settled"


async def test_ten_thousand_lines_make_a_small_cursor(file: File) -> None:
    file.write(HEADER + "".join(f"inv-{number},2026-11-21,1.00,USD\n" for number in range(10_000)))

    found = await file.source().read(None)

    assert len(found.cursor) < 100_000
    assert sum(r.fact.amount for r in found.records if isinstance(r.fact, RevenueEntry)) == 10_000 * DOLLAR
