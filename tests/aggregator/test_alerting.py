"""Rules are looked at with every tick, from the snapshot that is shown, and what comes of it is kept with it."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.tick import Aggregator
from pnl.alerts.book import InForce
from pnl.alerts.watch import High, Watch, month_cost
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.alerts.states import State
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.money import CENT, DOLLAR, nano
from pnl.domain.records import KINDS, Mark, Record, RevenueEntry
from pnl.errors import SourceUnreachable, StoreUnavailable
from pnl.ports import Reading, Tick
from pnl.store import SqlStore, open_store
from tests.domain.strategies import fill
from tests.empty_books import empty_file
from tests.fakes import ScriptedSource, StillClock, reading

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def a_rule(**more: object) -> Rule:
    given = {"name": "Loss", "figure": "net", "when": "below", "amount": "-100", "receivers": ["on-call"]}
    return read(given | more, rule_id="page-1", origin="page")


def traded() -> Reading:
    """Return a first reading of Kalshi, by which ten contracts were bought for a fee of 17 cents."""
    bought = fill("yes", "10", "0.40", "0.17", at=NOON, name="first")
    mark = Mark(
        ticker="KXTEST",
        at=NOON,
        status="active",
        yes_bid=50 * CENT,
        yes_ask=52 * CENT,
        no_bid=48 * CENT,
        no_ask=50 * CENT,
        last=50 * CENT,
        settlement_value=None,
    )
    record = Record(source="kalshi", kind="fill", id=bought.id, effective_at=bought.at, fact=bought, raw="{}")
    return reading(NOON, record, marks=(mark,))


class House:
    """A company that earns what a test says, and its rules."""

    def __init__(
        self, store: SqlStore, clock: StillClock, *rules: Rule, sources: Sequence[ScriptedSource] = ()
    ) -> None:
        self.store, self.clock = store, clock
        self.in_force = InForce(rules=rules)
        ledger = Ledger(Calendar(ZONE))
        ledger.take(store.facts(*KINDS))
        figures = LiveFigures(ledger, store, clock=clock, demo=False, time_zone=ZONE.key, interval_seconds=10)
        last = store.last_row()
        watch = Watch(
            store.alerts(),
            lambda: self.in_force,
            budget=500 * DOLLAR,
            interval_seconds=10,
            high=High(last.day, store.highest(last.day)) if last else High(),
        )
        kept = {memory.name: memory for memory in store.sources()}
        readers = [Reader(source, kept.get(source.name), 30) for source in sources]
        self.aggregator = Aggregator(readers, ledger, store, figures, clock=clock, interval_seconds=10, watch=watch)
        self.figures = figures
        self.entered = 0

    async def tick(self, earned: str | None = None, seconds: float = 10) -> Any:  # noqa: ANN401 - JSON
        """Let time pass, earn or spend, make a tick, and return what the snapshot tells of the alerts."""
        self.clock.go(seconds)
        if earned is not None:
            self.entered += 1
            entry = RevenueEntry(
                id=f"{self.clock.at:%H%M%S}",
                version=1,
                date=Calendar(ZONE).day(self.clock.at),
                amount=nano(earned),
                fee=0,
                currency="USD",
                kind="adjustment",
                status="settled",
                description="",
            )
            self.figures.enter(entry, replaces=None, actor="test")
        await self.aggregator.tick()
        shown = self.store.current() or {}
        return shown.get("alerts")

    def state(self) -> State:
        """Return how the first rule does."""
        _, board = self.store.alerts().board()
        return next(state for _, state in board.standing.values())

    def outbox(self) -> list[tuple[str, str]]:
        """Return what is to be sent, of each incident the first."""
        return [(one.receiver, one.event.action) for one in self.store.alerts().due(self.clock.at)]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_file(tmp_path / "pnl.db")


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = open_store(url, demo=False)
    made.lead()
    yield made
    made.close()


async def test_a_snapshot_tells_what_fires_from_its_own_figures(store: SqlStore) -> None:
    house = House(store, StillClock(NOON), a_rule(severity="critical"))

    assert (await house.tick("0"))["firing"] == 0
    fired = await house.tick("-150")
    assert (await house.tick("100")) == {"firing": 0, "critical": 0, "worst": [], "changed": 3}

    assert fired == {
        "firing": 1,
        "critical": 1,
        "worst": [{"name": "Loss", "since": "2026-11-20T17:00:20.000Z"}],
        "changed": 2,
    }
    over, began = store.alerts().events(None, None, 9)
    assert (began.seq, over.seq) == (2, 3)
    assert began.event.value == -150 * DOLLAR
    assert house.outbox() == [("on-call", "trigger")]


async def test_without_a_rule_a_snapshot_says_nothing_of_alerts(store: SqlStore) -> None:
    house = House(store, StillClock(NOON))

    assert await house.tick("-150") is None
    assert "alerts" not in (store.current() or {})
    assert store.alerts().board()[0] == 0


async def test_a_restart_between_the_beginning_and_the_end_goes_on_with_the_incident(store: SqlStore, url: str) -> None:
    clock = StillClock(NOON)
    house = House(store, clock, a_rule())
    await house.tick("-150")
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    house = House(again, clock, a_rule())
    still = await house.tick()
    (message,) = again.alerts().due(clock.at)
    again.alerts().claim(message.number, clock.at, clock.at)
    again.alerts().settle(message.number, "sent", None, clock.at)
    over = await house.tick("150")

    assert (still["firing"], over["firing"]) == (1, 0)
    assert house.outbox() == [("on-call", "resolve")]
    assert [one.event.action for one in again.alerts().events(None, None, 9)] == ["resolve", "trigger"]
    again.close()


async def test_a_rule_that_waits_goes_on_waiting_after_a_restart(store: SqlStore, url: str) -> None:
    clock = StillClock(NOON)
    rule = a_rule(**{"for": "25s"})
    house = House(store, clock, rule)
    await house.tick("-150")
    await house.tick()
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    house = House(again, clock, rule)

    assert (await house.tick())["firing"] == 0
    assert (await house.tick())["firing"] == 1
    again.close()


class Refusing:
    """A store that refuses a tick now and then."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self.refuse = store, False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)

    def keep(self, tick: Tick) -> None:
        if self.refuse:
            raise StoreUnavailable("database is locked")
        self._store.keep(tick)


async def test_a_tick_that_is_not_kept_is_looked_at_anew(store: SqlStore) -> None:
    refusing: Any = Refusing(store)
    house = House(refusing, StillClock(NOON), a_rule())
    await house.tick("0")
    refusing.refuse = True
    await house.tick("-150")
    assert house.outbox() == []

    refusing.refuse = False
    await house.tick()

    assert house.outbox() == [("on-call", "trigger")]
    (began,) = store.alerts().events(None, None, 9)
    assert began.seq == 2


async def test_the_drawdown_is_from_the_highest_of_the_day_also_after_a_restart(store: SqlStore, url: str) -> None:
    clock = StillClock(NOON)
    rule = a_rule(figure="drawdown", when="at_least", amount="80")
    house = House(store, clock, rule)
    await house.tick("100")
    assert (await house.tick("-79.99"))["firing"] == 0
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    house = House(again, clock, rule)
    assert (await house.tick("-0.01"))["firing"] == 1
    tomorrow = await house.tick(seconds=86_400)

    assert tomorrow["firing"] == 0
    again.close()


async def test_a_net_that_is_not_complete_neither_fires_nor_ends_anything(store: SqlStore, url: str) -> None:
    clock = StillClock(NOON)
    kalshi = ScriptedSource("kalshi", SourceUnreachable("kalshi", "no route"))
    house = House(store, clock, a_rule(), sources=[kalshi])

    assert (await house.tick("-150"))["firing"] == 0
    assert (house.state().value, house.state().missing) == (None, "net is incomplete without kalshi")
    kalshi.answers = deque([traded()])
    assert (await house.tick())["firing"] == 1
    assert house.state().value == nano("-150.17")
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    costs = ScriptedSource("anthropic", SourceUnreachable("anthropic", "no route"))
    house = House(again, clock, a_rule(), sources=[kalshi, costs])
    assert (await house.tick("500"))["firing"] == 1
    assert (house.state().phase, house.state().value) == ("firing", None)
    assert house.state().missing == "net is incomplete without api_cost"
    assert [one.event.action for one in again.alerts().events(None, None, 9)] == ["trigger"]
    again.close()

    last = open_store(url, demo=False)
    last.lead()
    house = House(last, clock, a_rule(), sources=[kalshi])  # the API is not connected any more
    assert (await house.tick())["firing"] == 0
    assert house.state().value == nano("349.83")
    last.close()


async def test_a_line_that_is_known_is_watched_while_the_net_is_not(store: SqlStore) -> None:
    kalshi = ScriptedSource("kalshi", SourceUnreachable("kalshi", "no route"))
    house = House(store, StillClock(NOON), a_rule(figure="adjustments"), sources=[kalshi])

    assert (await house.tick("-150"))["firing"] == 1
    assert (await house.tick("100"))["firing"] == 0


async def test_what_a_source_takes_away_when_it_first_answers_is_no_drawdown(store: SqlStore, url: str) -> None:
    clock = StillClock(NOON)
    rule = a_rule(figure="drawdown", when="at_least", amount="0.10")
    kalshi = ScriptedSource("kalshi", SourceUnreachable("kalshi", "no route"))
    house = House(store, clock, rule, sources=[kalshi])
    await house.tick("100")
    assert house.state().missing == "net is incomplete without kalshi"
    kalshi.answers = deque([traded()])

    assert (await house.tick())["firing"] == 0
    assert house.state().value == 0
    store.close()
    again = open_store(url, demo=False)
    again.lead()
    house = House(again, clock, rule, sources=[kalshi])
    assert (await house.tick())["firing"] == 0
    assert (await house.tick("-0.10"))["firing"] == 1
    again.close()


async def test_two_ticks_that_read_nothing_new_write_no_message_twice(store: SqlStore) -> None:
    house = House(store, StillClock(NOON), a_rule())
    for _ in range(3):
        await house.tick("-150")

    assert len(store.alerts().events(None, None, 9)) == 1
    assert house.outbox() == [("on-call", "trigger")]


def test_the_month_is_the_sum_of_its_days_up_to_today() -> None:
    class Costs(Ledger):
        def api_cost(self, day: Any) -> Any:  # noqa: ANN401 - a day, and what it cost
            known = day.day % 10 * DOLLAR if day.day > 2 else None
            return replace(super().api_cost(day), amount=known)

    ledger = Costs(Calendar(ZONE))

    assert month_cost(ledger, NOON.date()) == sum(number % 10 for number in range(3, 21)) * DOLLAR
    assert month_cost(ledger, NOON.date().replace(day=2)) is None
