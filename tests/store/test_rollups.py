"""Roll-ups grow by one snapshot at a time; whatever the history, they are what all of them together make."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, select, text

from pnl.domain.money import nano
from pnl.domain.snapshot import Account
from pnl.errors import StoreError
from pnl.ports import Course, Gap, SeriesRow, Tick
from pnl.store import SqlStore, days, rollups, schema, snapshots
from pnl.store.engine import driver
from tests.depth import examples
from tests.store.making import START, a_snapshot, at
from tests.store.outside import outside

Values = list[int | None]
APART = (1.0, 10.0, 10.0, 59.0, 70.0, 400.0, 3_700.0, 30_000.0, 90_000.0, 700_000.0)
amounts = st.one_of(st.none(), st.integers(-(10**12), 10**12))
histories = st.lists(
    st.tuples(st.sampled_from(APART), amounts, amounts, amounts, st.sampled_from(["ok", "stale", "incomplete+stale"])),
    max_size=40,
)


def oracle(rows: Sequence[dict[str, Any]], level: str) -> list[list[Any]]:
    """Return the stretches of a level in the plainest way there is."""
    names = (*(f"{figure}_n" for figure in schema.ROLLED[:-2]),)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row["as_of_us"])
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        begins = {
            "1m": moment.replace(second=0, microsecond=0),
            "5m": moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0),
            "15m": moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0),
            "1h": moment.replace(minute=0, second=0, microsecond=0),
            "4h": midnight + timedelta(hours=moment.hour // 4 * 4),
            "1d": midnight,
            "1w": midnight - timedelta(days=moment.weekday()),
        }[level]
        found.setdefault(int(begins.timestamp()) * 1_000_000, []).append(row)
    stretches = []
    for start, inside in sorted(found.items()):
        words = {word for row in inside for word in row["quality"].split("+")}
        stretch: list[Any] = [start, len(inside), sum(bit for word, bit in rollups.BITS.items() if word in words)]
        series: list[Values] = [[row[name] for row in inside] for name in names]
        series.append([None if row["net_n"] is None else row["carried_n"] + row["net_n"] for row in inside])
        series.append([_sum(row["cash_n"], row["positions_value_n"]) for row in inside])
        for values in series:
            known = [value for value in values if value is not None]
            stretch += [values[0], max(known, default=None), min(known, default=None), values[-1]]
        stretches.append(stretch)
    return stretches


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def kept(connection: Connection, level: str) -> list[list[Any]]:
    table = schema.roll[level]
    return [list(row) for row in connection.execute(select(table).order_by(table.c.start_us))]


def raw(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(schema.snapshot).order_by(schema.snapshot.c.seq))]


@given(histories)
@settings(max_examples=examples(60))
def test_roll_ups_are_what_the_snapshots_make_of_them(history: list[tuple[float, Any, Any, Any, str]]) -> None:
    engine = create_engine("sqlite://", module=driver())
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        moment = 1_793_631_600_000_000
        for seq, (apart, revenue, cash, value, quality) in enumerate(history, 1):
            moment += round(apart * 1_000_000)
            row = _row(seq, moment, revenue, cash, value, quality)
            connection.execute(insert(schema.snapshot), [row])
            rollups.add(connection, row)
            days.add(connection, row)
        rows = raw(connection)
        grown = {level: kept(connection, level) for level in rollups.LEVELS}
        if rows:
            assert rollups.rebuild(connection, rows[0]["as_of_us"], rows[-1]["as_of_us"] + 1) == len(rows)
        again = {level: kept(connection, level) for level in rollups.LEVELS}
    engine.dispose()

    assert grown == {level: oracle(rows, level) for level in rollups.LEVELS}
    assert again == grown


def _row(  # noqa: PLR0917 - a row is what it is made of
    seq: int, moment: int, revenue: int | None, cash: int | None, value: int | None, quality: str
) -> dict[str, Any]:
    snapshot = a_snapshot(seq, revenue=revenue)
    account = Account(cash=cash, positions_value=value, exposure=0, equity=None)
    lines = {**snapshot.lines, "revenue": revenue}
    net = None if revenue is None else revenue
    row = snapshots.values(replace(snapshot, account=account, lines=lines, net=net), after_gap=False)
    made = {**row, "as_of_us": moment, "quality": quality, "carried_n": seq * 7, "last_record": 0, "hash": ""}
    return {**made, "day": (START + timedelta(days=seq // 3)).date().isoformat()}


@pytest.mark.parametrize("seed", [1, 2])
def test_ticks_over_days_and_weeks_roll_up(store: SqlStore, url: str, seed: int) -> None:
    chance, after = random.Random(seed), 0.0
    for seq in range(1, 60):
        after += chance.choice(APART)
        revenue = chance.choice((None, seq, -seq, seq * 10**9))
        snapshot = a_snapshot(seq, after=after, revenue=revenue)
        store.keep(Tick(snapshot=replace(snapshot, day=snapshot.as_of.date())))

    with outside(url) as connection:
        rows = raw(connection)
        found = {level: kept(connection, level) for level in rollups.LEVELS}

    assert found == {level: oracle(rows, level) for level in rollups.LEVELS}


def test_a_series_has_all_figures_of_a_stretch_in_one_row(store: SqlStore) -> None:
    for seq, revenue in ((1, 5), (2, 9), (3, -4), (7, None), (8, 6)):
        store.keep(Tick(snapshot=a_snapshot(seq, revenue=revenue)))

    found = list(store.series(["revenue", "net", "equity"], at(0), at(80), "1m", 10))

    assert found == [
        SeriesRow(
            start=at(0),
            count=3,
            quality=(),
            values={"revenue": (5, 9, -4, -4), "net": (5, 9, -4, -4), "equity": (nano("10"),) * 4},
        ),
        SeriesRow(
            start=at(60),
            count=2,
            quality=("incomplete",),
            values={"revenue": (None, 6, 6, 6), "net": (0, 6, 0, 6), "equity": (nano("10"),) * 4},
        ),
    ]


def test_every_snapshot_is_a_stretch_of_its_own_at_step_raw(store: SqlStore) -> None:
    for seq in range(1, 6):
        store.keep(Tick(snapshot=a_snapshot(seq, revenue=seq), gap=_gap(seq) if seq == 3 else None))

    found = list(store.series(["net"], at(20), at(50), "raw", 10))

    assert [(row.start, row.count, row.quality, row.values["net"]) for row in found] == [
        (at(20), 1, (), (2, 2, 2, 2)),
        (at(30), 1, ("after_gap",), (3, 3, 3, 3)),
        (at(40), 1, (), (4, 4, 4, 4)),
    ]


def _gap(seq: int) -> Gap:
    return Gap(since=at(10 * seq - 10), until=at(10 * seq), missed=1, reason="asleep")


def test_no_more_rows_come_than_asked_for(store: SqlStore) -> None:
    for seq in range(1, 30):
        store.keep(Tick(snapshot=a_snapshot(seq)))

    shown, following = store.series(["net"], None, None, "1m", 3).cut(2)

    assert len(shown) == 2
    assert following == round(at(120).timestamp()) * 1_000_000


@pytest.mark.parametrize("seed", range(3))
def test_a_series_as_known_then_has_nothing_that_came_later(store: SqlStore, seed: int) -> None:
    chance, after = random.Random(seed), 0.0
    figures = ["net", "revenue"]
    then: list[tuple[datetime, dict[str, list[SeriesRow]]]] = []
    for seq in range(1, 40):
        after += chance.choice(APART[:-1])
        snapshot = a_snapshot(seq, after=after, revenue=chance.choice((None, seq, -seq)))
        store.keep(Tick(snapshot=snapshot))
        if seq % 6 == 0:
            steps = {step: list(store.series(figures, None, None, step, 100)) for step in ("raw", *rollups.LEVELS)}
            then.append((snapshot.as_of, steps))

    for moment, steps in then:
        for step, rows in steps.items():
            assert list(store.series(figures, None, None, step, 100, moment)) == rows, (moment, step)


@pytest.mark.parametrize(("figure", "step"), [("seq; DROP TABLE record", "1m"), ("net", "2m"), ("net", "1m; --")])
def test_a_figure_or_step_that_there_is_not_is_refused(store: SqlStore, figure: str, step: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        store.series([figure], None, None, step, 1)


def test_what_earlier_days_made_is_carried_over(store: SqlStore) -> None:
    for seq, (day, revenue) in enumerate([(0, 5), (0, 7), (1, None), (1, -3), (2, 1), (4, 2)], 1):
        snapshot = a_snapshot(seq, after=86_400 * day + seq, revenue=revenue)
        store.keep(Tick(snapshot=replace(snapshot, net=revenue, net_realised=revenue)))

    found = store.series(["cumulative_net"], None, None, "raw", 10)

    assert [row.values["cumulative_net"][3] for row in found] == [5, 7, None, 4, 5, 7]


def test_the_highest_of_a_day_is_told_by_the_lines_that_it_was_without(store: SqlStore) -> None:
    for seq, revenue in enumerate([None, 5, 7, 3, None], 1):
        store.keep(Tick(snapshot=a_snapshot(seq, revenue=revenue), records=(), marks=()))
    store.keep(Tick(snapshot=a_snapshot(6, after=86_400 * 2, revenue=9), records=(), marks=()))

    assert store.highest(a_snapshot(1).day) == {("revenue",): 0, (): 7}
    assert store.highest(a_snapshot(1, after=86_400 * 5).day) == {}


def test_a_company_day_grows_with_its_snapshots(store: SqlStore) -> None:
    for seq, (day, revenue) in enumerate([(0, 5), (0, 9), (0, -2), (0, 3), (1, None)], 1):
        snapshot = a_snapshot(seq, after=86_400 * day + seq, revenue=revenue)
        store.keep(
            Tick(snapshot=replace(snapshot, net=revenue, net_realised=revenue), gap=_gap(2) if seq == 2 else None)
        )

    first, second = store.company_days(None, None)

    assert (first.day, first.first, first.last.seq, first.count) == (date(2026, 11, 2), 1, 4, 4)
    assert (first.high, first.low, first.last.net, first.quality) == (9, -2, 3, "after_gap")
    assert (second.high, second.low, second.quality) == (None, None, "incomplete")
    assert store.company_days(date(2026, 11, 3), None) == [second]
    assert store.company_days(None, date(2026, 11, 3)) == [first]


def test_a_row_is_found_by_number_and_by_instant(store: SqlStore) -> None:
    for seq in range(1, 5):
        store.keep(Tick(snapshot=a_snapshot(seq)))

    found = [store.row_at(moment) for moment in (at(9), at(10), at(29.9), at(500))]

    assert [row.seq if row else None for row in found] == [None, 1, 2, 4]
    assert store.row(3) == store.row_at(at(30))
    assert store.row(9) is None


def test_a_tick_that_is_refused_leaves_the_roll_ups_as_they_were(store: SqlStore, url: str) -> None:
    store.keep(Tick(snapshot=a_snapshot(1, revenue=5)))

    with pytest.raises(StoreError, match="refused"):
        store.keep(Tick(snapshot=a_snapshot(1, after=99, revenue=9)))

    assert [row.values["net"] for row in store.series(["net"], None, None, "1d", 10)] == [(5, 5, 5, 5)]
    with outside(url) as connection:
        assert connection.execute(text("SELECT n FROM company_day")).all() == [(1,)]


def test_the_extremes_of_a_day_are_those_of_complete_snapshots(store: SqlStore) -> None:
    for seq, (revenue, complete) in enumerate([(-760, False), (500, True), (300, True), (900, False)], 1):
        store.keep(Tick(snapshot=replace(a_snapshot(seq, revenue=revenue), complete=complete)))
        day = store.company_days(None, None)[0]
        if seq == 1:
            assert (day.high, day.low, day.partial) == (-760, -760, True)
            assert store.net_between(1, 1) == (-760, -760, ("incomplete",))

    assert (day.high, day.low, day.partial) == (500, 300, False)
    assert store.net_between(1, 4)[:2] == (500, 300)
    assert store.net_first(1, 4, 500) == 2


def test_the_course_over_a_day_leaves_incomplete_snapshots_out(store: SqlStore) -> None:
    told = [(-760, False), (500, True), (900, False), (300, True), (800, True), (550, True), (-5, False)]
    for seq, (revenue, complete) in enumerate(told, 1):
        store.keep(Tick(snapshot=replace(a_snapshot(seq, revenue=revenue), complete=complete)))

    assert store.course(1, 7) == Course(opens=2, high=5, low=4, fall=(5, 6))
    assert store.course(1, 5) == Course(opens=2, high=5, low=4, fall=(2, 4))
    assert store.course(1, 1) == Course(opens=1, high=1, low=1, fall=None)  # there is no complete one
    assert store.course(8, 9) is None
    assert [store.opens(1, 7), store.opens(3, 3), store.opens(8, 9)] == [2, 3, None]
