"""The tick: sources in parallel, none of which delays or spoils the others, and nothing lost in between."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from pnl.aggregator.farewell import Farewell
from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.tick import Aggregator
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.money import CENT, DOLLAR, nano
from pnl.domain.records import KINDS, Fill, Mark, Market, Record, Report, ReportedPosition, RevenueEntry
from pnl.errors import SourceUnreachable, StoreUnavailable
from pnl.metrics.instruments import REGISTRY
from pnl.ports import Reading, Store, Tick
from pnl.store import open_store
from tests.domain.strategies import fill
from tests.empty_books import empty_file
from tests.fakes import ScriptedSource, StillClock, reading

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


class House:
    """The aggregator with everything real but the sources and the clock."""

    def __init__(
        self,
        store: Store,
        clock: StillClock,
        *sources: ScriptedSource,
        wait_seconds: float = 3,
        marks_days: int = 400,
        farewell: Farewell | None = None,
    ) -> None:
        self.clock = clock
        self.ledger = Ledger(Calendar(ZONE))
        self.ledger.take(store.facts(*KINDS))
        self.ledger.quote(store.marks(), store.markets())
        self.figures = LiveFigures(self.ledger, store, clock=clock, demo=False, time_zone=ZONE.key, interval_seconds=10)
        kept = {memory.name: memory for memory in store.sources()}
        self.readers = [Reader(source, kept.get(source.name), 30) for source in sources]
        self.aggregator = Aggregator(
            self.readers,
            self.ledger,
            store,
            self.figures,
            clock=clock,
            interval_seconds=10,
            wait_seconds=wait_seconds,
            marks_days=marks_days,
            farewell=farewell,
        )

    async def tick(self, seconds: float = 10) -> dict[str, Any]:
        """Let time pass, make a tick, and return the snapshot that is shown."""
        self.clock.go(seconds)
        await self.aggregator.tick()
        return self.shown()

    def shown(self) -> dict[str, Any]:
        current = self.figures.current()
        assert current is not None
        found: dict[str, Any] = json.loads(current[1])
        return found


@pytest.fixture
def path(tmp_path: Path) -> str:
    return empty_file(tmp_path / "pnl.db")


@pytest.fixture
def store(path: str) -> Iterator[Store]:
    store = open_store(path, demo=False)
    store.lead()
    yield store
    store.close()


def as_record(one: Fill) -> Record:
    return Record(source="kalshi", kind="fill", id=one.id, effective_at=one.at, fact=one, raw="{}")


def quote(bid: int, at: datetime = NOON) -> Mark:
    return Mark(
        ticker="KXTEST",
        at=at,
        status="active",
        yes_bid=bid * CENT,
        yes_ask=(bid + 2) * CENT,
        no_bid=(98 - bid) * CENT,
        no_ask=(100 - bid) * CENT,
        last=bid * CENT,
        settlement_value=None,
    )


def report(cash: str, at: datetime = NOON, **positions: ReportedPosition) -> Report:
    return Report(at=at, positions=positions, cash=nano(cash), portfolio_value=0, in_motion=False, backfilled=True)


def reported(position: str, exposure: str, traded: str, fees: str = "0", realised: str = "0") -> ReportedPosition:
    return ReportedPosition(
        ticker="KXTEST",
        position=int(float(position) * 100),
        exposure=nano(exposure),
        realised=nano(realised),
        fees=nano(fees),
        total_traded=nano(traded),
        updated_at=None,
    )


TITLE = Market(ticker="KXTEST", event_ticker="KX", title="A test market", close_time=NOON + timedelta(days=9))


RENT = RevenueEntry(
    id="rent",
    version=1,
    date=date(2026, 11, 20),
    amount=-49 * DOLLAR,
    fee=0,
    currency="USD",
    kind="operating_cost",
    status="settled",
    description="",
)


def kalshi_day(bid: int = 50) -> Reading:
    bought = fill("yes", "10", "0.40", "0.17", at=NOON - timedelta(hours=1), name="first")
    return reading(
        NOON,
        as_record(bought),
        marks=(quote(bid),),
        markets=(TITLE,),
        report=report("95.83", KXTEST=reported("10", "4", "4", "0.17")),
    )


async def test_the_first_tick_shows_what_was_read(store: Store) -> None:
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))

    shown = await house.tick()

    assert shown["seq"] == 1
    assert shown["lines"]["trading_fees"] == "-0.17"
    assert shown["lines"]["trading_unrealised"] == "0"
    assert shown["positions"][0]["unrealised"] == "1.00"
    assert shown["account"] == {"cash": "95.8300", "positions_value": "5.00", "exposure": "4.00", "equity": "100.8300"}
    assert shown["complete"] is False
    assert "api_cost" in shown["missing"]
    assert shown["lines"]["api_cost"] is None
    assert shown["checks"]["failed"] == 0
    assert shown["flags"] == ["opening_estimated"]


async def test_unrealised_is_the_change_since_the_opening(store: Store) -> None:
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day(50), kalshi_day(53)))
    await house.tick()

    house.readers[0].source.answers[0] = reading(NOON, marks=(quote(53, NOON + timedelta(seconds=15)),))  # type: ignore[attr-defined]  # the scripted source's own
    shown = await house.tick()

    assert shown["lines"]["trading_unrealised"] == "0.30"
    assert shown["net"] == "0.13"
    assert shown["net_realised"] == "-0.17"


async def test_a_source_that_hangs_delays_nobody_and_serves_a_later_tick(store: Store) -> None:
    slow = ScriptedSource("anthropic", reading(NOON))
    slow.gate = asyncio.Event()
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()), slow, wait_seconds=0.05)

    first = await house.tick()
    assert first["sources"]["kalshi"]["status"] == "live"
    assert first["sources"]["anthropic"]["status"] == "down"

    slow.gate.set()
    second = await house.tick()
    assert second["sources"]["anthropic"]["status"] == "live"
    assert len(slow.cursors) == 1


async def test_a_source_that_fails_keeps_its_last_good_value_with_its_age(store: Store) -> None:
    error = SourceUnreachable("kalshi", "no answer within 3 s")
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day(), error))
    good = await house.tick()

    shown = await house.tick()

    assert shown["sources"]["kalshi"]["status"] == "cached"
    assert shown["sources"]["kalshi"]["error"] == "no answer within 3 s"
    assert shown["sources"]["kalshi"]["as_of"] == good["sources"]["kalshi"]["as_of"]
    assert shown["lines"] == good["lines"]
    assert shown["finality"] == "estimated"
    later = await house.tick(60)
    assert later["sources"]["kalshi"]["status"] == "stale"
    assert later["net"] == good["net"]


async def test_an_adapter_with_a_bug_spoils_only_itself(store: Store) -> None:
    house = House(
        store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()), ScriptedSource("anthropic", KeyError("row"))
    )

    shown = await house.tick()

    assert shown["sources"]["kalshi"]["status"] == "live"
    assert "KeyError" in shown["sources"]["anthropic"]["error"]


async def test_a_restart_goes_on_where_it_was(store: Store, path: str) -> None:
    clock = StillClock(NOON)
    before = House(store, clock, ScriptedSource("kalshi", kalshi_day()))
    shown = await before.tick()
    await before.aggregator.close()
    store.close()

    again = open_store(path, demo=False)
    again.lead()
    down = ScriptedSource("kalshi", SourceUnreachable("kalshi", "connection refused"))
    after = House(again, clock, down)
    later = await after.tick()

    assert later["seq"] == 2
    assert down.cursors == ["{}"]
    assert {k: later[k] for k in ("lines", "net", "positions", "account", "day")} == {
        k: shown[k] for k in ("lines", "net", "positions", "account", "day")
    }
    assert later["sources"]["kalshi"]["status"] == "cached"
    again.close()


async def test_missed_ticks_are_a_gap_and_no_invented_number(store: Store) -> None:
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))
    await house.tick()

    shown = await house.tick(60)

    gaps = store.gaps(NOON, NOON + timedelta(hours=1))
    assert [(gap.missed, gap.reason) for gap in gaps] == [(5, "no tick was made in time")]
    assert shown["seq"] == 2


class Refusing:
    """The store, out of order for a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.broken = {"keep": False, "sort": False}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        if self.broken.get(name):
            raise StoreUnavailable("disk full")
        return getattr(self._store, name)


class Overtaking:
    """The store, in which somebody enters `entry` just before a tick is kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.entry: RevenueEntry | None = None
        self.tried = 0

    def keep(self, tick: Tick) -> None:
        self.tried += 1
        if self.entry:
            entry, self.entry = self.entry, None
            self._store.enter(entry, replaces=None, actor="somebody", at=tick.snapshot.as_of)
        self._store.keep(tick)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)


@pytest.mark.parametrize("what", ["keep", "sort"])
async def test_what_the_store_could_not_take_is_kept_by_the_next_tick(store: Store, what: str) -> None:
    refusing = Refusing(store)
    second = fill("yes", "5", "0.42", at=NOON + timedelta(seconds=12), name="second")
    source = ScriptedSource("kalshi", kalshi_day(), reading(NOON, as_record(second)), reading(NOON))
    house = House(refusing, StillClock(NOON), source)
    first = await house.tick()

    refusing.broken[what] = True
    during = await house.tick()
    assert during == first
    assert house.figures.health()[0] == "failing"
    assert "disk full" in str(house.figures.health()[1]["trouble"])

    refusing.broken[what] = False
    after = await house.tick()
    assert after["seq"] == 2
    assert after["positions"][0]["position"] == "15.00"
    assert [record.id for record in store.facts("fill")] == ["first", "second"]
    assert house.figures.health()[0] == "ok"


async def test_a_clock_that_goes_back_never_takes_the_snapshots_with_it(store: Store) -> None:
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))
    first = await house.tick()

    second = await house.tick(-3600)

    assert second["seq"] == 2
    assert second["as_of"] > first["as_of"]


async def test_a_manual_entry_is_in_the_next_snapshot(store: Store) -> None:
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))
    await house.tick()
    house.figures.enter(RENT, replaces=None, actor="somebody")
    shown = await house.tick()

    assert shown["lines"]["operating_cost"] == "-49.00"


async def test_a_manual_entry_that_comes_while_a_tick_is_made_is_in_that_tick(store: Store) -> None:
    late = Overtaking(store)
    house = House(late, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))
    await house.tick()
    late.entry = replace(RENT, id="late")

    shown = await house.tick()

    assert (shown["seq"], shown["lines"]["operating_cost"]) == (2, "-49.00")
    assert late.tried == 3
    (record,) = (record for record in store.facts("revenue") if record.id == "late")
    row = store.last_row()
    assert row is not None
    assert record.recorded_at is not None
    assert record.recorded_at <= row.as_of


async def test_checks_are_logged_once_there_is_something_to_hold_them_against(store: Store) -> None:
    source = ScriptedSource("kalshi", reading(NOON), kalshi_day(), kalshi_day())
    house = House(store, StillClock(NOON), source)
    for _ in range(3):
        await house.tick()

    found = store.check_history("I1_position", "KXTEST", None, None)

    assert [(one.seq, one.state, one.expected, one.actual) for one in found] == [(2, "ok", "10.00", "10.00")]
    assert store.paces() == [(NOON + timedelta(seconds=10), 10)]


async def test_old_marks_are_thinned_a_step_a_tick(store: Store) -> None:
    answers = [
        reading(NOON + timedelta(seconds=n), marks=(quote(50 + n, NOON + timedelta(seconds=n)),)) for n in range(9)
    ]
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", *answers), marks_days=7)
    for _ in range(9):
        await house.tick()
    with capture_logs() as logs:
        for seconds in (8.5 * 86_400, 10, 10):
            await house.tick(seconds)

    told = [log for log in logs if log["event"] == "old marks thinned"]
    assert told == [{"event": "old marks thinned", "log_level": "info", "day": "2026-11-20", "removed": 7}]


async def test_marks_that_cannot_be_thinned_now_are_thinned_later(store: Store) -> None:
    refusing = Refusing(store)
    refusing.broken["thin"] = True
    house = House(refusing, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))

    with capture_logs() as logs:
        shown = await house.tick()

    assert shown["seq"] == 1
    assert house.figures.health()[0] == "ok"
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["old marks not thinned"]


async def test_the_day_opens_with_the_row_that_closed_the_day_before(store: Store) -> None:
    midnight = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    source = ScriptedSource("kalshi", kalshi_day(50))
    house = House(store, StillClock(midnight - timedelta(seconds=15)), source)
    last = await house.tick()
    assert last["day"] == "2026-11-20"

    source.answers[0] = reading(midnight, marks=(quote(57, midnight),))
    first = await house.tick()

    assert first["day"] == "2026-11-21"
    assert first["lines"]["trading_unrealised"] == "0.70"
    assert "opening_estimated" not in first["flags"]
    assert first["lines"]["trading_fees"] == "0"


async def test_after_downtime_over_midnight_the_opening_is_estimated(store: Store) -> None:
    midnight = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    source = ScriptedSource("kalshi", kalshi_day(50))
    house = House(store, StillClock(midnight - timedelta(hours=2)), source)
    await house.tick()

    source.answers[0] = reading(midnight, marks=(quote(57, midnight),))
    shown = await house.tick(3 * 3600)

    assert shown["lines"]["trading_unrealised"] == "0"
    assert "opening_estimated" in shown["flags"]


async def test_ticks_are_whole_or_not_at_all(store: Store) -> None:
    kept: list[Tick] = []
    original = store.keep

    def spy(tick: Tick) -> None:
        kept.append(tick)
        original(tick)

    house = House(store, StillClock(NOON), ScriptedSource("kalshi", kalshi_day()))
    store.keep = spy  # type: ignore[method-assign]  # looked over the shoulder
    await house.tick()

    assert len(kept) == 1
    assert {record.kind for record in kept[0].records} == {"fill", "balance"}
    assert store.current() == house.shown()


async def test_a_gap_after_a_process_that_gave_up_says_so_and_no_later_gap_does(store: Store, tmp_path: Path) -> None:
    clock = StillClock(NOON)

    def started() -> House:
        return House(store, clock, ScriptedSource("kalshi", reading(NOON)), farewell=Farewell(tmp_path))

    first = started()
    await first.tick()
    first.aggregator.give_up()
    await started().tick(120)
    await started().tick(120)

    gaps = store.gaps(NOON, NOON + timedelta(hours=1))
    assert [gap.reason for gap in gaps] == [
        "ticks had stopped; the process ended itself",
        "the product was not running",
    ]


async def test_a_gap_in_which_nothing_could_be_kept_is_counted_as_such(store: Store) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("pnl_gaps_total", {"reason": "refused"}) or 0

    before, keep = counted(), store.keep
    house = House(store, StillClock(NOON), ScriptedSource("kalshi", reading(NOON)))
    await house.tick()

    def refuse(tick: Tick) -> None:
        del tick
        raise StoreUnavailable("neither database nor spool takes it")

    store.keep = refuse  # type: ignore[method-assign]  # stands in for a disk and a spool that are full
    await house.tick()
    store.keep = keep  # type: ignore[method-assign]  # there is room again
    await house.tick()

    assert [gap.reason for gap in store.gaps(NOON, NOON + timedelta(hours=1))] == ["no snapshot could be kept"]
    assert counted() == before + 1


def test_a_note_is_written_in_the_room_that_was_laid_by_for_it(tmp_path: Path) -> None:
    farewell = Farewell(tmp_path)
    farewell.lay_by()
    (note,) = tmp_path.iterdir()
    before = note.stat()

    farewell.refused(5)
    farewell.lay_by()

    after = note.stat()
    assert (after.st_ino, after.st_size, after.st_blocks) == (before.st_ino, before.st_size, before.st_blocks)
    assert farewell.refused_after(5)
    assert not farewell.was_after(5)
    assert not farewell.refused_after(6)


def test_a_folder_that_cannot_be_written_to_keeps_nobody_from_giving_up(tmp_path: Path) -> None:
    farewell = Farewell(tmp_path / "nowhere")

    with capture_logs() as logs:
        farewell.write(5)

    assert [one["event"] for one in logs] == ["it could not be noted why ticks ended"]
    assert not farewell.was_after(5)
