"""What is in an export, and that the rest of one is the rest of the very same file."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pnl.errors import ExportError
from pnl.export import archive as archives
from pnl.export.archive import Archive, changes
from pnl.export.asked import STEP_NAMES, Asked, Format, read_after
from pnl.export.files import Tally, manifest, parts
from pnl.export.tables import TABLES
from pnl.store import SqlStore
from tests.export.conftest import TICKS, keep
from tests.store.making import START, a_fill, at

Row = dict[str, str]
QUESTIONS = [*((table, "raw") for table in TABLES), *(("snapshots", step) for step in STEP_NAMES[1:])]


def file(archive: Archive, asked: Asked) -> bytes:
    return b"".join(text for _, text in parts(archive, archive.fixed(asked), Tally(), paced=False))


def rows(text: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True))


@pytest.mark.parametrize(("table", "step"), QUESTIONS)
def test_what_follows_any_row_is_the_rest_of_the_same_file(archive: Archive, table: str, step: str) -> None:
    asked = archive.fixed(Asked(table=table, step=step))
    everything = file(archive, asked)
    found = rows(everything)
    ends = [number for number, _ in enumerate(found)] if len(found) < 30 else [0, 1, 99, len(found) - 1]

    for number in ends:
        key = read_after(found[number][asked.shape.key], asked.shape)
        rest = file(archive, replace(asked, after=key, headed=False))

        assert everything.endswith(rest)
        assert rows(everything[: len(everything) - len(rest)]) == found[: number + 1]


@pytest.mark.parametrize(("table", "step"), QUESTIONS)
def test_what_comes_later_changes_nothing_of_what_a_snapshot_knew(
    archive: Archive, store: SqlStore, table: str, step: str
) -> None:
    asked = archive.fixed(Asked(table=table, step=step))
    before, count = file(archive, asked), archive.count(asked)
    later = (a_fill("f-9", after=77), a_fill("f-4", after=40, price="0.10"))
    keep(store, TICKS + 1, *later, after=12 * TICKS + 5)

    assert asked.last == TICKS
    assert file(archive, asked) == before
    assert archive.count(asked) == count == len(rows(before))
    if table in ("fills", "snapshots") and step == "raw":
        assert file(archive, Asked(table=table)) != before


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "beancount"])
def test_the_same_question_gives_the_same_bytes_and_its_manifest_tells_them(archive: Archive, kind: Format) -> None:
    asked = archive.fixed(Asked(table="days", format=kind))
    tally = Tally()
    whole = b"".join(text for _, text in parts(archive, asked, tally, paced=False))

    told = manifest(asked, tally, "name")

    assert file(archive, asked) == whole
    assert (told["rows"], told["bytes"], told["sha256"]) == (1, len(whole), hashlib.sha256(whole).hexdigest())


def test_a_manifest_tells_the_first_and_the_last_row(archive: Archive) -> None:
    asked = archive.fixed(Asked(table="snapshots", since=at(600), until=at(1200), zone="Europe/Berlin"))
    tally = Tally()
    text = b"".join(part for _, part in parts(archive, asked, tally, paced=False))

    told = manifest(asked, tally, "name.csv")

    found = rows(text)
    assert (told["first"], told["after"]) == (found[0]["seq"], found[-1]["seq"]) == ("50", "99")
    assert (told["rows"], told["last"], told["schema"], told["key"]) == (50, TICKS, "snapshots/1", "seq")
    assert told["url"] == (
        "/api/pnl/export.csv?table=snapshots&from=2026-11-02T15%3A10%3A00.000Z&to=2026-11-02T15%3A20%3A00.000Z"
        f"&last={TICKS}&tz=Europe%2FBerlin"
    )
    columns = told["columns"]
    assert isinstance(columns, list)
    assert [column["name"] for column in columns if isinstance(column, dict)] == list(found[0])


def test_a_manifest_of_nothing_has_no_rows(archive: Archive) -> None:
    asked = archive.fixed(Asked(table="fills", since=at(90_000)))
    tally = Tally()
    text = b"".join(part for _, part in parts(archive, asked, tally, paced=False))

    told = manifest(asked, tally, "name.csv")

    assert text == (",".join(TABLES["fills"].names) + "\r\n").encode()
    assert (told["rows"], told["first"], told["after"]) == (0, None, None)


def test_a_snapshot_that_there_is_not_cannot_be_the_last(archive: Archive) -> None:
    with pytest.raises(ExportError, match=f"last 9999 is no snapshot: the newest is {TICKS}"):
        archive.fixed(Asked(last=9999))

    assert archive.count(archive.fixed(Asked(table="fills", last=0))) == 0
    assert rows(file(archive, Asked(last=0))) == []


@pytest.mark.parametrize("step", STEP_NAMES[1:])
def test_a_step_has_the_ends_of_the_snapshots_in_it(archive: Archive, step: str) -> None:
    every = rows(file(archive, Asked()))
    found = rows(file(archive, Asked(step=step)))

    starts = [row["start_utc"] for row in found]
    assert starts == sorted(starts)
    assert sum(int(row["snapshots"]) for row in found) == len(every)
    for row, end in zip(found, [*starts[1:], "9"], strict=True):
        inside = [one for one in every if row["start_utc"] <= one["as_of_utc"] < end]
        last = inside[-1]
        assert len(inside) == int(row["snapshots"])
        for column in ("revenue_usd", "net_usd", "net_realised_usd", "cumulative_net_usd", "equity_usd"):
            assert row[column] == last[column]
        assert row["net_open_usd"] == inside[0]["net_usd"]


def test_a_step_says_what_was_wrong_within_it(archive: Archive) -> None:
    every, found = rows(file(archive, Asked())), rows(file(archive, Asked(step="1m")))

    wrong = {one["as_of_utc"][:16] for one in every if one["quality"] != "ok"}

    assert wrong
    assert {row["start_utc"][:16] for row in found if row["quality"] != "ok"} == wrong


def test_many_steps_come_one_after_the_other(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = file(archive, Asked(step="1m"))
    monkeypatch.setattr(archives, "_STRETCHES", 7)
    monkeypatch.setattr(archives, "ROWS", 5)

    assert file(archive, Asked(step="1m")) == everything
    assert len(rows(everything)) > 100


def test_a_range_is_half_open_for_every_table(archive: Archive) -> None:
    def within(table: str, since: datetime, until: datetime) -> list[Row]:
        return rows(file(archive, Asked(table=table, since=since, until=until)))

    assert [row["seq"] for row in within("snapshots", at(24), at(48))] == ["2", "3"]
    assert [row["fill_id"] for row in within("fills", at(20), at(40))] == ["f-2", "f-3"]
    assert [row["settlement_id"] for row in within("settlements", at(50), at(51))] == ["KXA"]
    assert within("settlements", at(51), at(99)) == []
    assert len(within("revenue", at(5), at(6))) == 3
    assert len(within("costs", datetime(2026, 11, 2, tzinfo=UTC), START)) == 2


def test_a_day_is_in_a_range_that_its_first_instant_is_in(archive: Archive) -> None:
    begins = datetime(2026, 11, 2, 5, tzinfo=UTC)
    second = timedelta(seconds=1)

    def days(since: datetime | None, until: datetime | None) -> list[str]:
        return [row["day"] for row in rows(file(archive, Asked(table="days", since=since, until=until)))]

    assert days(begins, begins + second) == ["2026-11-02"]
    assert days(None, begins) == []
    assert days(begins + second, None) == []


def test_local_time_is_the_last_column_and_tells_the_hour_that_comes_twice(archive: Archive) -> None:
    found = rows(file(archive, Asked(zone="America/New_York", excel=True)))

    assert list(found[0])[-1] == "as_of_local"
    assert found[0]["\ufeffseq"] == "1"
    assert found[4]["as_of_utc"] == "2026-11-02 15:01:00"
    assert found[4]["as_of_local"] == "2026-11-02 10:01:00-05:00"


def test_local_time_follows_the_changes_of_its_zone(store: SqlStore, archive: Archive) -> None:
    change = datetime(2027, 3, 14, 7, tzinfo=UTC)
    seconds = (change - START).total_seconds()
    for number, after in enumerate((-10, -0.001, 0, 10), TICKS + 1):
        keep(store, number, after=seconds + after)

    found = rows(file(archive, Asked(after=TICKS, zone="America/New_York")))
    steps = rows(file(archive, Asked(step="1m", since=change - timedelta(minutes=1), zone="America/New_York")))

    assert [row["as_of_local"] for row in found] == [
        "2027-03-14T01:59:50.000-05:00",
        "2027-03-14T01:59:59.999-05:00",
        "2027-03-14T03:00:00.000-04:00",
        "2027-03-14T03:00:10.000-04:00",
    ]
    assert [row["start_local"][10:] for row in steps] == ["T01:59:00.000-05:00", "T03:00:00.000-04:00"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 - it gives the zone itself
    st.integers(0, 900),
)
def test_every_instant_has_the_offset_of_its_zone(name: str, begins: datetime, days: int) -> None:
    zone, since = ZoneInfo(name), begins.replace(tzinfo=UTC)
    until = since + timedelta(days=days)

    found = list(changes(zone, since, until))

    assert found[-1][0] > until
    start = since
    for change, offset in found:
        for moment in (start, start + (change - start) / 2, change - timedelta(microseconds=1)):
            assert moment > until or moment.astimezone(zone).utcoffset() == offset
        start = change


def test_days_go_on_after_a_day(store: SqlStore) -> None:
    asked: list[tuple[date | None, date | None, datetime]] = []

    def given_days(since: date | None, until: date | None, known_at: datetime) -> Iterator[dict[str, object]]:
        asked.append((since, until, known_at))
        return iter(())

    archive = Archive(store, given_days)
    list(archive.csv(archive.fixed(Asked(table="days", since=START, until=at(90_000), after=date(2026, 11, 2)))))

    assert asked == [(date(2026, 11, 3), date(2026, 11, 5), at(12 * TICKS))]


def test_a_file_is_called_by_what_is_in_it(archive: Archive) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)

    def name(**asked: object) -> str:
        return archive.name(archive.fixed(Asked(**asked)), now)  # type: ignore[arg-type]  # as they are given

    assert name() == "northstar_snapshots_start_20261102T170000Z_raw.csv"
    assert name(step="1h", since=START, until=at(60)) == (
        "northstar_snapshots_20261102T150000Z_20261102T150100Z_1h.csv"
    )
    assert name(table="fills", format="csv.gz") == "northstar_fills_start_20261102T170000Z.csv.gz"
    assert name(table="days", last=0) == "northstar_days_start_20270101T000000Z.csv"
